// What a sweep found and what the inventory says in, the Applications to look at again out.
import {
  formatResourceKey,
  parseTrackingId,
  tracksItself,
  type ApplicationId,
  type ResourceKey,
} from '@wheelwright/kernel';
import type { Observed } from './types.js';

/** An object of the inventory, as it was last found or left. */
export interface KnownObject {
  readonly applicationId: ApplicationId;
  readonly key: ResourceKey;
  /** Empty: it was not there. */
  readonly fingerprint: string;
  readonly resourceVersion: string;
  readonly uid: string;
  /** Its health or its drift is read from the body: any new version counts, not only a new fingerprint. */
  readonly watchBody: boolean;
}

/** Why an Application must be looked at again. */
export type TouchReason = 'appeared' | 'vanished' | 'replaced' | 'changed' | 'status' | 'deleting';

export interface SweepComparison {
  /** Reasons by Application, sorted and without repetition. */
  readonly touched: ReadonlyMap<ApplicationId, readonly TouchReason[]>;
  /** Ours by label and in nobody's inventory: left over, or just made by an apply that is not recorded yet. Sorted by key. */
  readonly strays: readonly Observed[];
}

/**
 * Compares complete lists of some kinds with the inventory of the same kinds. `known` must hold no object of a kind that was not listed:
 * what is not in the list counts as vanished. Copies (a tracking annotation that names another object) are neither taken nor strays.
 */
export function compareSweep(observed: readonly Observed[], known: readonly KnownObject[]): SweepComparison {
  const live = new Map(observed.map((object) => [formatResourceKey(object.key), object]));
  const touched = new Map<ApplicationId, Set<TouchReason>>();
  const claimed = new Set<string>();
  for (const object of known) {
    const name = formatResourceKey(object.key);
    claimed.add(name);
    const reason = reasonOf(object, live.get(name));
    if (reason === undefined) continue;
    const reasons = touched.get(object.applicationId) ?? new Set();
    touched.set(object.applicationId, reasons.add(reason));
  }
  const strays = [...live]
    .filter(([name, object]) => !claimed.has(name) && !isCopy(object))
    .map(([, object]) => object);
  return {
    touched: new Map(
      [...touched].sort(([a], [b]) => (a < b ? -1 : 1)).map(([id, reasons]) => [id, [...reasons].sort()]),
    ),
    strays: strays.sort((a, b) => (formatResourceKey(a.key) < formatResourceKey(b.key) ? -1 : 1)),
  };
}

function reasonOf(known: KnownObject, live: Observed | undefined): TouchReason | undefined {
  if (live === undefined) return known.fingerprint === '' ? undefined : 'vanished';
  if (known.fingerprint === '') return 'appeared';
  if (live.uid !== known.uid) return 'replaced';
  if (live.fingerprint !== known.fingerprint) return live.deleting ? 'deleting' : 'changed';
  if (known.watchBody && live.resourceVersion !== known.resourceVersion) return live.deleting ? 'deleting' : 'status';
  return undefined;
}

function isCopy(object: Observed): boolean {
  const tracked = parseTrackingId(object.trackingId);
  return tracked !== undefined && !tracksItself(tracked, object.key);
}
