// The inventory, a plan and what became of it in; the inventory afterwards out.
import { formatResourceKey } from '@wheelwright/kernel';
import type { KnownObject, Plan, PlanEntry } from '@wheelwright/plan';
import type { Change, ChangeSet } from './types.js';

/**
 * What an Application has on its spoke after an apply. An object enters when it was applied or found in sync, and leaves only when its deletion
 * was carried out or the plan released it: a failed prune stays and is tried again, and an entry that was not reached changes nothing.
 */
export function inventoryAfter(
  inventory: readonly KnownObject[],
  plan: Plan,
  changeSet: ChangeSet,
): readonly KnownObject[] {
  const after = new Map(inventory.map((known) => [formatResourceKey(known.key), known]));
  for (const { key } of plan.released) after.delete(formatResourceKey(key));
  const changes = new Map(changeSet.changes.map((change) => [formatResourceKey(change.key), change]));
  for (const entry of plan.entries) {
    const text = formatResourceKey(entry.key);
    const change = changes.get(text);
    if (entry.action === 'unchanged')
      after.set(text, known(entry, { uid: entry.uid ?? after.get(text)?.uid ?? '', fingerprint: entry.fingerprint }));
    else if (change === undefined) continue;
    else if (change.action === 'deleted') {
      if (change.pending !== true) after.delete(text);
    } else if (isApplied(change))
      after.set(text, known(entry, { uid: change.live?.metadata.uid ?? '', fingerprint: change.fingerprint ?? '' }));
  }
  return [...after].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, object]) => object);
}

function isApplied({ action }: Change): boolean {
  return action === 'created' || action === 'configured' || action === 'unchanged';
}

function known(entry: PlanEntry, live: { readonly uid: string; readonly fingerprint: string }): KnownObject {
  return { key: entry.key, version: entry.version, wave: entry.wave, appliedDigest: entry.desiredDigest, ...live };
}
