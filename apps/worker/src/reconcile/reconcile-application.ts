import { formatResourceKey, type GroupVersionKind } from '@wheelwright/kernel';
import { gatherAnswers } from '@wheelwright/plan/adapters';
import {
  BEING_DELETED,
  plan as makePlan,
  prunedKeys,
  prunesWithinBudget,
  questionsOf,
  summarise,
  type KnownObject,
  type Plan,
  type PlanInput,
  type Target,
} from '@wheelwright/plan';
import type { Observed } from '@wheelwright/observe';
import { windowVerdicts } from '@wheelwright/policy';
import { decideSync, failed, succeeded, type Attempt, type Decision } from '@wheelwright/rollout';
import { foldConditions, foldInventory, foldSync, type ResourceStatus } from '@wheelwright/status';
import type { ReconcileResult } from '@wheelwright/status/adapters';
import type { CarriedOut } from './carry-out.js';
import { contestedFacts } from './contested.js';
import type { SliceContext } from './context.js';
import { deleteApplication } from './delete-application.js';
import { desiredState, type Desired, type Fact } from './desired.js';
import { findingsOf, refreshBodies, wholeHealth } from './findings.js';
import { inTheNameOf, projectOf, windowSubjectOf } from './identity.js';
import { holdDeletions, leftoverFacts, spokesToLeave, type HeldDeletions } from './leftovers.js';
import { historyOf, refusedHistory, terminatedHistory } from './history.js';
import type { DueApplication } from './load.js';
import { keepHooks, operate } from './operate.js';
import { orphanFacts } from './orphans.js';
import { detailOf, isChosen, operationOf, refusedOperation, resultOf, undecided } from './results.js';
import { heedTermination } from './terminate.js';

/**
 * Reasons for which the spoke itself must be read: a sweep saw a difference, the spoke was away, an attempt went wrong half-way. For all others
 * (a commit, a changed declaration, a wait that is over) what was last seen stands, and the next sweep tells where it does not.
 */
const LOOK = /^(observe|cluster connected|broken|retry)/;
/** How long after an operation health is polled; later the sweep tells. */
const WATCH_MS = 120_000;
/** How soon to look again at what only a change of its project can help. */
const REFUSED_MS = 60_000;
/** How soon to look whether an object whose deletion was accepted is gone. */
const GOING_MS = 1_000;

/**
 * Brings one Application as far as it may go now, and says what is true of it afterwards. Level-triggered: it reads everything, trusts no memory
 * of an earlier pass but the rows, and a second run right after it finds nothing to do.
 */
export async function reconcileApplication(slice: SliceContext, loaded: DueApplication): Promise<ReconcileResult> {
  if (loaded.deletion !== undefined) return deleteApplication(slice, loaded);
  const nowMs = slice.clock.nowMs();
  const due = heedTermination(loaded, nowMs);
  const identity = inTheNameOf(slice, due.application);
  if ('refused' in identity) {
    const facts = [{ type: 'InvalidSpecError', message: identity.refused }];
    return undecided(due, facts, { nowMs, againMs: REFUSED_MS });
  }
  const { context } = identity;
  const desired = await desiredState(context, due);
  if (desired.kind === 'undecided') return undecided(due, desired.facts, { nowMs, againMs: desired.againMs });
  const observed = await look(context, due, desired);
  const input = planInput(context, due, { desired, observed });
  const answers = await gatherAnswers(context.client, questionsOf(input), {
    signal: context.signal,
    naming: { jq: context.jq, rules: desired.comparing.rules },
  });
  const plan = makePlan(input, answers);
  const decision = decide(context, due, { desired, plan, nowMs });
  const bodies = await refreshBodies(context, { due, plan, observed });
  const move = await carry(context, due, { desired, plan, decision, bodies });
  return conclude(context, due, { desired, plan, decision, move, bodies, observed });
}

