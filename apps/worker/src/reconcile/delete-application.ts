import { formatResourceKey } from '@wheelwright/kernel';
import {
  BEING_DELETED,
  parseSyncOptions,
  plan as makePlan,
  questionsOf,
  type Plan,
  type PlanInput,
} from '@wheelwright/plan';
import { gatherAnswers } from '@wheelwright/plan/adapters';
import { foldConditions, foldInventory } from '@wheelwright/status';
import type { ReconcileResult } from '@wheelwright/status/adapters';
import { carryOut } from './carry-out.js';
import type { SliceContext } from './context.js';
import { concernsHooks, deleteWithHooks, letGo } from './deletion-hooks.js';
import type { Fact } from './desired.js';
import { findingsOf } from './findings.js';
import { inTheNameOf } from './identity.js';
import { leftoverFacts, spokesLeft } from './leftovers.js';
import type { DueApplication } from './load.js';
import { detailOf, resultOf } from './results.js';

const AGAIN_MS = 1_000;
/** How soon a deletion that may not go on is looked at again. */
const STOPPED_MS = 60_000;

/**
 * Takes an Application away. With cascade its objects are deleted first, wave by wave from the last, and the row goes only when none of them is
 * left on the spoke, its hooks for a deletion around that; without, they stay as they are. Each pass plans anew from what is there, so a crash between two passes loses nothing.
 */
export async function deleteApplication(slice: SliceContext, due: DueApplication): Promise<ReconcileResult> {
  const { freeze } = slice;
  if (due.deletion?.cascade !== true) {
    const who = inTheNameOf(slice, due.application);
    if (freeze === undefined && 'context' in who) await letGo(who.context, due);
    return resultOf(due, { deleted: true });
  }
  if (freeze !== undefined)
    return stopped(slice, due, {
      type: 'Frozen',
      message: `the fleet is frozen by ${freeze.frozenBy}: ${freeze.reason}`,
    });
  const identity = inTheNameOf(slice, due.application);
  if ('refused' in identity) return stopped(slice, due, { type: 'DeletionError', message: identity.refused });
  const { context } = identity;
  const clear = (): Promise<ReconcileResult> => clearSpoke(context, due);
  const { options } = parseSyncOptions(due.application.spec.syncPolicy?.syncOptions ?? []);
  const result = await (concernsHooks(due) ? deleteWithHooks(context, due, { clear, options }) : clear());
  const nowIso = new Date(context.clock.nowMs()).toISOString();
  if (!result.deleted || due.leftovers.length === 0) return result;
  // The row is what remembers the objects that a move left elsewhere: it goes last.
  return resultOf(due, {
    again: { afterMs: AGAIN_MS, reason: 'deletion' },
    detail: { ...detailOf(due), conditions: foldConditions(due.conditions, leftoverFacts(due), nowIso) },
    removed: due.resources.map(({ key }) => key),
    leave: spokesLeft(due),
  });
}

/** A deletion that may not go on: nothing is touched, and the reason is shown. */
function stopped(context: SliceContext, due: DueApplication, fact: Fact): ReconcileResult {
  const nowIso = new Date(context.clock.nowMs()).toISOString();
  return resultOf(due, {
    again: { afterMs: STOPPED_MS, reason: 'deletion' },
    detail: { ...detailOf(due), conditions: foldConditions(due.conditions, [fact], nowIso) },
  });
}

/** Deletes what an Application has on this spoke. `deleted`: nothing of it is left there. */
export async function clearSpoke(context: SliceContext, due: DueApplication): Promise<ReconcileResult> {
  if (due.resources.length === 0) return resultOf(due, { deleted: true });
  const input: PlanInput = {
    application: due.application.metadata.name,
    targets: [],
    known: due.resources.map(({ key, version, wave, appliedDigest, fingerprint, uid }) => ({
      key,
      version,
      wave,
      appliedDigest,
      fingerprint,
      uid,
    })),
    observed: new Map(),
    options: parseSyncOptions(due.application.spec.syncPolicy?.syncOptions ?? []).options,
    isApplication: context.isApplication,
    applicationUid: due.id,
    removal: due.deletion === undefined ? 'prune' : 'delete',
  };
  const plan = makePlan(input, await gatherAnswers(context.client, questionsOf(input), { signal: context.signal }));
  const waiting = plan.entries.filter((entry) => entry.action === 'prune' || isGoing(plan, entry.key));
  // What is kept on purpose (Delete=false) stays on the spoke when the row goes.
  if (waiting.length === 0) return resultOf(due, { deleted: true });
  const carried = await carryOut(context, plan, { healthOf: () => undefined });
  const nowIso = new Date(context.clock.nowMs()).toISOString();
  const bodies = { live: new Map(), healthOf: () => undefined };
  const findings = findingsOf({ due, plan, carried, bodies, observed: new Map() });
  const left = new Set(waiting.map(({ key }) => formatResourceKey(key)));
  // A deletion that was accepted may still wait for finalizers: the row stays until the object is seen to be gone.
  const going = due.resources.filter((row) => left.has(formatResourceKey(row.key)));
  const kept = findings.filter(({ key }) => !left.has(formatResourceKey(key)));
  const inventory = foldInventory(due.resources, kept);
  const goingKeys = new Set(going.map((row) => formatResourceKey(row.key)));
  const facts = carried.state === 'failed' ? [{ type: 'DeletionError', message: carried.message }] : [];
  return resultOf(due, {
    again: { afterMs: AGAIN_MS, reason: 'deletion' },
    detail: { ...detailOf(due), conditions: foldConditions(due.conditions, facts, nowIso) },
    resources: going.map((row) => ({
      ...row,
      desiredDigest: '',
      appliedDigest: '',
      sync: 'OutOfSync',
      health: 'Progressing',
      message: 'it is being deleted',
    })),
    removed: inventory.removed.filter((key) => !goingKeys.has(formatResourceKey(key))),
  });
}

function isGoing(plan: Plan, key: Plan['entries'][number]['key']): boolean {
  const text = formatResourceKey(key);
  return plan.entries.some((entry) => formatResourceKey(entry.key) === text && entry.reason === BEING_DELETED);
}
