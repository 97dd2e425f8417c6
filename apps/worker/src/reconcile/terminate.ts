import { terminated } from '@wheelwright/rollout';
import type { DueApplication, Requested } from './load.js';
import { operationOf } from './results.js';

/**
 * An Application as it is once the requests to end its operation are heeded: what runs or waits to be tried again has ended, and syncs that were
 * asked for before never begin. Those requests count as refreshes, so that they are answered with the pass. What a hook made already runs on.
 */
export function heedTermination(due: DueApplication, nowMs: number): DueApplication {
  const at = due.requested.findLastIndex(({ kind }) => kind === 'terminate');
  const request = due.requested[at];
  if (request === undefined) return due;
  const requested = due.requested.map((one, index) => (index <= at ? asRefresh(one) : one));
  const { attempt } = due;
  if (attempt === undefined || attempt.state === 'succeeded' || attempt.terminated === true)
    return { ...due, requested };
  const ended = terminated(attempt, nowMs, request.sync.requestedBy);
  return { ...due, requested, isEnding: true, attempt: ended, operation: operationOf(ended, ended.message) };
}

function asRefresh(request: Requested): Requested {
  return { ...request, kind: 'refresh' };
}
