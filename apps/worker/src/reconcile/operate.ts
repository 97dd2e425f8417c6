import type { Health } from '@wheelwright/health';
import { stepsOf, type HookTarget, type Plan, type PlanEntry } from '@wheelwright/plan';
import { failed, succeeded, type Attempt } from '@wheelwright/rollout';
import { carryOut, type CarriedOut } from './carry-out.js';
import type { SliceContext } from './context.js';
import { HookRun } from './hooks.js';
import type { DueApplication } from './load.js';

/** One pass of an operation. */
export interface Operated {
  readonly attempt: Attempt;
  readonly carried: CarriedOut;
  /** Whether the next pass has something to do at once. */
  readonly isQuick: boolean;
}

export interface OperateOptions {
  readonly attempt: Attempt;
  /** What may be carried out of the plan. */
  readonly plan: Plan;
  readonly hooks: readonly HookTarget[];
  readonly healthOf: (entry: PlanEntry) => Health | undefined;
}

/** Whether an operation runs hooks: not one of chosen objects, nor the repair of a drift, which is one; nor a rollback. */
export function runsHooks({ resources, heals, origin }: Attempt): boolean {
  return resources.length === 0 && heals === 0 && origin !== 'rollback';
}

function isOfSync({ phase }: HookTarget): boolean {
  return phase !== 'PreDelete' && phase !== 'PostDelete';
}

/**
 * Brings an operation one pass further. An operation with hooks is recorded before its first write, and the end of a hook before its object is let
 * go of; so a crash at any point runs no hook twice. After a failure the hooks for that run, and only then the operation has failed.
 */
export async function operate(context: SliceContext, due: DueApplication, options: OperateOptions): Promise<Operated> {
  const { attempt } = options;
  const targets = runsHooks(attempt) ? options.hooks.filter(isOfSync) : [];
  const run = new HookRun(
    context,
    {
      application: due.application.metadata.name,
      revision: attempt.revision,
      startedAtMs: attempt.startedAtMs,
    },
    attempt.hooks ?? [],
  );
  if (targets.length === 0 && !run.holds) return plainly(context, options);
  const isRecorded = due.attempt?.startedAtMs === attempt.startedAtMs;
  if (!isRecorded) return going(attempt, { message: 'the operation begins', isQuick: true });
  const wait = attempt.automated ? await run.stillRuns() : undefined;
  if (wait !== undefined) return going(attempt, { message: wait, isQuick: false });
  await run.releaseEarlier();
  const pass = { run, targets };
  return attempt.failing === undefined
    ? forwards(context, options, pass)
    : afterFailure(context, attempt, { ...pass, failing: attempt.failing });
}

async function plainly(context: SliceContext, { attempt, plan, healthOf }: OperateOptions): Promise<Operated> {
  const carried = await carryOut(context, plan, { healthOf });
  return { attempt: ended(context, attempt, carried), carried, isQuick: false };
}

interface Pass {
  readonly run: HookRun;
  readonly targets: readonly HookTarget[];
}

async function forwards(
  context: SliceContext,
  { attempt, plan, healthOf }: OperateOptions,
  { run, targets }: Pass,
): Promise<Operated> {
  const carried = await carryOut(context, plan, { healthOf, hooks: { run, targets } });
  const now = withHooks(attempt, run);
  if (carried.state === 'running') return { attempt: now, carried, isQuick: false };
  if (carried.state === 'failed')
    return {
      attempt: { ...now, failing: carried.message },
      carried: { ...carried, state: 'running' },
      isQuick: true,
    };
  if (run.hasNews) return { attempt: now, carried: { ...carried, state: 'running' }, isQuick: true };
  await run.clearUp(targets);
  return { attempt: ended(context, withHooks(attempt, run), carried), carried, isQuick: false };
}

async function afterFailure(
  context: SliceContext,
  attempt: Attempt,
  { run, targets, failing }: Pass & { readonly failing: string },
): Promise<Operated> {
  let message = failing;
  for (const { hooks } of stepsOf([], targets, ['SyncFail'])) {
    const verdict = await run.step(hooks);
    if (verdict.kind === 'waiting')
      return going(withHooks(attempt, run), { message: `${failing}; ${verdict.message}`, isQuick: false });
    if (verdict.kind === 'failed') {
      message = `${failing}; ${verdict.message}`;
      break;
    }
  }
  if (run.hasNews) return going(withHooks(attempt, run), { message, isQuick: true });
  await run.clearUp(targets);
  const carried: CarriedOut = { changes: new Map(), state: 'failed', message };
  return { attempt: ended(context, withHooks(attempt, run), carried), carried, isQuick: false };
}

function going(
  attempt: Attempt,
  { message, isQuick }: { readonly message: string; readonly isQuick: boolean },
): Operated {
  return { attempt, carried: { changes: new Map(), state: 'running', message }, isQuick };
}

function withHooks(attempt: Attempt, run: HookRun): Attempt {
  return { ...attempt, hooks: run.all() };
}

function ended(context: SliceContext, attempt: Attempt, { state, message }: CarriedOut): Attempt {
  const nowMs = context.clock.nowMs();
  if (state === 'running') return attempt;
  return state === 'succeeded' ? succeeded(attempt, nowMs) : failed(attempt, nowMs, message);
}

/** A new operation knows the hooks of those before it, whose objects may still be there; and whether a deletion has some to run. */
export function keepHooks(attempt: Attempt, before: Attempt | undefined, targets: readonly HookTarget[]): Attempt {
  const { deletionHooks: _before, ...rest } = attempt;
  const hooks = attempt.hooks ?? before?.hooks;
  const forDeletion = targets.some(({ phase }) => phase === 'PreDelete' || phase === 'PostDelete');
  return {
    ...rest,
    ...(hooks === undefined ? {} : { hooks }),
    ...(forDeletion ? { deletionHooks: true } : {}),
  };
}
