// One handler call with a deadline: whatever the handler does, it ends in an outcome and in bounded time.
import { AppError, toAppError, type Outcome } from '@wheelwright/kernel';
import type { Handler, QueueName, Run } from './ports.js';

/** How long a handler may take to notice that its signal was aborted. */
const GRACE_MS = 5_000;

export interface BoundedRun {
  readonly queue: QueueName;
  readonly key: string;
  readonly handler: Handler;
  /** Aborts when the process stops. */
  readonly stop: AbortSignal;
  readonly deadlineMs: number;
}

/** Runs the handler; a throw, or a handler that ignores its deadline, is a `retry`. */
export async function runBounded({ queue, key, handler, stop, deadlineMs }: BoundedRun): Promise<Run> {
  const startedAt = performance.now();
  const deadline = new AbortController();
  const timer = setTimeout(() => {
    deadline.abort(new AppError('Unavailable', `the work took longer than ${deadlineMs} ms`));
  }, deadlineMs);
  const overtime = rejectLater(queue, deadlineMs + GRACE_MS);
  let outcome: Outcome;
  try {
    outcome = await Promise.race([handler(key, AbortSignal.any([stop, deadline.signal])), overtime.promise]);
  } catch (error) {
    outcome = { kind: 'retry', error: toAppError(error, 'Internal', `a handler of the queue "${queue}" failed`) };
  } finally {
    clearTimeout(timer);
    overtime.cancel();
  }
  const error = 'error' in outcome ? { error: outcome.error } : {};
  return { queue, key, outcome: outcome.kind, ...error, durationMs: performance.now() - startedAt };
}

function rejectLater(
  queue: QueueName,
  afterMs: number,
): { readonly promise: Promise<never>; readonly cancel: () => void } {
  let timer: NodeJS.Timeout | undefined;
  const promise = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new AppError('Internal', `a handler of the queue "${queue}" ignored its deadline`)),
      afterMs,
    );
  });
  return { promise, cancel: () => clearTimeout(timer) };
}
