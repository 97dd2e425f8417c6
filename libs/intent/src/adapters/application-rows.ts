// A declared Application in, the row that the catalogue keeps of it out.
import { AppError, digestOf, holdsWebUserinfo, normaliseRepoUrl, type JsonObject } from '@wheelwright/kernel';
import type { Application, ApplicationSource } from '../types.js';

/** One Application as the write statement takes it: what was declared, and the names by which it finds its spoke and its repository. */
export interface ApplicationRow extends JsonObject {
  readonly name: string;
  readonly namespace: string;
  readonly project: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly finalizers: readonly string[];
  readonly spec: JsonObject;
  readonly digest: string;
  readonly server: string | null;
  readonly cluster_name: string | null;
  /** Null where the source is no Git repository. */
  readonly repo_url: string | null;
  readonly target_revision: string;
  readonly source_path: string;
}

/** Finalizer that asks for the live objects to be deleted with the Application. */
export const RESOURCES_FINALIZER = 'resources-finalizer.argocd.argoproj.io';

/** Builds the row. Throws InvalidDocument where the address of a repository cannot be used. */
export function applicationRow({ metadata, spec }: Application): ApplicationRow {
  const source = spec.sources?.[0] ?? spec.source;
  const { name, namespace, labels, annotations, finalizers } = metadata;
  const json = spec as typeof spec & JsonObject;
  return {
    name,
    namespace,
    project: spec.project,
    labels,
    annotations,
    finalizers,
    spec: json,
    digest: digestOf({ spec: json, labels, annotations, finalizers }),
    server: spec.destination.server === undefined ? null : trimServer(spec.destination.server),
    cluster_name: spec.destination.name ?? null,
    repo_url: repositoryOf(source),
    target_revision: revisionOf(source?.targetRevision),
    source_path: source?.path ?? '',
  };
}

/** An absent or empty revision is `HEAD`. */
export function revisionOf(revision: string | undefined): string {
  return revision === undefined || revision === '' ? 'HEAD' : revision;
}

/** The identity of a repository for its poller. Throws InvalidDocument; an address that is kept as written may not name a user. */
export function repositoryUrl(repoURL: string, pointer: string): string {
  const refuse = (message: string): AppError =>
    new AppError('InvalidDocument', message, { faults: [{ pointer, message }] });
  if (holdsWebUserinfo(repoURL))
    throw refuse("The repository's address names a user: leave out what stands before the @");
  try {
    return normaliseRepoUrl(repoURL);
  } catch (error) {
    throw error instanceof AppError ? refuse(error.message) : error;
  }
}

/** A chart comes from a Helm repository, which no Git poller can ask. */
function repositoryOf(source: ApplicationSource | undefined): string | null {
  if (source === undefined || (source.chart ?? '') !== '') return null;
  return repositoryUrl(source.repoURL, '/spec/source/repoURL');
}

function trimServer(server: string): string {
  let end = server.length;
  while (end > 0 && server[end - 1] === '/') end -= 1;
  return server.slice(0, end);
}
