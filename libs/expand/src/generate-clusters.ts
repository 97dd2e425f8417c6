// The clusters generator: a label selector and the registered spokes that it matches in, one set of parameters for each of them out.
import type { ClustersGenerator } from '@wheelwright/intent';
import {
  isEmptySelector,
  matchesSelector,
  type JsonObject,
  type JsonValue,
  type LabelSelector,
} from '@wheelwright/kernel';
import { normalizeName } from '@wheelwright/go-template';
import type { ClusterView } from '@wheelwright/registry';
import { IN_CLUSTER_NAME, IN_CLUSTER_SERVER, normaliseServer } from './destinations.js';
import { valueNames, withValues } from './generator-values.js';
import { nothingYet, warning, type GeneratorContext, type Params, type Produced, type Vocabulary } from './params.js';
import type { ExpandIssue } from './types.js';

/** Every registered spoke has this label as far as selectors and templates can tell: in Argo CD it is what makes a Secret a cluster. */
const SECRET_TYPE_LABEL: JsonObject & Readonly<Record<string, string>> = {
  'argocd.argoproj.io/secret-type': 'cluster',
};

/**
 * Spokes in order of name. An empty selector also yields the hub's own cluster, unless a spoke with its address is registered.
 * With `flatList` there is one set with all of them in `clusters`. Asks for the spokes that the selector matches.
 */
export function generateClusters(generator: ClustersGenerator, context: GeneratorContext): Produced {
  const selector = generator.selector ?? {};
  const everything = isEmptySelector(selector);
  const vocabulary = clustersVocabulary(generator);
  const issues = lintFlatList(generator, context);
  const answer = context.facts.read({ kind: 'clusters', selector });
  if (answer === undefined) return { ...nothingYet(vocabulary), issues };
  const { clusters, duplicates } = distinct(answer.clusters, context.pointer);
  issues.push(...duplicates);
  const found = clusters.map((cluster): readonly [string, Params] => [cluster.name, paramsOf(cluster, context.mode)]);
  if (everything && !clusters.some(({ server }) => normaliseServer(server) === IN_CLUSTER_SERVER)) {
    found.push([IN_CLUSTER_NAME, inCluster()]);
  }
  if (found.length === 0) {
    const message = `the selector matches none of the ${String(answer.total)} registered clusters: compare it with their labels`;
    issues.push(warning('NoCluster', `${context.pointer}/selector`, message));
  }
  const sets = found
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, params]) => withValues(params, generator.values, context));
  return generator.flatList === true
    ? { sets: [{ clusters: sets }], issues, vocabulary }
    : { sets, issues, vocabulary };
}

/** Whether a selector matches a spoke: what answers a `clusters` request. */
export function clusterMatches(selector: LabelSelector, cluster: Pick<ClusterView, 'labels'>): boolean {
  return isEmptySelector(selector) || matchesSelector(selector, { ...cluster.labels, ...SECRET_TYPE_LABEL });
}

function lintFlatList(generator: ClustersGenerator, { mode, pointer }: GeneratorContext): ExpandIssue[] {
  if (generator.flatList !== true || mode === 'go') return [];
  const message =
    'flatList gives one list named clusters, which only goTemplate can read: flat templates leave its tags as they stand';
  return [warning('FlatListUnreadable', `${pointer}/flatList`, message)];
}

/** Of several spokes with one name, the one with the first address is used, whatever order they come in. */
function distinct(
  clusters: readonly ClusterView[],
  pointer: string,
): { readonly clusters: readonly ClusterView[]; readonly duplicates: readonly ExpandIssue[] } {
  const byName = new Map<string, ClusterView>();
  const duplicates: ExpandIssue[] = [];
  for (const cluster of [...clusters].sort((a, b) => (a.server < b.server ? -1 : 1))) {
    const first = byName.get(cluster.name);
    if (first === undefined) byName.set(cluster.name, cluster);
    else {
      const message = `two clusters are named ${cluster.name}: only ${first.server} is used. Rename one.`;
      duplicates.push(warning('DuplicateCluster', pointer, message));
    }
  }
  return { clusters: [...byName.values()], duplicates };
}

function paramsOf(cluster: ClusterView, mode: GeneratorContext['mode']): Params {
  const own = {
    name: cluster.name,
    nameNormalized: normalizeName(cluster.name),
    server: cluster.server,
    project: cluster.project,
  };
  const labels = { ...cluster.labels, ...SECRET_TYPE_LABEL };
  if (mode === 'go') {
    const { annotations } = cluster;
    return { ...own, metadata: { ...(Object.keys(annotations).length === 0 ? {} : { annotations }), labels } };
  }
  const params: Record<string, JsonValue> = own;
  for (const [key, value] of Object.entries(cluster.annotations)) params[`metadata.annotations.${key}`] = value;
  for (const [key, value] of Object.entries(labels)) params[`metadata.labels.${key}`] = value;
  return params;
}

function inCluster(): Params {
  return { name: IN_CLUSTER_NAME, nameNormalized: IN_CLUSTER_NAME, server: IN_CLUSTER_SERVER, project: '' };
}

/** The names that the generator produces for each spoke; labels and annotations are those of the spoke. */
function clustersVocabulary(generator: ClustersGenerator): Vocabulary {
  const own = ['name', 'nameNormalized', 'server', 'project', ...valueNames(generator.values)];
  if (generator.flatList === true) {
    return { generator: 'a clusters generator', names: ['clusters'], produces: (name) => name === 'clusters' };
  }
  return {
    generator: 'a clusters generator',
    names: [...own, 'metadata.labels.<key>', 'metadata.annotations.<key>'],
    produces: (name) => own.includes(name) || /^metadata\.(?:labels|annotations)\../.test(name),
  };
}
