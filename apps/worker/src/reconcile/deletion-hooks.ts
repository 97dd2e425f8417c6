import { stepsOf, type HookPhase, type HookTarget, type SyncOptions } from '@wheelwright/plan';
import type { Attempt, DeletionProgress } from '@wheelwright/rollout';
import { foldConditions } from '@wheelwright/status';
import type { ReconcileResult } from '@wheelwright/status/adapters';
import type { SliceContext } from './context.js';
import { desiredState, type Desired, type Fact } from './desired.js';
import { HookRun } from './hooks.js';
import type { DueApplication } from './load.js';
import { detailOf, resultOf } from './results.js';

const AGAIN_MS = 500;
/** How soon a deletion whose hook failed, or whose hooks cannot be read, is looked at again. */
const STOPPED_MS = 60_000;

/** What is done between the hooks: deletes what the Application has on the spoke. */
export type Clear = () => Promise<ReconcileResult>;

/** Whether a deletion has something to do with hooks: some to run, or objects of earlier ones to remove. */
export function concernsHooks({ attempt }: DueApplication): boolean {
  return attempt !== undefined && (attempt.deletionHooks === true || (attempt.hooks ?? []).length > 0);
}

/**
 * Deletes with hooks, pass by pass: PreDelete hooks, the objects of all hooks, what the Application has, PostDelete hooks. Each stage is recorded before the next one
 * begins. A failed hook stops the deletion until another revision, or a request, has it run again.
 */
export async function deleteWithHooks(
  context: SliceContext,
  due: DueApplication,
  { clear, options }: { readonly clear: Clear; readonly options: SyncOptions },
): Promise<ReconcileResult> {
  const { attempt } = due;
  if (attempt === undefined) return clear();
  if (attempt.deletionHooks !== true) return (await removed(context, due, { attempt, options })) ?? clear();
  const desired = await desiredState(context, due);
  if (desired.kind === 'undecided') {
    const facts = desired.facts.map(({ message }) =>
      deletionError(`the hooks of the deletion cannot be read: ${message}`),
    );
    return told(context, due, { attempt, facts, againMs: desired.againMs });
  }
  const progress = attempt.deletion;
  if (progress === undefined) return begun(context, due, { attempt, desired });
  switch (progress.stage) {
    case 'PreDelete':
      return runStage(context, due, { attempt, desired, progress });
    case 'hooks':
      return (
        (await removed(context, due, { attempt, options })) ??
        moved(context, due, { ...attempt, deletion: { ...progress, stage: 'objects' } })
      );
    case 'objects': {
      const result = await clear();
      return result.deleted
        ? moved(context, due, { ...attempt, deletion: { ...progress, stage: 'PostDelete' } })
        : result;
    }
    case 'PostDelete':
      return runStage(context, due, { attempt, desired, progress });
  }
}

/** Takes our finalizer off the objects of hooks that an Application which goes without its objects leaves behind. */
export async function letGo(context: SliceContext, due: DueApplication): Promise<void> {
  const run = hookRun(context, due, { startedAtMs: -1, revision: '' });
  if (run.holds) await run.releaseEarlier();
}

interface Stage {
  readonly attempt: Attempt;
  readonly desired: Desired;
  readonly progress: DeletionProgress;
}

function begun(
  context: SliceContext,
  due: DueApplication,
  { attempt, desired }: Omit<Stage, 'progress'>,
): ReconcileResult {
  const startedAtMs = context.clock.nowMs();
  return moved(context, due, {
    ...attempt,
    deletion: { startedAtMs, revision: desired.commit, stage: attempt.deletion?.stage ?? 'PreDelete' },
  });
}

async function runStage(context: SliceContext, due: DueApplication, stage: Stage): Promise<ReconcileResult> {
  const { attempt, desired, progress } = stage;
  const phase: HookPhase = progress.stage === 'PreDelete' ? 'PreDelete' : 'PostDelete';
  const run = hookRun(context, due, progress);
  const hooks = desired.aimed.hooks.filter((hook) => hook.phase === phase);
  const isAsked = due.requested.length > 0 || desired.commit !== progress.revision;
  if (run.hasFailed && isAsked) return begun(context, due, stage);
  // What an earlier try of this deletion holds is in nobody's way: its objects are replaced, or removed in the end.
  const stop = await runSteps(run, hooks);
  const now = { ...attempt, hooks: run.all() };
  if (stop.kind === 'waiting') return told(context, due, { attempt: now, facts: [], againMs: AGAIN_MS });
  if (stop.kind === 'failed')
    return told(context, due, { attempt: now, facts: [deletionError(stop.message)], againMs: STOPPED_MS });
  if (run.hasNews) return moved(context, due, now);
  if (phase === 'PreDelete') return moved(context, due, { ...now, deletion: { ...progress, stage: 'hooks' } });
  await run.clearUp(hooks);
  await run.releaseEarlier();
  return resultOf(due, { deleted: true });
}

async function runSteps(run: HookRun, hooks: readonly HookTarget[]): ReturnType<HookRun['step']> {
  for (const step of stepsOf([], hooks, ['PreDelete', 'PostDelete'])) {
    const verdict = await run.step(step.hooks);
    if (verdict.kind !== 'done') return verdict;
  }
  return { kind: 'done' };
}

/** Removes the objects of all hooks; `undefined` once none is left. */
async function removed(
  context: SliceContext,
  due: DueApplication,
  { attempt, options }: { readonly attempt: Attempt; readonly options: SyncOptions },
): Promise<ReconcileResult | undefined> {
  if ((attempt.hooks ?? []).length === 0) return undefined;
  const run = hookRun(context, due, { startedAtMs: -1, revision: '' });
  await run.removeAll(options);
  return told(context, due, { attempt: { ...attempt, hooks: run.all() }, facts: [], againMs: AGAIN_MS });
}

function hookRun(
  context: SliceContext,
  due: DueApplication,
  { startedAtMs, revision }: Pick<DeletionProgress, 'startedAtMs' | 'revision'>,
): HookRun {
  const application = due.application.metadata.name;
  return new HookRun(context, { application, revision, startedAtMs }, due.attempt?.hooks ?? []);
}

function deletionError(message: string): Fact {
  return { type: 'DeletionError', message };
}

function moved(context: SliceContext, due: DueApplication, attempt: Attempt): ReconcileResult {
  return told(context, due, { attempt, facts: [], againMs: 0 });
}

function told(
  context: SliceContext,
  due: DueApplication,
  now: { readonly attempt: Attempt; readonly facts: readonly Fact[]; readonly againMs: number },
): ReconcileResult {
  const nowIso = new Date(context.clock.nowMs()).toISOString();
  return resultOf(due, {
    again: { afterMs: now.againMs, reason: 'deletion' },
    detail: {
      ...detailOf(due),
      attempt: now.attempt,
      conditions: foldConditions(due.conditions, now.facts, nowIso),
    },
    finished: due.requested.map(({ id }) => id),
  });
}
