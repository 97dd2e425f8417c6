import type { AppError, ResourceKey } from '@wheelwright/kernel';
import type { Attempt } from '@wheelwright/rollout';
import { foldConditions, type OperationState } from '@wheelwright/status';
import type { Detail, ReconcileResult } from '@wheelwright/status/adapters';
import type { Fact } from './desired.js';
import { refusedHistory } from './history.js';
import type { DueApplication } from './load.js';

const CRASH_AGAIN_MS = 60_000;

/** What stays as it is where a reconcile has nothing new to say. */
export function detailOf(due: DueApplication): Detail {
  return {
    treeDigest: due.treeDigest,
    renderKey: due.renderKey,
    desiredDigest: due.desiredDigest,
    healthMessage: due.healthMessage,
    conditions: due.conditions,
    operation: due.operation,
    attempt: due.attempt ?? null,
    resourceCount: due.resources.length,
  };
}

/** A result that changes nothing but what is given. */
export function resultOf(due: DueApplication, patch: Partial<ReconcileResult>): ReconcileResult {
  return {
    applicationId: due.id,
    seq: due.seq,
    resources: [],
    removed: [],
    kinds: [],
    finished: [],
    deleted: false,
    ...patch,
  };
}

/**
 * Nothing can be said about the desired state: sync is Unknown, the inventory and the health of what runs stay as they are, and the conditions say why.
 * A request of a person is answered with the same reason.
 */
export function undecided(
  due: DueApplication,
  facts: readonly Fact[],
  when: { readonly nowMs: number; readonly againMs: number },
): ReconcileResult {
  const nowIso = new Date(when.nowMs).toISOString();
  const again = { afterMs: when.againMs, reason: facts.length === 0 ? 'pending' : 'broken' };
  // Waiting for the first poll is not a verdict: nothing is written.
  if (facts.length === 0) return resultOf(due, { again });
  const message = facts.map((fact) => fact.message).join('; ');
  const operation = refusedOperation(due, message, nowIso);
  return resultOf(due, {
    again,
    verdict: { ...due.verdict, sync: 'Unknown', phase: operation?.phase ?? '' },
    detail: { ...detailOf(due), operation, conditions: foldConditions(due.conditions, facts, nowIso) },
    finished: due.requested.map(({ id }) => id),
    ...refusedHistory(due, message, nowIso),
  });
}

/** The operation that a request comes to where it cannot be carried out; without a request, the operation that there was. */
export function refusedOperation(due: DueApplication, message: string, nowIso: string): OperationState | null {
  const [requested] = due.requested.filter(({ kind }) => kind === 'sync');
  if (requested === undefined) return due.operation;
  return {
    phase: 'Error',
    message,
    revision: '',
    initiatedBy: requested.sync.requestedBy,
    automated: false,
    retries: 0,
    startedAt: nowIso,
    finishedAt: nowIso,
  };
}

/** A reconcile that threw: the Application says so, and is tried again. */
export function crashed(due: DueApplication, error: AppError, nowMs: number): ReconcileResult {
  return undecided(due, [{ type: 'UnknownError', message: error.message }], { nowMs, againMs: CRASH_AGAIN_MS });
}

/** The operation that an attempt is, in the words of the API. */
export function operationOf(attempt: Attempt, message: string): OperationState {
  const phase = attempt.state === 'running' ? 'Running' : attempt.state === 'succeeded' ? 'Succeeded' : 'Failed';
  return {
    phase,
    message,
    revision: attempt.revision,
    initiatedBy: attempt.initiatedBy,
    automated: attempt.automated,
    retries: attempt.failures,
    startedAt: new Date(attempt.startedAtMs).toISOString(),
    ...(attempt.state === 'running' ? {} : { finishedAt: new Date(attempt.endedAtMs).toISOString() }),
  };
}

/** Whether a requested subset names an object; an empty one names all. */
export function isChosen(chosen: Attempt['resources'], key: ResourceKey): boolean {
  if (chosen.length === 0) return true;
  return chosen.some(
    (item) =>
      item.group === key.group &&
      item.kind === key.kind &&
      item.name === key.name &&
      (item.namespace === undefined || item.namespace === key.namespace),
  );
}
