// Desired state, last attempt, policy and time in; whether this Application may move now out.
// Follows the rules of automated sync that Argo CD documents (one attempt per revision and parameters, retry, self-heal),
// except that the first repair of a drift does not wait.
import { parseDurationMs } from '@wheelwright/kernel';
import type { RetryPolicy } from '@wheelwright/intent';
import type { Attempt, BlockedDecision, DecideInput, Decision } from './types.js';

const DEFAULT_RETRY_LIMIT = 5;
const DEFAULT_RETRY_MS = 5_000;
const DEFAULT_RETRY_FACTOR = 2;
const DEFAULT_RETRY_MAX_MS = 180_000;
const HEAL_FIRST_MS = 2_000;
const HEAL_FACTOR = 3;
const HEAL_MAX_MS = 300_000;
/** After so long without a repair, the next drift is repaired at once again. */
const HEAL_QUIET_MS = 330_000;

/**
 * Decides whether an Application moves now, later, or not at all. Pure: the same input, the same answer.
 * A freeze, a pause and sync windows stop only what would move: an Application that has nothing to do is not blocked, and a dry run, which writes nothing, never is.
 */
export function decideSync(input: DecideInput): Decision {
  const decision = decideFreely(input);
  return decision.kind === 'sync' && !decision.dryRun ? (blockOf(input, decision.attempt) ?? decision) : decision;
}

/** What is in the way of an attempt. A frozen fleet lets nothing go on; a window may let what runs already. */
function blockOf(input: DecideInput, attempt: Attempt): BlockedDecision | undefined {
  const { freeze, windows, requested } = input;
  const refused = requested !== undefined;
  if (freeze !== undefined)
    return {
      kind: 'blocked',
      by: 'freeze',
      why: `the fleet is frozen by ${freeze.frozenBy}: ${freeze.reason}`,
      refused,
    };
  if (input.pause !== undefined)
    return {
      kind: 'blocked',
      by: 'pause',
      why: `it is paused by ${input.pause.pausedBy}: ${input.pause.reason} (resumeApplication ends it)`,
      refused,
    };
  const verdict = attempt.automated ? windows?.automated : windows?.manual;
  if (verdict === undefined || verdict.allowed) return undefined;
  const isRunning = attempt === input.attempt;
  if (isRunning && windows?.mayOverrun === true) return undefined;
  return { kind: 'blocked', by: 'window', why: verdict.reason, untilMs: verdict.untilMs, refused };
}

function decideFreely(input: DecideInput): Decision {
  const { attempt, requested } = input;
  if (requested !== undefined) return start(input, { automated: false, heals: 0, failures: 0 });
  const same = attempt?.revision === input.revision && attempt.desiredDigest === input.desiredDigest;
  if (same && attempt.state === 'running') return { kind: 'sync', attempt, dryRun: false };
  const automated = input.policy?.automated;
  if (automated === undefined || automated.enabled === false) return { kind: 'stay' };
  if (same && attempt.terminated === true) return { kind: 'stay', error: attempt.message };
  // A hook that failed is no difference that a plan could show.
  if (same && attempt.state === 'failed' && attempt.automated && hasFailedHook(attempt)) return retry(input, attempt);
  const work = input.plan.changes + (automated.prune === true ? input.plan.prunes : 0);
  if (work === 0) return { kind: 'stay' };
  if (automated.prune === true && input.plan.desired === 0 && automated.allowEmpty !== true) {
    return {
      kind: 'stay',
      error: `auto-sync will wipe out all resources (${String(input.plan.prunes)}): set syncPolicy.automated.allowEmpty, or sync with prune by hand`,
    };
  }
  if (!same) return start(input, { automated: true, heals: 0, failures: 0 });
  return attempt.state === 'failed' ? retry(input, attempt) : heal(input, attempt);
}

interface StartOptions {
  readonly automated: boolean;
  readonly heals: number;
  readonly failures: number;
  /** The try before, of the same operation. */
  readonly previous?: Attempt;
}

