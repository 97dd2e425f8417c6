// An object as a server shows it in, the same object in the one form in which two of its kind are compared out.
import { gvkOf, isJsonObject, type JsonObject, type JsonValue, type KubeObject } from '@wheelwright/kernel';
import type { CompareSettings } from './settings.js';

/**
 * Takes away what means the same in two forms (`compatibility.md` 2.7). Both sides of a comparison come from the API server, which has written
 * quantities, integers-or-strings, durations and defaults in its own form; what is left is what a server keeps as it was written.
 */
export function normalise(object: KubeObject, settings: Pick<CompareSettings, 'ignoreAggregatedRoles'>): KubeObject {
  const { group, kind } = gvkOf(object);
  if (group === '' && kind === 'Secret') return withPlainData(object);
  if (group === 'rbac.authorization.k8s.io' && (kind === 'ClusterRole' || kind === 'Role')) {
    return withPlainRules(object, settings);
  }
  return object;
}

/** A Secret without data and one with an empty map of it are the same; a key without a value has an empty one. */
function withPlainData(secret: KubeObject): KubeObject {
  const data = isJsonObject(secret['data']) ? secret['data'] : {};
  const values = Object.entries(data).map(([key, value]): [string, JsonValue] => [key, value ?? '']);
  return { ...secret, apiVersion: secret.apiVersion, kind: secret.kind, data: Object.fromEntries(values) };
}

/** `rules: []`, `rules: null` and no rules are the same; what an aggregated role collects is left to its controller, where that is wanted. */
function withPlainRules(
  role: KubeObject,
  { ignoreAggregatedRoles }: Pick<CompareSettings, 'ignoreAggregatedRoles'>,
): KubeObject {
  const { rules, ...rest } = role;
  const isEmpty = rules === undefined || rules === null || (Array.isArray(rules) && rules.length === 0);
  const isCollected = ignoreAggregatedRoles && isAggregated(role);
  return isEmpty || isCollected
    ? { ...rest, apiVersion: role.apiVersion, kind: role.kind, metadata: role.metadata }
    : role;
}

/** Whether a ClusterRole collects its rules from others. */
export function isAggregated(role: JsonObject): boolean {
  return isJsonObject(role['aggregationRule']);
}
