// A span of time that ends work: with its own error, or with that of the work around it.
import type { AppError } from '@wheelwright/kernel';

export interface Deadline {
  readonly ms: number;
  /** The work around this one; it ends both, with its own reason. */
  readonly outer: AbortSignal;
  /** Made when the time is over. */
  readonly error: () => AppError;
}

/** Runs `work` with a signal that is aborted, its reason an AppError, once the time is over or the outer work ends. */
export async function withDeadline<T>(deadline: Deadline, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const { outer } = deadline;
  const onOuter = (): void => {
    controller.abort(outer.reason);
  };
  if (outer.aborted) onOuter();
  else outer.addEventListener('abort', onOuter, { once: true });
  const timer = setTimeout(() => {
    controller.abort(deadline.error());
  }, deadline.ms);
  try {
    return await work(controller.signal);
  } finally {
    clearTimeout(timer);
    outer.removeEventListener('abort', onOuter);
  }
}