async function look(
  context: SliceContext,
  due: DueApplication,
  desired: Desired,
): Promise<ReadonlyMap<string, Observed>> {
  if (!LOOK.test(due.reason) && due.requested.length === 0) {
    const own = new Map(due.resources.filter(isThere).map((row) => [formatResourceKey(row.key), asObserved(row)]));
    const rows = new Set(due.resources.map(({ key }) => formatResourceKey(key)));
    const isNew = ({ key, implicitNamespace }: Target): boolean =>
      implicitNamespace === undefined && !rows.has(formatResourceKey(key));
    const owned = await context.owned(
      due.id,
      desired.aimed.targets.filter(isNew).map(({ key }) => key),
    );
    return new Map([...own, ...owned.map((object): [string, Observed] => [formatResourceKey(object.key), object])]);
  }
  return context.observe(kindsOf(due, desired));
}

function isThere(row: ResourceStatus): boolean {
  return row.uid !== '';
}

function asObserved(row: ResourceStatus): Observed {
  const { key, uid, fingerprint, resourceVersion } = row;
  return { key, uid, fingerprint, resourceVersion, trackingId: '', deleting: false };
}

function kindsOf(due: DueApplication, desired: Desired): readonly GroupVersionKind[] {
  const kinds = new Map<string, GroupVersionKind>();
  for (const { key, version } of [...due.resources, ...desired.aimed.targets]) {
    kinds.set(`${key.group}/${key.kind}`, { group: key.group, kind: key.kind, version });
  }
  return [...kinds.values()];
}

function planInput(
  context: SliceContext,
  due: DueApplication,
  { desired, observed }: { readonly desired: Desired; readonly observed: ReadonlyMap<string, Observed> },
): PlanInput {
  return {
    application: due.application.metadata.name,
    targets: desired.aimed.targets,
    known: due.resources.map(asKnown),
    observed,
    options: desired.options,
    isApplication: context.isApplication,
    applicationUid: due.id,
    ...desired.comparing.input,
  };
}

/** The plan compares against the state in which an object was last in sync; an object that was not has no such state. */
function asKnown(row: ResourceStatus): KnownObject {
  return {
    key: row.key,
    version: row.version,
    wave: row.wave,
    appliedDigest: row.appliedDigest,
    fingerprint: row.sync === 'Synced' ? row.fingerprint : '',
    uid: row.uid,
  };
}

interface DecideOptions {
  readonly desired: Desired;
  readonly plan: Plan;
  readonly nowMs: number;
}

function decide(context: SliceContext, due: DueApplication, { desired, plan, nowMs }: DecideOptions): Decision {
  const { cluster, freeze } = context;
  const project = projectOf(context, due.application);
  const subject = windowSubjectOf(due.application, cluster);
  const running = due.attempt?.state === 'running' ? due.attempt : undefined;
  const requested = due.requested.find(({ kind }) => kind === 'sync');
  const summary = summarise(plan);
  // What the spoke refuses in the dry run is work too: its attempt fails with the reason, and is tried again.
  const changes = summary.changes + desired.aimed.problems.length + plan.problems.length;
  const decision = decideSync({
    policy: due.application.spec.syncPolicy,
    revision: desired.commit,
    // What was tried on another spoke, before a move, says nothing about this one.
    desiredDigest: `${cluster.id} ${desired.aimed.digest}`,
    plan: { ...summary, changes },
    attempt: due.attempt,
    requested: requested?.sync,
    nowMs,
    freeze,
    pause: due.pause,
    windows: project === undefined ? undefined : windowVerdicts(project, subject, { nowMs, running }),
  });
  return decision.kind === 'sync'
    ? { ...decision, attempt: keepHooks(decision.attempt, due.attempt, desired.aimed.hooks) }
    : decision;
}

/** What this pass did to the spoke. */
interface Move {
  readonly attempt: Attempt | undefined;
  readonly message: string;
  readonly carried: CarriedOut | undefined;
  readonly facts: readonly Fact[];
  readonly deletions: HeldDeletions;
  /** Whether the next pass of the operation has something to do at once. */
  readonly isQuick: boolean;
}

const NOTHING = { message: '', carried: undefined, facts: [], isQuick: false };

interface CarryOptions {
  readonly desired: Desired;
  readonly plan: Plan;
  readonly decision: Decision;
  readonly bodies: Awaited<ReturnType<typeof refreshBodies>>;
}

