// A set and the facts of a complete run in, the rows of the reverse index that it needs out: what it reads, and what it missed.
import {
  dependenciesOf,
  organisationSubject,
  pullRequestSubject,
  type ApplicationSet,
  type RepositoryDependency,
} from '@wheelwright/intent';
import { normaliseRepoUrl } from '@wheelwright/kernel';
import {
  DEPENDENCY_KINDS,
  missingDestination,
  replaceDependencies,
  type DependencyRow,
} from '@wheelwright/platform-store';
import type { PoolClient } from 'pg';
import { IN_CLUSTER_NAME, IN_CLUSTER_SERVER } from '../destinations.js';
import type { FactRequest, RegisteredAnswer, RegisteredRequest } from '../facts.js';
import type { GatheredFact } from './gatherer.js';

type Reading = Pick<RepositoryDependency, 'repoURL' | 'revision' | 'pattern'>;

/**
 * Brings the rows of the set into line with what the run read: what generators filled in for each other is known only now, and what is missing is
 * what a registration may bring. Writes only what differs.
 * @param denied names of the projects that refused one of its Applications
 */
export async function recordDependencies(
  client: PoolClient,
  setId: string,
  run: { readonly set: ApplicationSet; readonly facts: readonly GatheredFact[]; readonly denied: readonly string[] },
): Promise<void> {
  const { clusters, repositories, pullRequests, inputs } = dependenciesOf(run.set);
  const read = withOpenOnes(repositories, run.facts);
  const ids = await repositoryIds(client, read);
  const subjects = [...pullRequests, ...run.facts.flatMap(({ request }) => hostSubjects(request))];
  const rows: readonly DependencyRow[] = [
    ...clusters.map(({ term, selector }) => ({ kind: 'clusters' as const, subject: term, pattern: selector })),
    ...read.flatMap(({ repoURL, revision, pattern }): readonly DependencyRow[] => {
      const subject = ids.get(normaliseRepoUrl(repoURL));
      return subject === undefined ? [] : [{ kind: 'repository', subject, revision, pattern }];
    }),
    ...subjects.map((subject) => ({ kind: 'pullRequests' as const, subject })),
    ...inputs.map((subject) => ({ kind: 'input' as const, subject })),
    ...run.facts.flatMap(missingRows),
    ...run.denied.map((project) => ({ kind: 'missing-project' as const, subject: project })),
  ];
  await replaceDependencies(client, setId, { kinds: DEPENDENCY_KINDS, rows });
}

/** What the generators name as it stands, and besides the revisions that others filled in. */
function withOpenOnes(known: readonly Reading[], facts: readonly GatheredFact[]): readonly Reading[] {
  const isKnown = new Set(known.map(({ repoURL, revision }) => `${repoURL}#${revision}`));
  const open = facts.flatMap(({ request }) => readingsOf(request));
  return [...known, ...open.filter(({ repoURL, revision }) => !isKnown.has(`${repoURL}#${revision}`))];
}

function readingsOf(request: FactRequest): readonly Reading[] {
  if (request.kind === 'directories') {
    const { repoURL, revision } = request;
    return [{ repoURL, revision, pattern: 'directories:' }];
  }
  if (request.kind !== 'files') return [];
  const { repoURL, revision, patterns } = request;
  return patterns
    .filter(({ exclude }) => exclude !== true)
    .map(({ path }) => ({ repoURL, revision, pattern: `files:${path}` }));
}

function hostSubjects(request: FactRequest): readonly string[] {
  if (request.kind === 'pullRequests') return [pullRequestSubject(request.generator)];
  return request.kind === 'repositories' ? [organisationSubject(request.generator)] : [];
}

/** Rows of repositories by their normal address; they are there since the repository was asked for. */
async function repositoryIds(client: PoolClient, read: readonly Reading[]): Promise<ReadonlyMap<string, string>> {
  if (read.length === 0) return new Map();
  const { rows } = await client.query<{ url: string; id: string }>(
    `SELECT url, id FROM repositories WHERE url = ANY ($1::text[])`,
    [[...new Set(read.map(({ repoURL }) => normaliseRepoUrl(repoURL)))]],
  );
  return new Map(rows.map(({ url, id }) => [url, id]));
}

/** The hub itself and the default project need no row. */
const ALWAYS_THERE = [IN_CLUSTER_NAME, IN_CLUSTER_SERVER, 'default'];

function missingRows({ request, answer }: GatheredFact): readonly DependencyRow[] {
  if (request.kind !== 'registered') return [];
  const found = answer as RegisteredAnswer;
  const missingOf = (kind: keyof RegisteredAnswer & keyof RegisteredRequest): readonly string[] => {
    const known = new Set([...found[kind], ...ALWAYS_THERE]);
    return request[kind].filter((value) => !known.has(value));
  };
  return [
    ...missingOf('names').map((name) => ({ kind: 'missing' as const, subject: missingDestination({ name }) })),
    ...missingOf('servers').map((server) => ({ kind: 'missing' as const, subject: missingDestination({ server }) })),
    ...missingOf('projects').map((project) => ({ kind: 'missing-project' as const, subject: project })),
  ];
}
