// A plan in, the batches in which it is carried out out: what is in one batch may go in parallel, batches go one after another.
import type { Plan, PlanEntry } from '@wheelwright/plan';

/** Most writes between two looks at the lease. */
export const MAX_BATCH = 50;

/** Entries of one kind that may be written in parallel. */
export type Batch = readonly PlanEntry[];

/**
 * Batches of all waves in order. Within a wave prunes come first, kind by kind, then what is applied, kind by
 * kind, in the order of the plan (`compatibility.md` 2.6). Entries that ask for no write are in no batch.
 */
export function batchesOf({ entries }: Pick<Plan, 'entries'>): readonly Batch[] {
  const batches: PlanEntry[][] = [];
  for (const entry of entries) {
    if (!isWritten(entry)) continue;
    const current = batches.at(-1);
    if (current?.[0] !== undefined && current.length < MAX_BATCH && goTogether(current[0], entry)) current.push(entry);
    else batches.push([entry]);
  }
  return batches;
}

function isWritten({ action }: PlanEntry): boolean {
  return action === 'create' || action === 'update' || action === 'prune';
}

function goTogether(a: PlanEntry, b: PlanEntry): boolean {
  return (
    a.wave === b.wave &&
    a.key.kind === b.key.kind &&
    a.key.group === b.key.group &&
    (a.action === 'prune') === (b.action === 'prune')
  );
}
