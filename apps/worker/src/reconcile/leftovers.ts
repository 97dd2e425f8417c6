// An Application and what it has on spokes that it left in; what of that may go now, and what waits for an approval, out.
import { digestOf, formatResourceKey, withinBudget, type ClusterId } from '@wheelwright/kernel';
import type { SyncStatus } from '@wheelwright/status';
import type { HeldPrune } from '@wheelwright/status/adapters';
import type { Fact } from './desired.js';
import type { DueApplication } from './load.js';

/** What is decided about deletions past the budget, here and on spokes that the Application left. */
export interface HeldDeletions {
  /** `null`: nothing waits for an approval. */
  readonly held: HeldPrune | null;
  /** Whether somebody approved exactly what would be held otherwise. */
  readonly approved: boolean;
}

/**
 * Holds what is past the deletion budget: the given prunes on this spoke, and what a move left on others. The latter goes without an approval
 * only where the Application prunes by itself and the budget covers it.
 * @param pruned keys of the objects whose prune on this spoke is past the budget
 */
export function holdDeletions(due: DueApplication, pruned: readonly string[]): HeldDeletions {
  const left = leftMayGo(due) ? [] : due.leftovers.map(({ cluster, key }) => `${cluster}: ${formatResourceKey(key)}`);
  const names = [...pruned, ...left].sort();
  const digest = digestOf(names);
  const approved = due.held?.approved === true && due.held.digest === digest;
  if (names.length === 0 || approved) return { held: null, approved };
  const total = due.resources.length + due.leftovers.length;
  const where = left.length === 0 ? '' : `, ${String(left.length)} of them on a spoke that it left`;
  const reason = `deleting ${String(names.length)} of ${String(total)} objects${where} is past the deletion budget: look at heldDeletion, then call approveDeletion(application: "${due.application.metadata.name}")`;
  return { held: { names, digest, total, reason }, approved: false };
}

function leftMayGo({ application, leftovers }: DueApplication): boolean {
  const automated = application.spec.syncPolicy?.automated;
  const prunes = automated !== undefined && automated.enabled !== false && automated.prune === true;
  return prunes && withinBudget({ total: leftovers.length, removing: leftovers.length });
}

/** The spokes to clear now: none before the Application is in sync where it is, so that a move never leaves it nowhere. */
export function spokesToLeave(due: DueApplication, { held }: HeldDeletions, sync: SyncStatus): readonly ClusterId[] {
  if (sync !== 'Synced' || held?.names.some((name) => name.includes(': ')) === true) return [];
  return spokesLeft(due);
}

/** All spokes on which something is left. */
export function spokesLeft({ leftovers }: DueApplication): readonly ClusterId[] {
  return [...new Set(leftovers.map(({ clusterId }) => clusterId))];
}

/** What a person should know of it. */
export function leftoverFacts({ leftovers }: DueApplication): readonly Fact[] {
  const clusters = [...new Set(leftovers.map(({ cluster }) => cluster))].sort();
  return clusters.map((cluster) => ({
    type: 'LeftoverWarning',
    message: `${String(leftovers.filter((left) => left.cluster === cluster).length)} objects of this Application are still on ${cluster}, where it was before`,
  }));
}
