// The time limit of one call, together with its caller's own signal.
import { AppError } from '@wheelwright/kernel';

/** Ends a call when its time is over or its caller gives up, whichever is first. Always `end()` it. */
export interface Deadline {
  readonly signal: AbortSignal;
  readonly totalMs: number;
  remainingMs(): number;
  /** Whether the time is over (and not: the caller gave up). */
  isOver(): boolean;
  /** The error to throw once the signal is aborted. */
  error(cause: unknown): AppError;
  end(): void;
}

/** Starts to count `totalMs` milliseconds. */
export function startDeadline(totalMs: number, outer: AbortSignal | undefined): Deadline {
  const controller = new AbortController();
  const endsAtMs = performance.now() + totalMs;
  let over = false;
  const timer = setTimeout(() => {
    over = !controller.signal.aborted;
    controller.abort();
  }, totalMs);
  const onOuter = (): void => {
    controller.abort(outer?.reason);
  };
  if (outer?.aborted === true) onOuter();
  else outer?.addEventListener('abort', onOuter, { once: true });
  return {
    signal: controller.signal,
    totalMs,
    remainingMs: () => Math.max(0, endsAtMs - performance.now()),
    isOver: () => over,
    error: (cause) => {
      if (over) {
        return new AppError('SpokeUnreachable', `The spoke did not answer within ${String(totalMs)} ms.`, {
          details: { reason: 'Timeout' },
          cause,
        });
      }
      const reason: unknown = outer?.reason;
      return reason instanceof AppError
        ? reason
        : new AppError('Unavailable', 'The call to the spoke was cancelled.', { cause: reason });
    },
    end: () => {
      clearTimeout(timer);
      outer?.removeEventListener('abort', onOuter);
    },
  };
}
