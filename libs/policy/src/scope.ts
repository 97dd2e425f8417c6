// A registered spoke and an object in; whether the registration lets the object go there (`compatibility.md` 2.10) out.
import type { CheckedObject } from './kind.js';
import type { Violation } from './types.js';

/** What a spoke is registered for. */
export interface ClusterScope {
  readonly name: string;
  /** Empty: all namespaces, and whatever has none. */
  readonly namespaces: readonly string[];
  /** Where namespaces are named: whether objects without one are allowed all the same. */
  readonly clusterResources: boolean;
}

/** A spoke that is registered for some namespaces takes nothing outside of them. */
export function permitsScope(cluster: ClusterScope, { key, namespaced }: CheckedObject): readonly Violation[] {
  if (cluster.namespaces.length === 0) return [];
  if (namespaced && cluster.namespaces.includes(key.namespace)) return [];
  if (!namespaced && cluster.clusterResources) return [];
  const what = namespaced
    ? `the namespace "${key.namespace}"`
    : `objects without a namespace, such as ${key.kind} ${key.name}`;
  return [
    {
      rule: 'clusterScope',
      message: `the cluster ${cluster.name} is registered for ${cluster.namespaces.join(', ')} only, and not for ${what}: change its registration, or the destination`,
    },
  ];
}