async function carry(context: SliceContext, due: DueApplication, options: CarryOptions): Promise<Move> {
  const { decision, plan, desired } = options;
  const problems = [...desired.aimed.problems, ...plan.problems];
  const message = invalidTasks(problems);
  if (decision.kind !== 'sync') {
    const error = decision.kind === 'stay' ? decision.error : undefined;
    const reason = error ?? (problems.length > 0 ? message : undefined);
    return {
      ...NOTHING,
      attempt: due.attempt,
      facts: [...blockFacts(decision), ...(reason === undefined ? [] : [{ type: 'SyncError', message: reason }])],
      deletions: holdDeletions(due, []),
    };
  }
  if (problems.length > 0) {
    return {
      ...NOTHING,
      attempt: failed(decision.attempt, context.clock.nowMs(), message),
      message,
      facts: [{ type: 'SyncError', message }],
      deletions: holdDeletions(due, []),
    };
  }
  const pastBudget = decision.attempt.prune && !prunesWithinBudget(plan, due.resources.length);
  const deletions = holdDeletions(due, pastBudget ? prunedKeys(plan).keys : []);
  const allowed = permitted(plan, {
    prune: decision.attempt.prune && (!pastBudget || deletions.approved),
    chosen: decision.attempt.resources,
  });
  if (decision.dryRun) return { ...NOTHING, attempt: due.attempt, message: dryRunText(allowed), deletions };
  // Should this pass end half-way, a sweep finds what it made.
  await context.recordKinds(kindsOf(due, desired));
  const { attempt, carried, isQuick } = await operate(context, due, {
    attempt: decision.attempt,
    plan: allowed,
    hooks: desired.aimed.hooks,
    healthOf: options.bodies.healthOf,
  });
  const failure = carried.state === 'failed' ? [{ type: 'SyncError', message: carried.message }] : [];
  return { attempt, message: carried.message, carried, deletions, facts: failure, isQuick };
}

/** What is in the way of an automated sync. A person who was refused reads it in the operation. */
function blockFacts(decision: Decision): readonly Fact[] {
  if (decision.kind !== 'blocked' || decision.refused) return [];
  return [{ type: BLOCKED[decision.by], message: decision.why }];
}

const BLOCKED = { freeze: 'Frozen', pause: 'Paused', window: 'SyncWindow' } as const;

/** All of one sort of mistake looks alike: the first ones tell enough, and a condition stays readable. */
const TOLD = 20;

function invalidTasks(problems: Plan['problems']): string {
  const told = problems.slice(0, TOLD).map(({ key, message }) => `${formatResourceKey(key)}: ${message}`);
  const more = problems.length > TOLD ? ` (and ${problems.length - TOLD} more)` : '';
  return `one or more synchronization tasks are not valid: ${told.join('; ')}${more}`;
}

/** The part of a plan that may be carried out: prunes only where allowed, and only the chosen objects. */
function permitted(plan: Plan, options: { readonly prune: boolean; readonly chosen: Attempt['resources'] }): Plan {
  return {
    ...plan,
    entries: plan.entries.filter(
      (entry) => isChosen(options.chosen, entry.key) && (options.prune || entry.action !== 'prune'),
    ),
  };
}

function dryRunText(plan: Plan): string {
  const { changes, prunes, desired } = summarise(plan);
  return `dry run: of ${desired} objects ${changes} would change, and ${prunes} more would be pruned`;
}

interface ConcludeOptions {
  readonly desired: Desired;
  readonly plan: Plan;
  readonly decision: Decision;
  readonly move: Move;
  readonly bodies: Awaited<ReturnType<typeof refreshBodies>>;
  readonly observed: ReadonlyMap<string, Observed>;
}

