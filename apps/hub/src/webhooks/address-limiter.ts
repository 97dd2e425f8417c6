// How often one address may call: a bucket of calls that fills up evenly. Bounded in memory, whatever the number of addresses.

interface Bucket {
  readonly calls: number;
  readonly atMs: number;
}

export interface AddressLimiterOptions {
  /** Calls at once after a pause. */
  readonly burst: number;
  readonly perMinute: number;
}

const MAX_ADDRESSES = 10_000;

export class AddressLimiter {
  readonly #buckets = new Map<string, Bucket>();

  constructor(private readonly options: AddressLimiterOptions) {}

  /** Takes one call of an address; the time until the next one, in ms, where it has none left. */
  take(address: string, nowMs: number): number {
    const { burst, perMinute } = this.options;
    const before = this.#buckets.get(address) ?? { calls: burst, atMs: nowMs };
    const calls = Math.min(burst, before.calls + ((nowMs - before.atMs) * perMinute) / 60_000);
    const isAllowed = calls >= 1;
    this.#buckets.delete(address);
    this.#buckets.set(address, { calls: isAllowed ? calls - 1 : calls, atMs: nowMs });
    this.#forgetOldest();
    return isAllowed ? 0 : Math.ceil(((1 - calls) * 60_000) / perMinute);
  }

  #forgetOldest(): void {
    if (this.#buckets.size <= MAX_ADDRESSES) return;
    const [oldest] = this.#buckets.keys();
    if (oldest !== undefined) this.#buckets.delete(oldest);
  }
}
