// How a live object says whose it is: a label to find it by, an annotation that names its Application and itself.
import { formatResourceKey, parseResourceKey, type ResourceKey } from './kubernetes.js';

/** Label that every object that we apply carries; its value is the id of this installation. The one selector of every sweep. */
export const MANAGED_BY_LABEL = 'wheelwright.dev/managed-by';

/** Annotation that names the owning Application and the object it was written for (`compatibility.md` 2.5, the default tracking method). */
export const TRACKING_ANNOTATION = 'argocd.argoproj.io/tracking-id';

/** Who an object says it belongs to. `key` is the object for which the annotation was written: a copied object carries the key of its original. */
export interface TrackedBy {
  readonly application: string;
  readonly key: ResourceKey;
}

/**
 * Value of the tracking annotation: `<application>:<group>/<Kind>:<namespace>/<name>`; the group of core kinds is empty.
 * A cluster-scoped object is written with the namespace that `key` has, so the caller decides whether that is the destination's or empty.
 */
export function trackingId(application: string, key: ResourceKey): string {
  return `${application}:${key.group}/${key.kind}:${key.namespace}/${key.name}`;
}

/** Reverses {@link trackingId}; `undefined` where the text is not a tracking id. Names may hold `:` (RBAC), Applications and kinds may not. */
export function parseTrackingId(text: string): TrackedBy | undefined {
  const first = text.indexOf(':');
  const second = text.indexOf(':', first + 1);
  if (first < 1 || second < 0) return undefined;
  const key = parseResourceKey(`${text.slice(first + 1, second)}/${text.slice(second + 1)}`);
  return key === undefined ? undefined : { application: text.slice(0, first), key };
}

/** Whether the annotation was written for this very object. As in Argo CD, the namespace of a cluster-scoped object does not count. */
export function tracksItself(tracked: TrackedBy, key: ResourceKey): boolean {
  return key.namespace === ''
    ? formatResourceKey({ ...tracked.key, namespace: '' }) === formatResourceKey(key)
    : formatResourceKey(tracked.key) === formatResourceKey(key);
}
