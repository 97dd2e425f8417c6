// An Application, its project, its spoke and its objects in; whether they may be deployed there out.
import type { Application, AppProject } from '@wheelwright/intent';
import { permitsCluster, permitsDestination, type DestinationPlace } from './destination.js';
import { permitsKind, type CheckedObject } from './kind.js';
import { permitsScope, type ClusterScope } from './scope.js';
import { serviceAccountFor } from './service-account.js';
import { permitsSource } from './source.js';
import { permitsSourceNamespace } from './source-namespace.js';
import type { Verdict, Violation } from './types.js';

/** The project that exists even if nobody declared it, with what Argo CD ships: it permits everything, and Applications wherever they are. */
export const DEFAULT_PROJECT: AppProject = {
  metadata: { name: 'default', namespace: 'argocd', labels: {}, annotations: {}, finalizers: [] },
  spec: {
    sourceRepos: ['*'],
    sourceNamespaces: ['*'],
    destinations: [{ server: '*', namespace: '*' }],
    clusterResourceWhitelist: [{ group: '*', kind: '*' }],
  },
};

/** The registered spoke that a destination names. */
export interface CheckedCluster extends ClusterScope {
  readonly name: string;
  readonly server: string;
  /** The project that it is registered for, or empty. */
  readonly project: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** What can be checked of an Application before anything of it is rendered. */
export interface ApplicationCheck {
  readonly project: AppProject;
  readonly application: Application;
  /** Absent: the destination names no registered spoke, so that only what does not depend on it is checked. */
  readonly cluster?: CheckedCluster | undefined;
}

export interface ProjectCheck extends ApplicationCheck {
  readonly cluster: CheckedCluster;
  readonly objects: readonly CheckedObject[];
}

/**
 * Checks an Application without its objects: its namespace, its sources, its destination, and who the hub would be there. The one rule for apply,
 * expand and the worker. All violations are told, each once.
 */
export function checkApplication(check: ApplicationCheck): Verdict {
  return verdictOf(violationsOf(check));
}

/** Checks what {@link checkApplication} does, every object, and what the spoke itself is registered for. All violations are told, each once. */
export function checkProject(check: ProjectCheck): Verdict {
  const { project, cluster, objects } = check;
  const namespaces = new Set(objects.filter(({ namespaced }) => namespaced).map(({ key }) => key.namespace));
  return verdictOf([
    ...violationsOf(check),
    ...[...namespaces].sort().flatMap((namespace) => permitsDestination(project, { ...placeOf(cluster), namespace })),
    ...objects.flatMap((object) => permitsKind(project, object)),
    ...objects.flatMap((object) => permitsScope(cluster, object)),
  ]);
}

function violationsOf({ project, application, cluster }: ApplicationCheck): readonly Violation[] {
  const { spec, metadata } = application;
  const sources = spec.sources !== undefined && spec.sources.length > 0 ? spec.sources : [spec.source];
  return [
    ...permitsSourceNamespace(project, metadata.namespace),
    ...sources.flatMap((source) => (source === undefined ? [] : permitsSource(project, source.repoURL))),
    ...(cluster === undefined ? [] : onCluster(project, application, cluster)),
  ];
}

function onCluster(project: AppProject, application: Application, cluster: CheckedCluster): readonly Violation[] {
  const namespace = application.spec.destination.namespace ?? '';
  const impersonation = serviceAccountFor(project, {
    server: cluster.server,
    namespace,
    applicationNamespace: application.metadata.namespace,
  });
  return [
    ...permitsCluster(project, cluster),
    ...permitsDestination(project, { ...placeOf(cluster), namespace }),
    ...(impersonation.kind === 'refused'
      ? [{ rule: 'destinationServiceAccounts', message: impersonation.problem }]
      : []),
  ];
}

function placeOf({ name, server, labels }: CheckedCluster): Omit<DestinationPlace, 'namespace'> {
  return { name, server, labels };
}

function verdictOf(violations: readonly Violation[]): Verdict {
  const distinct = new Map(violations.map((violation) => [`${violation.rule} ${violation.message}`, violation]));
  return { allowed: distinct.size === 0, violations: [...distinct.values()] };
}
