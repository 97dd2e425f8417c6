// For specs: a small world in, the answers to what an expansion asks of it out.
import { AppError, ClusterId, type JsonObject } from '@wheelwright/kernel';
import type { ApplicationSet } from '@wheelwright/intent';
import type { ClusterView } from '@wheelwright/registry';
import { chooseFiles } from '../choose-files.js';
import { normaliseServer } from '../destinations.js';
import { expand } from '../expand.js';
import {
  factKey,
  type FactAnswer,
  type FactRequest,
  type PullRequestFact,
  type RepositoriesAnswer,
  type DecisionsAnswer,
} from '../facts.js';
import { clusterMatches } from '../generate-clusters.js';
import type { ExpandResult } from '../types.js';

/** A world in short form. Trees and files are by `<address>#<revision>`. */
export interface World {
  readonly clusters?: readonly (Pick<ClusterView, 'name' | 'server'> & Partial<ClusterView>)[];
  /** Directories; where a revision has only files, those of the files. */
  readonly trees?: Readonly<Record<string, readonly string[]>>;
  readonly files?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly projects?: readonly string[];
  readonly repositories?: RepositoriesAnswer['repositories'];
  readonly pullRequests?: readonly PullRequestFact[];
  readonly decisions?: Pick<DecisionsAnswer, 'matchKey' | 'entries'>;
  /** Answers of plugins by the name of their ConfigMap. */
  readonly plugins?: Readonly<Record<string, readonly JsonObject[]>>;
}

/** How often an expansion may ask. */
const MAX_ROUNDS = 6;

/** Expands, answering from the world until nothing is missing; what the world cannot answer stays among the needs. */
export function expandIn(set: ApplicationSet, world: World): ExpandResult {
  const facts = new Map<string, FactAnswer>();
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const result = expand(set, facts);
    if (result.kind === 'complete') return result;
    const answers = result.requests.map((request) => [factKey(request), answerFact(request, world)] as const);
    if (answers.some(([, answer]) => answer === undefined)) return result;
    for (const [key, answer] of answers) if (answer !== undefined) facts.set(key, answer);
  }
  throw new AppError('ExpandFailed', `the expansion still asks after ${String(MAX_ROUNDS)} rounds`);
}

/** The answer of the world to one request; `undefined` where it has none. */
export function answerFact(request: FactRequest, world: World): FactAnswer | undefined {
  const clusters = (world.clusters ?? []).map(viewOf);
  switch (request.kind) {
    case 'clusters':
      return { clusters: clusters.filter((each) => clusterMatches(request.selector, each)), total: clusters.length };
    case 'registered':
      return {
        names: clusters.map(({ name }) => name).filter((name) => request.names.includes(name)),
        servers: clusters.map(({ server }) => normaliseServer(server)).filter((each) => request.servers.includes(each)),
        projects: (world.projects ?? []).filter((name) => request.projects.includes(name)),
      };
    case 'directories':
    case 'files':
      return answerTree(request, world);
    case 'repositories':
      return world.repositories === undefined ? undefined : { repositories: world.repositories };
    case 'pullRequests':
      return world.pullRequests === undefined ? undefined : { pullRequests: world.pullRequests };
    case 'decisions': {
      if (world.decisions === undefined) return undefined;
      const { matchKey, entries } = world.decisions;
      const named = new Set(entries.map((entry) => entry[matchKey]));
      return { matchKey, entries, clusters: clusters.filter(({ name }) => named.has(name)) };
    }
    case 'plugin': {
      const parameters = world.plugins?.[request.configMap];
      return parameters === undefined ? undefined : { parameters };
    }
  }
}

function answerTree(
  request: Extract<FactRequest, { readonly kind: 'directories' | 'files' }>,
  world: World,
): FactAnswer | undefined {
  const key = `${request.repoURL}#${request.revision}`;
  const files = world.files?.[key];
  if (request.kind === 'directories') {
    const directories = world.trees?.[key] ?? (files === undefined ? undefined : directoriesOf(Object.keys(files)));
    return directories === undefined ? undefined : { commit: 'c0ffee', directories };
  }
  if (files === undefined) return undefined;
  const chosen = chooseFiles(Object.keys(files), request.patterns);
  return { commit: 'c0ffee', files: chosen.map((path) => ({ path, content: files[path] ?? '' })) };
}

function directoriesOf(paths: readonly string[]): readonly string[] {
  const found = new Set<string>();
  for (const path of paths) {
    const segments = path.split('/').slice(0, -1);
    for (const index of segments.keys()) found.add(segments.slice(0, index + 1).join('/'));
  }
  return [...found].sort();
}

function viewOf(cluster: NonNullable<World['clusters']>[number]): ClusterView {
  return {
    id: ClusterId(cluster.name),
    labels: {},
    annotations: {},
    project: '',
    namespaces: [],
    state: 'Connected',
    ...cluster,
  };
}
