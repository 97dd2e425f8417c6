import type { Change } from '@wheelwright/apply';
import { applyPlan } from '@wheelwright/apply/adapters';
import type { Health } from '@wheelwright/health';
import type { Judge } from '@wheelwright/health/adapters';
import { formatResourceKey } from '@wheelwright/kernel';
import {
  BEING_DELETED,
  FIELD_MANAGER,
  stepsOf,
  type HookTarget,
  type Plan,
  type PlanEntry,
  type SyncStep,
} from '@wheelwright/plan';
import type { SliceContext } from './context.js';
import { labelOf } from './context.js';
import type { HookRun } from './hooks.js';

/** Writes to one spoke for one Application at the same time; the spoke's own window bounds the sum. */
const CONCURRENCY = 8;

/** How far a plan was carried out in one pass. */
export interface CarriedOut {
  readonly changes: ReadonlyMap<string, Change>;
  /** `running`: a wave waits for the health of what came before; `failed`: something was refused, or fell ill between two waves. */
  readonly state: 'succeeded' | 'running' | 'failed';
  readonly message: string;
}

/** What a plan is carried out with. */
export interface CarryOutOptions {
  /** The health of an entry that this pass does not write. */
  readonly healthOf: (entry: PlanEntry) => Health | undefined;
  /** What is run around the entries. */
  readonly hooks?: { readonly run: HookRun; readonly targets: readonly HookTarget[] };
}

/**
 * Carries out a plan step by step: phase by phase, wave by wave. Between two steps everything so far must be healthy, gone, or, for hooks, have
 * ended well; where it has not yet, the pass ends and a later one goes on: what is done by then shows as unchanged in the next plan, or in the
 * records of the hooks.
 */
export async function carryOut(context: SliceContext, plan: Plan, options: CarryOutOptions): Promise<CarriedOut> {
  const changes = new Map<string, Change>();
  const { hooks } = options;
  const steps = stepsOf(plan.entries, hooks?.targets ?? []);
  for (const [at, step] of steps.entries()) {
    const failed = await applyStep(context, plan, { step, changes });
    if (failed.length > 0) return { changes, state: 'failed', message: messageOf(failed) };
    const verdict = step.hooks.length === 0 ? undefined : await hooks?.run.step(step.hooks);
    if (verdict?.kind === 'waiting') return { changes, state: 'running', message: verdict.message };
    if (verdict?.kind === 'failed') return { changes, state: 'failed', message: verdict.message };
    const stop = steps.slice(at + 1).some(hasWork)
      ? whatHolds(context.health, step, { ...options, changes })
      : undefined;
    if (stop !== undefined) return { changes, ...stop };
  }
  return { changes, state: 'succeeded', message: summaryOf(changes) };
}

/** Writes the entries of a step; answers what was refused. */
async function applyStep(
  context: SliceContext,
  plan: Plan,
  { step, changes }: { readonly step: SyncStep; readonly changes: Map<string, Change> },
): Promise<readonly Change[]> {
  const { entries } = step;
  if (entries.every(({ action }) => action === 'unchanged' || action === 'skip')) return [];
  const done = await applyPlan(context.client, plan, {
    entries,
    fieldManager: FIELD_MANAGER,
    concurrency: CONCURRENCY,
    signal: context.signal,
    onBatch: async () => context.lease.assertHeld(),
  });
  for (const change of done.changes) changes.set(formatResourceKey(change.key), change);
  await context.health.prepare(done.changes.flatMap(({ live }) => live ?? []));
  return done.changes.filter((change) => change.action === 'failed');
}

function hasWork({ entries, hooks }: SyncStep): boolean {
  return (
    hooks.length > 0 || entries.some(({ action }) => action === 'create' || action === 'update' || action === 'prune')
  );
}

/** Why the step after this one may not begin (yet). */
function whatHolds(
  judge: Judge,
  { phase, wave, entries }: SyncStep,
  { changes, healthOf }: CarryOutOptions & { readonly changes: ReadonlyMap<string, Change> },
): Pick<CarriedOut, 'state' | 'message'> | undefined {
  const where = phase === 'Sync' ? `wave ${String(wave)}` : `${phase}, wave ${String(wave)}`;
  const changeOf = (entry: PlanEntry): Change | undefined => changes.get(formatResourceKey(entry.key));
  const going = entries.find((entry) => isGoing(entry, changeOf(entry)));
  if (going !== undefined)
    return { state: 'running', message: `${where}: waiting for ${labelOf(going.key)} to be gone` };
  const ill = entries.flatMap((entry) => {
    const applied = changeOf(entry)?.live;
    return waitsFor(entry, applied === undefined ? healthOf(entry) : judge.judge(applied));
  });
  const degraded = ill.find(({ health }) => health.status === 'Degraded');
  if (degraded !== undefined)
    return {
      state: 'failed',
      message: `${where}: ${labelOf(degraded.entry.key)} is degraded: ${degraded.health.message}`,
    };
  const [first] = ill;
  return first === undefined
    ? undefined
    : { state: 'running', message: `${where}: waiting for ${labelOf(first.entry.key)} to be healthy` };
}

/** Whether the deletion of an object was accepted, and waits for its dependents or finalizers. */
function isGoing(entry: PlanEntry, change: Change | undefined): boolean {
  return entry.action === 'prune' ? change?.pending === true : entry.reason === BEING_DELETED;
}

function waitsFor(
  entry: PlanEntry,
  health: Health | undefined,
): readonly { readonly entry: PlanEntry; readonly health: Health }[] {
  if (entry.action === 'prune' || entry.action === 'skip') return [];
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
