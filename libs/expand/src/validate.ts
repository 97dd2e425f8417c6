// Generated Applications in, each with whether it may be written, and what is wrong with those that may not out.
import type { Application, Destination } from '@wheelwright/intent';
import { AppError, canonicalJson, holdsWebUserinfo, normaliseRepoUrl, type JsonObject } from '@wheelwright/kernel';
import { IN_CLUSTER_NAME, IN_CLUSTER_SERVER, normaliseServer } from './destinations.js';
import type { Candidate } from './application-renderer.js';
import type { RegisteredAnswer, RegisteredRequest } from './facts.js';
import type { ExpandedApplication, ExpandIssue } from './types.js';

const LONGEST_NAME = 253;
const NAME = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/;
const DEFAULT_PROJECT = 'default';

interface Known {
  readonly projects: ReadonlySet<string>;
  readonly servers: ReadonlySet<string>;
  readonly names: ReadonlySet<string>;
  /** What is wrong with an address of a repository, once it was looked at. */
  readonly addresses: Map<string, string | undefined>;
}

interface Problem {
  readonly code: string;
  readonly message: string;
  readonly pointer: string;
}

/** What must be known of destinations and projects to judge these. */
export function registeredRequestOf(
  candidates: readonly Candidate[],
): RegisteredRequest & { readonly kind: 'registered' } {
  const names = new Set<string>();
  const servers = new Set<string>();
  const projects = new Set<string>();
  for (const { application } of candidates) {
    const { destination, project } = application.spec;
    projects.add(project);
    if (destination.name !== undefined) names.add(destination.name);
    if (destination.server !== undefined) servers.add(normaliseServer(destination.server));
  }
  return { kind: 'registered', names: [...names].sort(), servers: [...servers].sort(), projects: [...projects].sort() };
}

/**
 * Sorts by name and judges each Application on its own: a fault of one never stops another. Of several with one name a single entry is left,
 * invalid, so that what exists under that name stays as it is. Issues follow the order of the Applications.
 */
export function validateApplications(
  candidates: readonly Candidate[],
  registered: RegisteredAnswer,
): { readonly applications: readonly ExpandedApplication[]; readonly issues: readonly ExpandIssue[] } {
  const known: Known = {
    projects: new Set([DEFAULT_PROJECT, ...registered.projects]),
    servers: new Set([IN_CLUSTER_SERVER, ...registered.servers.map(normaliseServer)]),
    names: new Set([IN_CLUSTER_NAME, ...registered.names]),
    addresses: new Map(),
  };
  const byName = new Map<string, Candidate[]>();
  for (const candidate of candidates) {
    const { name } = candidate.application.metadata;
    const group = byName.get(name);
    if (group === undefined) byName.set(name, [candidate]);
    else group.push(candidate);
  }
  const judged = [...byName.keys()].sort().map((name) => judge(byName.get(name) ?? [], known));
  return { applications: judged.flatMap(({ entry }) => entry), issues: judged.flatMap(({ issues }) => issues) };
}

function judge(
  group: readonly Candidate[],
  known: Known,
): { readonly entry: readonly ExpandedApplication[]; readonly issues: readonly ExpandIssue[] } {
  const candidate = group.length < 2 ? group[0] : firstOf(group);
  if (candidate === undefined) return { entry: [], issues: [] };
  const { application } = candidate;
  const { name } = application.metadata;
  const problems = group.length > 1 && name !== '' ? [duplicate(group.length)] : problemsOf(application, known);
  const issues = problems.map((problem): ExpandIssue => ({ severity: 'error', ...problem, application: name }));
  return { entry: [{ ...candidate, valid: problems.length === 0 }], issues };
}

/** Of several with one name always the same one, whatever order they come in. */
function firstOf(group: readonly Candidate[]): Candidate | undefined {
  const texts = group.map((candidate) => ({ candidate, text: textOf(candidate.application) }));
  return texts.sort((a, b) => (a.text < b.text ? -1 : 1))[0]?.candidate;
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
    ...sourceProblems(application, known),
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

function sourceProblems({ spec }: Application, known: Known): readonly Problem[] {
  const several = spec.sources !== undefined && spec.sources.length > 0;
  const sources = several ? (spec.sources ?? []) : spec.source === undefined ? [] : [spec.source];
  const pointer = several ? '/spec/template/spec/sources' : '/spec/template/spec/source';
  if (sources.length === 0)
    return [{ code: 'InvalidSource', message: 'there is neither source nor sources: give one', pointer }];
  return sources.flatMap(({ repoURL }, index) => {
    const message = known.addresses.has(repoURL) ? known.addresses.get(repoURL) : addressProblem(repoURL);
    known.addresses.set(repoURL, message);
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
