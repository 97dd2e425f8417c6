import type { Change } from '@wheelwright/apply';
import { applyPlan } from '@wheelwright/apply/adapters';
import { judge, type Health } from '@wheelwright/health';
import { formatResourceKey, type KubeObject } from '@wheelwright/kernel';
import { BEING_DELETED, FIELD_MANAGER, type Plan, type PlanEntry } from '@wheelwright/plan';
import type { SliceContext } from './context.js';
import { labelOf } from './context.js';

/** Writes to one spoke for one Application at the same time; the spoke's own window bounds the sum. */
const CONCURRENCY = 8;

/** How far a plan was carried out in one pass. */
export interface CarriedOut {
  readonly changes: ReadonlyMap<string, Change>;
  /** `running`: a wave waits for the health of what came before; `failed`: something was refused, or fell ill between two waves. */
  readonly state: 'succeeded' | 'running' | 'failed';
  readonly message: string;
}

/**
 * Carries out a plan wave by wave. Between two waves everything so far must be healthy, or gone; where it is not yet, the pass ends and a later one goes on:
 * what is done by then shows as unchanged in the next plan, so no progress has to be remembered.
 */
export async function carryOut(
  context: SliceContext,
  plan: Plan,
  healthOf: (entry: PlanEntry) => Health | undefined,
): Promise<CarriedOut> {
  const changes = new Map<string, Change>();
  const waves = [...new Set(plan.entries.map((entry) => entry.wave))].sort((a, b) => a - b);
  for (const [at, wave] of waves.entries()) {
    const entries = plan.entries.filter((entry) => entry.wave === wave);
    if (entries.some((entry) => entry.action !== 'unchanged' && entry.action !== 'skip')) {
      const done = await applyPlan(context.client, plan, {
        wave,
        fieldManager: FIELD_MANAGER,
        concurrency: CONCURRENCY,
        signal: context.signal,
        onBatch: async () => context.lease.assertHeld(),
      });
      for (const change of done.changes) changes.set(formatResourceKey(change.key), change);
      const failed = done.changes.filter((change) => change.action === 'failed');
      if (failed.length > 0) return { changes, state: 'failed', message: messageOf(failed) };
    }
    const later = waves.slice(at + 1);
    const pending = plan.entries.some(
      (entry) =>
        later.includes(entry.wave) &&
        (entry.action === 'create' || entry.action === 'update' || entry.action === 'prune'),
    );
    if (!pending) continue;
    const going = entries.find((entry) => isGoing(entry, changes.get(formatResourceKey(entry.key))));
    if (going !== undefined)
      return { changes, state: 'running', message: `wave ${wave}: waiting for ${labelOf(going.key)} to be gone` };
    const ill = entries.flatMap((entry) => waitsFor(entry, changes.get(formatResourceKey(entry.key))?.live, healthOf));
    const degraded = ill.find(({ health }) => health.status === 'Degraded');
    if (degraded !== undefined)
      return {
        changes,
        state: 'failed',
        message: `wave ${wave}: ${labelOf(degraded.entry.key)} is degraded: ${degraded.health.message}`,
      };
    const [first] = ill;
    if (first !== undefined)
      return {
        changes,
        state: 'running',
        message: `wave ${wave}: waiting for ${labelOf(first.entry.key)} to be healthy`,
      };
  }
  return { changes, state: 'succeeded', message: summaryOf(changes) };
}

/** Whether the deletion of an object was accepted, and waits for its dependents or finalizers. */
function isGoing(entry: PlanEntry, change: Change | undefined): boolean {
  return entry.action === 'prune' ? change?.pending === true : entry.reason === BEING_DELETED;
}

function waitsFor(
  entry: PlanEntry,
  applied: KubeObject | undefined,
  healthOf: (entry: PlanEntry) => Health | undefined,
): readonly { readonly entry: PlanEntry; readonly health: Health }[] {
  if (entry.action === 'prune' || entry.action === 'skip') return [];
  const health = applied === undefined ? healthOf(entry) : judge(applied);
  return health === undefined || health.status === 'Healthy' ? [] : [{ entry, health }];
}

function messageOf(failed: readonly Change[]): string {
  const [first] = failed;
  if (first === undefined) return '';
  const more = failed.length > 1 ? ` (and ${failed.length - 1} more)` : '';
  return `${labelOf(first.key)}: ${first.message ?? 'failed'}${more}`;
}

/** `2 created, 1 configured`: what a pass did, for people. */
export function summaryOf(changes: ReadonlyMap<string, Change>): string {
  const counts = new Map<string, number>();
  for (const { action } of changes.values()) counts.set(action, (counts.get(action) ?? 0) + 1);
  counts.delete('unchanged');
  counts.delete('skipped');
  return [...counts].map(([action, count]) => `${count} ${action}`).join(', ') || 'nothing to change';
}