function conclude(context: SliceContext, due: DueApplication, options: ConcludeOptions): ReconcileResult {
  const { desired, plan, decision, move } = options;
  const nowMs = context.clock.nowMs();
  const nowIso = new Date(nowMs).toISOString();
  const findings = findingsOf({ due, plan, carried: move.carried, bodies: options.bodies, observed: options.observed });
  const inventory = foldInventory(due.resources, findings);
  const health = wholeHealth(findings, desired.aimed.targets);
  const ran = decision.kind === 'sync';
  const operation =
    ran && move.attempt !== undefined
      ? operationOf(decision.dryRun ? succeeded(decision.attempt, nowMs) : move.attempt, move.message)
      : decision.kind === 'blocked' && decision.refused
        ? refusedOperation(due, decision.why, nowIso)
        : due.operation;
  const { held } = move.deletions;
  const heldFacts = held === null ? [] : [{ type: 'DeletionHeld', message: held.reason }];
  const facts = [
    ...desired.facts,
    ...plan.warnings,
    ...contestedFacts(due, { plan, decision, nowMs }),
    ...move.facts,
    ...heldFacts,
    ...leftoverFacts(due),
    ...orphanFacts(context, due),
  ];
  const sync = foldSync(findings);
  const leave = spokesToLeave(due, move.deletions, sync);
  const isGoing = findings.some(({ message }) => message === BEING_DELETED);
  const again = nextLook(decision, { move, health: health.status, isGoing, nowMs });
  return resultOf(due, {
    ...(again === undefined ? {} : { again }),
    verdict: {
      sync,
      health: health.status,
      revision: desired.commit,
      phase: operation?.phase ?? '',
    },
    detail: {
      ...detailOf(due),
      treeDigest: desired.treeDigest,
      renderKey: desired.renderKey,
      desiredDigest: desired.aimed.digest,
      healthMessage: health.message,
      conditions: foldConditions(due.conditions, facts, nowIso),
      operation,
      attempt: move.attempt ?? null,
      resourceCount: findings.length,
    },
    resources: inventory.upserts,
    removed: inventory.removed,
    kinds: kindsOf(due, desired),
    // An approval is kept until what it is for is under way.
    ...(move.deletions.approved && due.leftovers.length > 0 && leave.length === 0 ? {} : { held }),
    leave,
    // A sync that goes on over several passes goes on as its attempt.
    finished: due.requested.map(({ id }) => id),
    ...(desired.pinOver === undefined ? {} : { pinOver: desired.pinOver }),
    ...(ran && !decision.dryRun && move.attempt !== undefined && move.attempt.state !== 'running'
      ? { history: historyOf(due, desired.source, { ...move, attempt: move.attempt }) }
      : decision.kind === 'blocked' && decision.refused
        ? refusedHistory(due, decision.why, nowIso)
        : terminatedHistory(due)),
  });
}

/** When this Application wants to be looked at again although nothing changed from outside. */
function nextLook(
  decision: Decision,
  now: { readonly move: Move; readonly health: string; readonly isGoing: boolean; readonly nowMs: number },
): ReconcileResult['again'] {
  const { attempt } = now.move;
  const isBlocked = decision.kind === 'blocked';
  if (decision.kind === 'wait') return { afterMs: Math.max(0, decision.untilMs - now.nowMs), reason: 'retry' };
  // Without the refused request the decision is another one.
  if (isBlocked && decision.refused) return { afterMs: 0, reason: 'request refused' };
  if (now.isGoing) return { afterMs: GOING_MS, reason: 'deletion' };
  if (attempt?.state === 'running' && !isBlocked)
    return { afterMs: now.move.isQuick ? 0 : pollMs(now.nowMs - attempt.startedAtMs), reason: 'wave' };
  // The decision about the next try, or none, is taken at once: it knows the wait.
  if (attempt?.state === 'failed' && decision.kind === 'sync') return { afterMs: 0, reason: 'retry' };
  const sinceMs = now.nowMs - (attempt?.endedAtMs ?? 0);
  if (now.health === 'Progressing' && sinceMs < WATCH_MS) return { afterMs: pollMs(sinceMs), reason: 'progress' };
  if (!isBlocked || decision.untilMs === undefined) return undefined;
  return { afterMs: Math.max(0, decision.untilMs - now.nowMs), reason: 'sync window' };
}

/** A quarter of the time that has passed, between half a second and fifteen. */
function pollMs(sinceMs: number): number {
  return Math.min(15_000, Math.max(500, sinceMs / 4));
}
