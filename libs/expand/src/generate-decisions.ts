// The clusterDecisionResource generator: the entries of another controller's decisions in, one set of parameters for each registered cluster out.
import { formatGoValue } from '@wheelwright/go-template';
import type { ClusterDecisionResourceGenerator } from '@wheelwright/intent';
import type { JsonObject, JsonValue } from '@wheelwright/kernel';
import type { ClusterView } from '@wheelwright/registry';
import type { DecisionsAnswer, DecisionsRequest } from './facts.js';
import { valueNames } from './generator-values.js';
import {
  anythingFrom,
  nothingYet,
  warning,
  type GeneratorContext,
  type Params,
  type Produced,
  type Vocabulary,
} from './params.js';
import { setOwn } from './render-tree.js';

/** Names of clusters that a message shows. */
const MOST_SHOWN = 5;

/**
 * An entry names a cluster; one that is not registered is left out, with a warning. Every key of the entry is a parameter, as a text.
 * `values` are taken as they stand: the peer renders them for every other generator, but not for this one.
 */
export function generateDecisions(generator: ClusterDecisionResourceGenerator, context: GeneratorContext): Produced {
  const answer = context.facts.read(decisionsRequest(generator, context.set.namespace));
  if (answer === undefined) return nothingYet(anythingFrom('a clusterDecisionResource generator'));
  const vocabulary = decisionsVocabulary(generator, answer.entries);
  const clusters = byName(answer.clusters);
  const sets: Params[] = [];
  const unmatched = new Set<string>();
  for (const entry of answer.entries) {
    const name = nameIn(entry, answer);
    if (name === '') continue;
    const cluster = clusters.get(name);
    if (cluster === undefined) unmatched.add(name);
    else sets.push(withPlainValues(paramsOf(entry, cluster), generator, context.mode));
  }
  return { sets, issues: unmatched.size === 0 ? [] : [unmatchedWarning(unmatched, context.pointer)], vocabulary };
}

/** What is asked. */
export function decisionsRequest(generator: ClusterDecisionResourceGenerator, namespace: string): DecisionsRequest {
  const { configMapRef, name, labelSelector } = generator;
  return {
    kind: 'decisions',
    namespace,
    generator: {
      configMapRef,
      ...(name === undefined || name === '' ? {} : { name }),
      ...(labelSelector === undefined ? {} : { labelSelector }),
    },
  };
}

/** Of several clusters with one name the one with the first address, whatever order they come in. */
function byName(clusters: readonly ClusterView[]): ReadonlyMap<string, ClusterView> {
  const sorted = [...clusters].sort((a, b) => (a.server < b.server ? 1 : -1));
  return new Map(sorted.map((cluster) => [cluster.name, cluster]));
}

function nameIn(entry: JsonObject, { matchKey }: DecisionsAnswer): string {
  const name = Object.hasOwn(entry, matchKey) ? entry[matchKey] : undefined;
  return typeof name === 'string' ? name : '';
}

function paramsOf(entry: JsonObject, cluster: ClusterView): Record<string, JsonValue> {
  const params: Record<string, JsonValue> = { name: cluster.name, server: cluster.server };
  for (const [key, value] of Object.entries(entry)) {
    if (value !== undefined && value !== null) setOwn(params, key, formatGoValue(value));
  }
  return params;
}

function withPlainValues(
  params: Record<string, JsonValue>,
  { values }: ClusterDecisionResourceGenerator,
  mode: 'flat' | 'go',
): Params {
  if (values === undefined || Object.keys(values).length === 0) return params;
  if (mode === 'go') return { ...params, values: { ...values } };
  return { ...params, ...Object.fromEntries(Object.entries(values).map(([key, text]) => [`values.${key}`, text])) };
}

function unmatchedWarning(names: ReadonlySet<string>, pointer: string) {
  const shown = [...names].sort().slice(0, MOST_SHOWN).join(', ');
  const more = names.size > MOST_SHOWN ? ` and ${String(names.size - MOST_SHOWN)} more` : '';
  const message = `no cluster is registered under the name that a decision gives: ${shown}${more}. Register it under that name.`;
  return warning('UnmatchedDecision', pointer, message);
}

function decisionsVocabulary(generator: ClusterDecisionResourceGenerator, entries: readonly JsonObject[]): Vocabulary {
  const keys = new Set(entries.flatMap((entry) => Object.keys(entry)));
  const names = [...new Set(['name', 'server', ...[...keys].sort(), ...valueNames(generator.values)])];
  return { generator: 'a clusterDecisionResource generator', names, produces: (name) => names.includes(name) };
}