function start(input: DecideInput, options: StartOptions): Decision {
  const { requested } = input;
  const { reason, origin } = requested ?? options.previous ?? {};
  return {
    kind: 'sync',
    dryRun: requested?.dryRun ?? false,
    attempt: {
      revision: input.revision,
      desiredDigest: input.desiredDigest,
      state: 'running',
      failures: options.failures,
      heals: options.heals,
      startedAtMs: input.nowMs,
      endedAtMs: 0,
      automated: options.automated,
      initiatedBy: requested?.requestedBy ?? 'automated',
      prune: requested?.prune ?? input.policy?.automated?.prune === true,
      resources: requested?.resources ?? [],
      message: '',
      ...(reason === undefined ? {} : { reason }),
      ...(origin === undefined ? {} : { origin }),
    },
  };
}

function retry(input: DecideInput, attempt: Attempt): Decision {
  const policy = input.policy?.retry;
  const limit = policy?.limit ?? DEFAULT_RETRY_LIMIT;
  if (limit >= 0 && attempt.failures > limit) {
    return {
      kind: 'stay',
      error: `failed ${String(attempt.failures)} times at ${short(input.revision)}, retries are used up: ${attempt.message}`,
    };
  }
  const untilMs = attempt.endedAtMs + retryWaitMs(policy, attempt.failures - 1);
  if (input.nowMs < untilMs)
    return { kind: 'wait', untilMs, why: `retry ${String(attempt.failures)}: ${attempt.message}` };
  return start(input, { automated: true, heals: attempt.heals, failures: attempt.failures, previous: attempt });
}

/** Milliseconds to wait after the (n+1)-th failure: `duration × factor^n`, at most `maxDuration`. */
export function retryWaitMs(policy: RetryPolicy | undefined, n: number): number {
  const first = parseDurationMs(policy?.backoff?.duration ?? '') ?? DEFAULT_RETRY_MS;
  const most = parseDurationMs(policy?.backoff?.maxDuration ?? '') ?? DEFAULT_RETRY_MAX_MS;
  const factor = policy?.backoff?.factor ?? DEFAULT_RETRY_FACTOR;
  return Math.min(most, first * factor ** Math.max(0, n));
}

function heal(input: DecideInput, attempt: Attempt): Decision {
  if (input.policy?.automated?.selfHeal !== true) return { kind: 'stay' };
  const quiet = input.nowMs - attempt.endedAtMs >= HEAL_QUIET_MS;
  if (quiet || attempt.heals === 0) return start(input, { automated: true, heals: 1, failures: 0 });
  const waitMs = Math.min(HEAL_MAX_MS, HEAL_FIRST_MS * HEAL_FACTOR ** (attempt.heals - 1));
  const untilMs = attempt.endedAtMs + waitMs;
  if (input.nowMs < untilMs) return { kind: 'wait', untilMs, why: `self-heal ${String(attempt.heals + 1)} backs off` };
  return start(input, { automated: true, heals: attempt.heals + 1, failures: 0 });
}

function hasFailedHook({ hooks = [], startedAtMs }: Attempt): boolean {
  return hooks.some((hook) => hook.startedAtMs === startedAtMs && hook.state === 'Failed');
}

/** The attempt after it succeeded. */
export function succeeded(attempt: Attempt, nowMs: number): Attempt {
  return { ...attempt, state: 'succeeded', failures: 0, endedAtMs: nowMs, message: '' };
}

/** The attempt after it failed, with the reason. */
export function failed({ failing: _told, ...attempt }: Attempt, nowMs: number, message: string): Attempt {
  return { ...attempt, state: 'failed', failures: attempt.failures + 1, endedAtMs: nowMs, message };
}

/** The attempt after somebody ended it, running or waiting to be tried again. It says so until something newer is declared, or somebody syncs. */
export function terminated({ failing: _told, ...attempt }: Attempt, nowMs: number, by: string): Attempt {
  const message = `terminated by ${by}: nothing is tried again until something newer is declared, or somebody syncs`;
  return { ...attempt, state: 'failed', terminated: true, endedAtMs: nowMs, message };
}

function short(revision: string): string {
  return revision.slice(0, 8);
}
