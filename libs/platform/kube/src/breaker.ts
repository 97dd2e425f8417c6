// A circuit breaker: after some failures in a row, calls fail at once, and one probe at a time finds out whether the spoke is back.

export interface BreakerOptions {
  /** Failures in a row that open it, default 3. */
  readonly threshold?: number;
  /** First pause in milliseconds, default 1,000; doubles with each failed probe. */
  readonly firstPauseMs?: number;
  /** Longest pause, default 60,000. */
  readonly longestPauseMs?: number;
  /** 0 (included) to 1 (excluded); spreads the pauses by 20 % either way, so that hubs do not probe in step. */
  readonly random?: () => number;
}

/** What a call may do. `probe`: this call decides whether the circuit closes. */
export type Admission =
  { readonly kind: 'pass' | 'probe' } | { readonly kind: 'refused'; readonly retryAfterMs: number };

/** One per spoke. Times are monotonic milliseconds given by the caller. */
export class Breaker {
  readonly #threshold: number;
  readonly #firstPauseMs: number;
  readonly #longestPauseMs: number;
  readonly #random: () => number;
  #failures = 0;
  #opened = 0;
  #openUntilMs: number | undefined;
  #probing = false;

  constructor(options: BreakerOptions = {}) {
    this.#threshold = options.threshold ?? 3;
    this.#firstPauseMs = options.firstPauseMs ?? 1_000;
    this.#longestPauseMs = options.longestPauseMs ?? 60_000;
    this.#random = options.random ?? Math.random;
  }

  /** Milliseconds until a probe is allowed; `undefined` where calls pass. Changes nothing. */
  pauseMs(nowMs: number): number | undefined {
    if (this.#openUntilMs === undefined || (nowMs >= this.#openUntilMs && !this.#probing)) return undefined;
    return Math.max(1, Math.ceil(this.#openUntilMs - nowMs));
  }

  /** Asks to send one call; `succeeded`, `failed` or `abandoned` must follow unless it is refused. */
  admit(nowMs: number): Admission {
    if (this.#openUntilMs === undefined) return { kind: 'pass' };
    if (nowMs < this.#openUntilMs) return { kind: 'refused', retryAfterMs: Math.ceil(this.#openUntilMs - nowMs) };
    // A second caller in the half-open state must not pile up behind a spoke that may still be dead.
    if (this.#probing) return { kind: 'refused', retryAfterMs: this.#firstPauseMs };
    this.#probing = true;
    return { kind: 'probe' };
  }

  /** The spoke answered, whatever it said. */
  succeeded(): void {
    this.#failures = 0;
    this.#opened = 0;
    this.#openUntilMs = undefined;
    this.#probing = false;
  }

  /** No connection, or no answer in time. Late failures of calls that started before it opened do not lengthen the pause. */
  failed(nowMs: number, admission: Admission): void {
    if (this.#openUntilMs !== undefined && admission.kind !== 'probe') return;
    this.#failures += 1;
    if (admission.kind !== 'probe' && this.#failures < this.#threshold) return;
    const pauseMs = Math.min(this.#longestPauseMs, this.#firstPauseMs * 2 ** Math.min(this.#opened, 20));
    this.#opened += 1;
    this.#openUntilMs = nowMs + pauseMs * (0.8 + 0.4 * this.#random());
    this.#probing = false;
  }

  /** The call ended without saying anything about the spoke (its caller gave up). */
  abandoned(admission: Admission): void {
    if (admission.kind === 'probe') this.#probing = false;
  }
}
