// Until when a host does not want to be asked: read from its answers, remembered per host and credentials (limits are counted per account).
import type { Clock } from '@wheelwright/kernel';

type HeaderReader = (name: string) => string | undefined;

/** Where a host says "fewer" without saying until when. */
const DEFAULT_PAUSE_MS = 60_000;
/** No public host has a longer window; a header that says more is not believed. */
const MAX_PAUSE_MS = 3_600_000;
/** Above this a number of seconds is a point in time, below it a span. */
const EPOCH_SECONDS = 1_000_000_000;
const MAX_ENTRIES = 10_000;

/** Milliseconds to wait that an answer asks for; `undefined` where it is no rate limit (a 403 may just be a refusal). */
export function pauseOf(status: number, header: HeaderReader, nowMs: number): number | undefined {
  if (status !== 403 && status !== 429) return undefined;
  const retryAfter = header('retry-after');
  if (retryAfter !== undefined) return bounded(retryAfterMs(retryAfter, nowMs));
  const isSpent = header('x-ratelimit-remaining') === '0' || header('ratelimit-remaining') === '0';
  if (status === 403 && !isSpent) return undefined;
  const reset = Number(header('x-ratelimit-reset') ?? header('ratelimit-reset') ?? Number.NaN);
  return bounded(reset >= EPOCH_SECONDS ? reset * 1_000 - nowMs : reset * 1_000);
}

/** `Retry-After` is a number of seconds or a date (RFC 9110, 10.2.3). */
function retryAfterMs(text: string, nowMs: number): number {
  return /^\d+$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - nowMs;
}

function bounded(pauseMs: number): number {
  return Number.isFinite(pauseMs) ? Math.min(MAX_PAUSE_MS, Math.max(1_000, pauseMs)) : DEFAULT_PAUSE_MS;
}

export class RateLimits {
  readonly #until = new Map<string, number>();

  constructor(private readonly clock: Clock) {}

  /** Milliseconds until `key` may be asked again; `undefined` where it may now. */
  pauseMs(key: string): number | undefined {
    const until = this.#until.get(key);
    if (until === undefined) return undefined;
    const left = until - this.clock.nowMs();
    if (left > 0) return left;
    this.#until.delete(key);
    return undefined;
  }

  pause(key: string, pauseMs: number): void {
    this.#until.delete(key);
    this.#until.set(key, this.clock.nowMs() + pauseMs);
    for (const oldest of this.#until.keys()) {
      if (this.#until.size <= MAX_ENTRIES) break;
      this.#until.delete(oldest);
    }
  }
}
