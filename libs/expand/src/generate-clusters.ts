// The clusters generator: a label selector and the registered spokes in, one set of parameters for each selected spoke out.
import type { Generator } from '@wheelwright/intent';
import { isEmptySelector, matchesSelector, type JsonValue } from '@wheelwright/kernel';
import type { ClusterView } from '@wheelwright/registry';
import { IN_CLUSTER_NAME, IN_CLUSTER_SERVER, normaliseServer } from './destinations.js';
import { valueNames, withValues } from './generator-values.js';
import { normaliseName } from './normalise-name.js';
import { warning, type GeneratorContext, type Params, type Produced, type Vocabulary } from './params.js';
import type { ExpandIssue } from './types.js';

type ClustersGenerator = NonNullable<Generator['clusters']>;

/** Every registered spoke has this label as far as selectors and templates can tell: in Argo CD it is what makes a Secret a cluster. */
const SECRET_TYPE = { 'argocd.argoproj.io/secret-type': 'cluster' };

/**
 * Spokes in order of name. An empty selector also yields the hub's own cluster, unless a spoke with its address is registered.
 * With `flatList` there is one set with all of them in `clusters`.
 */
export function generateClusters(generator: ClustersGenerator, context: GeneratorContext): Produced {
  const { clusters, issues } = distinct(context);
  const selector = generator.selector ?? {};
  const everything = isEmptySelector(selector);
  const selected = clusters.filter((cluster) => everything || matchesSelector(selector, labelsOf(cluster)));
  const found: (readonly [string, Params])[] = selected.map((cluster) => [cluster.name, paramsOf(cluster)]);
  if (everything && !clusters.some(({ server }) => normaliseServer(server) === IN_CLUSTER_SERVER)) {
    found.push([IN_CLUSTER_NAME, inCluster()]);
  }
  if (found.length === 0) {
    const message = `the selector matches none of the ${String(clusters.length)} registered clusters: compare it with their labels`;
    issues.push(warning('NoCluster', `${context.pointer}/selector`, message));
  }
  const sets = found.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, params]) => withValues(params, generator.values));
  const vocabulary = clustersVocabulary(generator);
  if (generator.flatList !== true) return { sets, issues, vocabulary };
  const message =
    'flatList gives one list named clusters, which only goTemplate can read: flat templates leave its tags as they stand';
  issues.push(warning('FlatListUnreadable', `${context.pointer}/flatList`, message));
  return { sets: [new Map([['clusters', sets.map((params) => Object.fromEntries(params))]])], issues, vocabulary };
}

/** Of several spokes with one name, the one with the first address is used, whatever order they come in. */
function distinct(context: GeneratorContext): {
  readonly clusters: readonly ClusterView[];
  readonly issues: ExpandIssue[];
} {
  const byName = new Map<string, ClusterView>();
  const issues: ExpandIssue[] = [];
  for (const cluster of [...context.facts.clusters].sort((a, b) => (a.server < b.server ? -1 : 1))) {
    const first = byName.get(cluster.name);
    if (first === undefined) byName.set(cluster.name, cluster);
    else
      issues.push(
        warning(
          'DuplicateCluster',
          context.pointer,
          `two clusters are named ${cluster.name}: only ${first.server} is used. Rename one.`,
        ),
      );
  }
  return { clusters: [...byName.values()], issues };
}

function labelsOf(cluster: ClusterView): Readonly<Record<string, string>> {
  return { ...cluster.labels, ...SECRET_TYPE };
}

function paramsOf(cluster: ClusterView): Params {
  const params = new Map<string, JsonValue>([
    ['name', cluster.name],
    ['nameNormalized', normaliseName(cluster.name)],
    ['server', cluster.server],
    ['project', cluster.project],
  ]);
  for (const [key, value] of Object.entries(cluster.annotations)) params.set(`metadata.annotations.${key}`, value);
  for (const [key, value] of Object.entries(labelsOf(cluster))) params.set(`metadata.labels.${key}`, value);
  return params;
}

function inCluster(): Params {
  return new Map([
    ['name', IN_CLUSTER_NAME],
    ['nameNormalized', IN_CLUSTER_NAME],
    ['server', IN_CLUSTER_SERVER],
    ['project', ''],
  ]);
}

/** The names that the generator produces for each spoke; labels and annotations are those of the spoke. */
export function clustersVocabulary(generator: ClustersGenerator): Vocabulary {
  const names = ['name', 'nameNormalized', 'server', 'project', ...valueNames(generator.values)];
  return {
    generator: 'a clusters generator',
    names: [...names, 'metadata.labels.<key>', 'metadata.annotations.<key>'],
    produces: (name) => names.includes(name) || /^metadata\.(?:labels|annotations)\../.test(name),
  };
}
