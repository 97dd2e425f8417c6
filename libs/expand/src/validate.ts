// Generated Applications in, each with whether it may be written, and what is wrong with those that may not out.
import type { Application, Destination } from '@wheelwright/intent';
import { AppError, canonicalJson, holdsWebUserinfo, normaliseRepoUrl, type JsonObject } from '@wheelwright/kernel';
import { IN_CLUSTER_NAME, IN_CLUSTER_SERVER, normaliseServer } from './destinations.js';
import type { ExpandedApplication, ExpandFacts, ExpandIssue } from './types.js';

const LONGEST_NAME = 253;
const NAME = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/;
const DEFAULT_PROJECT = 'default';

interface Known {
  readonly projects: ReadonlySet<string>;
  readonly servers: ReadonlySet<string>;
  readonly names: ReadonlySet<string>;
}

interface Problem {
  readonly code: string;
  readonly message: string;
  readonly pointer: string;
}

/**
 * Sorts by name and judges each Application on its own: a fault of one never stops another. Of several with one name a single entry is left,
 * invalid, so that what exists under that name stays as it is. Issues follow the order of the Applications.
 */
export function validateApplications(
  applications: readonly Application[],
  facts: ExpandFacts,
): { readonly applications: readonly ExpandedApplication[]; readonly issues: readonly ExpandIssue[] } {
  const known: Known = {
    projects: new Set([DEFAULT_PROJECT, ...facts.projects]),
    servers: new Set([IN_CLUSTER_SERVER, ...facts.clusters.map(({ server }) => normaliseServer(server))]),
    names: new Set([IN_CLUSTER_NAME, ...facts.clusters.map(({ name }) => name)]),
  };
  const byName = new Map<string, Application[]>();
  for (const application of applications) {
    const { name } = application.metadata;
    byName.set(name, [...(byName.get(name) ?? []), application]);
  }
  const judged = [...byName.keys()].sort().map((name) => judge(byName.get(name) ?? [], known));
  return { applications: judged.flatMap(({ entry }) => entry), issues: judged.flatMap(({ issues }) => issues) };
}

function judge(
  group: readonly Application[],
  known: Known,
): { readonly entry: readonly ExpandedApplication[]; readonly issues: readonly ExpandIssue[] } {
  const [application] = group.length < 2 ? group : [...group].sort((a, b) => (textOf(a) < textOf(b) ? -1 : 1));
  if (application === undefined) return { entry: [], issues: [] };
  const { name } = application.metadata;
  const problems = group.length > 1 && name !== '' ? [duplicate(group.length)] : problemsOf(application, known);
  const issues = problems.map((problem): ExpandIssue => ({ severity: 'error', ...problem, application: name }));
  return { entry: [{ application, valid: problems.length === 0 }], issues };
}

function textOf(application: Application): string {
  return canonicalJson(application as Application & JsonObject);
}

function duplicate(count: number): Problem {
  const message = `${String(count)} Applications have this name: make the template's name different for each parameter set`;
  return { code: 'DuplicateName', message, pointer: '/spec/template/metadata/name' };
}

function problemsOf(application: Application, known: Known): readonly Problem[] {
  const { project, destination } = application.spec;
  return [
    ...nameProblems(application.metadata.name),
    ...(known.projects.has(project)
      ? []
      : [
          {
            code: 'UnknownProject',
            message: `there is no project ${project}: apply it, or name another`,
            pointer: '/spec/template/spec/project',
          },
        ]),
    ...sourceProblems(application),
    ...destinationProblems(destination, known),
  ];
}

function nameProblems(name: string): readonly Problem[] {
  const pointer = '/spec/template/metadata/name';
  if (name === '') return [{ code: 'InvalidName', message: 'the name is empty', pointer }];
  if (name.length <= LONGEST_NAME && NAME.test(name)) return [];
  const message = `"${name.slice(0, 80)}" is not a valid name: at most ${String(LONGEST_NAME)} lower-case letters, digits, "-" and ".", with a letter or digit at both ends`;
  return [{ code: 'InvalidName', message, pointer }];
}

function sourceProblems({ spec }: Application): readonly Problem[] {
  const several = spec.sources !== undefined && spec.sources.length > 0;
  const sources = several ? (spec.sources ?? []) : spec.source === undefined ? [] : [spec.source];
  const pointer = several ? '/spec/template/spec/sources' : '/spec/template/spec/source';
  if (sources.length === 0)
    return [{ code: 'InvalidSource', message: 'there is neither source nor sources: give one', pointer }];
  return sources.flatMap(({ repoURL }, index) => {
    const message = addressProblem(repoURL);
    const at = several ? `${pointer}/${String(index)}/repoURL` : `${pointer}/repoURL`;
    return message === undefined ? [] : [{ code: 'InvalidSource', message, pointer: at }];
  });
}

function addressProblem(repoURL: string): string | undefined {
  if (holdsWebUserinfo(repoURL)) return "The repository's address names a user: leave out what stands before the @";
  try {
    normaliseRepoUrl(repoURL);
    return undefined;
  } catch (error) {
    if (error instanceof AppError) return error.message;
    throw error;
  }
}

function destinationProblems({ server, name }: Destination, known: Known): readonly Problem[] {
  const pointer = '/spec/template/spec/destination';
  if (server !== undefined && name !== undefined) {
    return [{ code: 'InvalidDestination', message: `the destination has both a server and a name: keep one`, pointer }];
  }
  if (name !== undefined) {
    const message = `no cluster is named ${name}: register it, or name another`;
    return known.names.has(name) ? [] : [{ code: 'UnknownDestination', message, pointer: `${pointer}/name` }];
  }
  if (server !== undefined) {
    const message = `no cluster has the address ${server}: register it, or name another`;
    return known.servers.has(normaliseServer(server))
      ? []
      : [{ code: 'UnknownDestination', message, pointer: `${pointer}/server` }];
  }
  return [
    { code: 'InvalidDestination', message: 'the destination has neither a server nor a name: give one', pointer },
  ];
}
