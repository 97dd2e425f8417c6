// How many requests may be under way to one spoke: grows by one per window of quick answers, shrinks at once when the spoke is slow, throttles or fails.

export interface WindowOptions {
  /** Default 8. */
  readonly start?: number;
  /** Default 1. */
  readonly min?: number;
  /** Default 32. */
  readonly max?: number;
}

interface Waiter {
  readonly admit: () => void;
}

/** Shrinks no more than once in this time: the requests of one burst are one signal. */
const SHRINK_PAUSE_MS = 250;
/** An answer is slow where it takes this many times its verb's usual best time, and the grace on top. */
const SLOW_FACTOR = 3;
const SLOW_GRACE_MS = 100;

/** One per spoke. Waiters are admitted in the order in which they came. Times are monotonic milliseconds given by the caller. */
export class AdaptiveWindow {
  readonly #min: number;
  readonly #max: number;
  readonly #waiters = new Set<Waiter>();
  /** Best usual time by verb: falls at once, rises slowly, so a spoke that stays slower becomes the new normal. */
  readonly #usualMs = new Map<string, number>();
  #size: number;
  #inFlight = 0;
  #quick = 0;
  #shrunkAtMs = Number.NEGATIVE_INFINITY;
  #heldUntilMs = Number.NEGATIVE_INFINITY;
  #holdTimer: NodeJS.Timeout | undefined;

  constructor(options: WindowOptions = {}) {
    this.#min = options.min ?? 1;
    this.#max = options.max ?? 32;
    this.#size = Math.min(this.#max, Math.max(this.#min, options.start ?? 8));
  }

  get size(): number {
    return Math.floor(this.#size);
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  get waiting(): number {
    return this.#waiters.size;
  }

  /** Resolves when a slot is taken for the caller, who must give it back with `release`. Rejects with the signal's reason. */
  async acquire(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#waiters.size === 0 && this.#isOpen()) {
      this.#inFlight += 1;
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const onAbort = (): void => {
        this.#waiters.delete(waiter);
        // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- the signal's own reason is what the caller aborted with
        reject(signal.reason);
      };
      const waiter: Waiter = {
        admit: () => {
          signal.removeEventListener('abort', onAbort);
          resolve();
        },
      };
      signal.addEventListener('abort', onAbort, { once: true });
      this.#waiters.add(waiter);
      this.#admitWaiters();
    });
  }

  release(): void {
    this.#inFlight -= 1;
    this.#admitWaiters();
  }

  /** An answer came: the window grows while answers are as quick as usual and it is in full use. */
  answered(verb: string, durationMs: number, nowMs: number): void {
    const usualMs = this.#usualMs.get(verb);
    if (usualMs !== undefined && durationMs > usualMs * SLOW_FACTOR + SLOW_GRACE_MS) this.#shrink(0.7, nowMs);
    else if (this.#inFlight >= this.size) this.#grow();
    const next = usualMs === undefined || durationMs < usualMs ? durationMs : usualMs + (durationMs - usualMs) * 0.02;
    this.#usualMs.set(verb, next);
  }

  /** The spoke asked for fewer requests: nobody is admitted until the pause is over. */
  throttled(retryAfterMs: number, nowMs: number): void {
    this.#shrink(0.5, nowMs);
    this.#heldUntilMs = Math.max(this.#heldUntilMs, nowMs + retryAfterMs);
    clearTimeout(this.#holdTimer);
    this.#holdTimer = setTimeout(
      () => {
        this.#heldUntilMs = Number.NEGATIVE_INFINITY;
        this.#admitWaiters();
      },
      Math.max(0, this.#heldUntilMs - nowMs),
    );
    this.#holdTimer.unref();
  }

  /** No answer came. */
  failed(nowMs: number): void {
    this.#shrink(0.5, nowMs);
  }

  /** Ends the timer; the window must not be used afterwards. */
  close(): void {
    clearTimeout(this.#holdTimer);
  }

  #isOpen(): boolean {
    return this.#heldUntilMs === Number.NEGATIVE_INFINITY && this.#inFlight < this.size;
  }

  #grow(): void {
    this.#quick += 1;
    if (this.#quick < this.size) return;
    this.#quick = 0;
    this.#size = Math.min(this.#max, this.size + 1);
    this.#admitWaiters();
  }

  #shrink(factor: number, nowMs: number): void {
    this.#quick = 0;
    if (nowMs - this.#shrunkAtMs < SHRINK_PAUSE_MS) return;
    this.#shrunkAtMs = nowMs;
    this.#size = Math.max(this.#min, this.#size * factor);
  }

  #admitWaiters(): void {
    for (const waiter of this.#waiters) {
      if (!this.#isOpen()) return;
      this.#waiters.delete(waiter);
      this.#inFlight += 1;
      waiter.admit();
    }
  }
}
