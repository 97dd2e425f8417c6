// The facts of a run in, a digest of what an expansion can read of them out.
import { digestOf, type JsonObject, type JsonValue } from '@wheelwright/kernel';
import type { ClusterView } from '@wheelwright/registry';
import { factKey, type ClustersAnswer, type DecisionsAnswer, type FactAnswer } from '../facts.js';
import type { GatheredFact } from './gatherer.js';

/** Raise it when an expansion of the same inputs comes to something else than before. */
const VERSION = 2;

/**
 * Digest of everything that the outcome depends on: equal digests, equal outcomes. What no parameter is made of is left out: the state of a spoke,
 * the commit of a tree.
 * @param given the digest of the set, and which Applications were refused by their projects
 */
export function inputDigest(facts: readonly GatheredFact[], given: JsonObject): string {
  const answers = facts.map(({ request, answer }): JsonValue => [factKey(request), essentialsOf(request.kind, answer)]);
  return digestOf({ version: VERSION, given, answers: sortedByKey(answers) });
}

function sortedByKey(answers: readonly JsonValue[]): readonly JsonValue[] {
  const keyOf = (entry: JsonValue): string => (Array.isArray(entry) ? String(entry[0]) : '');
  return [...answers].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}

function essentialsOf(kind: GatheredFact['request']['kind'], answer: FactAnswer): JsonValue {
  switch (kind) {
    case 'clusters': {
      const { clusters, total } = answer as ClustersAnswer;
      return { clusters: clusters.map(clusterOf), none: clusters.length > 0 || total > 0 ? 'some' : 'none' };
    }
    case 'decisions': {
      const { clusters, ...rest } = answer as DecisionsAnswer;
      return { ...rest, clusters: clusters.map(clusterOf) };
    }
    case 'directories':
    case 'files': {
      const { commit: _commit, ...rest } = answer as FactAnswer & JsonObject;
      return rest;
    }
    case 'repositories':
    case 'pullRequests':
    case 'plugin':
    case 'registered':
      return answer as FactAnswer & JsonObject;
  }
}

function clusterOf({ name, server, labels, annotations, project }: ClusterView): JsonValue {
  return [name, server, labels, annotations, project];
}
