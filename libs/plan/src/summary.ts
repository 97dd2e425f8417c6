// A plan in, what it comes to out: counts, waves, prunes; and the same plan without its prunes.
import { digestOf, formatResourceKey, withinBudget } from '@wheelwright/kernel';
import type { Plan, PlanEntry } from './types.js';

/** What a plan comes to. */
export interface PlanSummary {
  /** Objects that would be created or updated. */
  readonly changes: number;
  /** Without objects that say of themselves that nobody need miss their declaration (`IgnoreExtraneous`): they go with the next sync. */
  readonly prunes: number;
  /** Objects that are desired; none means that the plan would remove everything. */
  readonly desired: number;
  /** Whether desired and live agree: nothing to create, update or prune, and nothing desired is left out. */
  readonly inSync: boolean;
}

/** Counts a plan. */
export function summarise({ entries }: Plan): PlanSummary {
  const count = (isCounted: (entry: PlanEntry) => boolean): number => entries.filter(isCounted).length;
  return {
    changes: count(({ action }) => action === 'create' || action === 'update'),
    prunes: count(({ action, extraneous }) => action === 'prune' && extraneous !== true),
    desired: count(isDesired),
    inSync: entries.every(({ action, extraneous }) => action === 'unchanged' || extraneous === true),
  };
}

/** Whether an entry is about an object that is to be there (and not about one that is to go). */
export function isDesired({ desiredDigest }: PlanEntry): boolean {
  return desiredDigest !== '';
}

/** The waves of a plan that have something to do, in order. */
export function wavesOf({ entries }: Plan): readonly number[] {
  const waves = entries.filter(({ action }) => action !== 'unchanged' && action !== 'skip').map(({ wave }) => wave);
  return [...new Set(waves)].sort((a, b) => a - b);
}

/** What a plan would prune: the keys, sorted, and their digest, for which an approval holds. */
export function prunedKeys({ entries }: Plan): { readonly keys: readonly string[]; readonly digest: string } {
  const keys = entries
    .filter(({ action }) => action === 'prune')
    .map(({ key }) => formatResourceKey(key))
    .sort();
  return { keys, digest: digestOf(keys) };
}

/**
 * Whether the prunes of a plan may happen without an approval. `inventory`: how many objects the Application has now. What goes along with a
 * pruned object counts on both sides.
 */
export function prunesWithinBudget(plan: Plan, inventory: number): boolean {
  const prunes = plan.entries.filter(({ action }) => action === 'prune');
  const removing = prunes.reduce((sum, { weight = 1 }) => sum + weight, 0);
  return withinBudget({ total: inventory + removing - prunes.length, removing });
}

/** The plan with its prunes turned into skips that say why. */
export function withoutPrunes(plan: Plan, reason: string): Plan {
  const entries = plan.entries.map((entry): PlanEntry =>
    entry.action === 'prune' ? { ...entry, action: 'skip', reason } : entry,
  );
  return { ...plan, entries, digest: digestOfEntries(entries) };
}

/** Digest of keys, actions and desired digests, whatever their order. */
export function digestOfEntries(entries: readonly PlanEntry[]): string {
  return digestOf(
    entries.map(({ key, action, desiredDigest }) => `${formatResourceKey(key)} ${action} ${desiredDigest}`).sort(),
  );
}
