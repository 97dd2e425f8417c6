// Rows that every request needs, kept for a few seconds: a revoked credential stops working within that time on every process.

/** How long an answer about a credential may be reused. Half of the 10 s within which a revocation must hold everywhere. */
export const CREDENTIAL_TTL_MS = 5_000;

interface Entry<V> {
  readonly value: Promise<V>;
  readonly until: number;
}

/** Bounded map with a time to live; calls for one key at the same time share one load. A failed load is not kept. */
export class ShortCache<V> {
  private readonly entries = new Map<string, Entry<V>>();

  constructor(
    private readonly load: (key: string) => Promise<V>,
    private readonly nowMs: () => number,
    private readonly limits: { readonly ttlMs: number; readonly maxEntries: number } = {
      ttlMs: CREDENTIAL_TTL_MS,
      maxEntries: 5_000,
    },
  ) {}

  async get(key: string): Promise<V> {
    const known = this.entries.get(key);
    if (known !== undefined && known.until > this.nowMs()) return known.value;
    const value = this.load(key);
    this.entries.delete(key);
    this.entries.set(key, { value, until: this.nowMs() + this.limits.ttlMs });
    this.trim();
    try {
      return await value;
    } catch (error) {
      this.entries.delete(key);
      throw error;
    }
  }

  /** Forgets one key: this process sees a change of its own at once. */
  forget(key: string): void {
    this.entries.delete(key);
  }

  private trim(): void {
    const [oldest] = this.entries.keys();
    if (this.entries.size > this.limits.maxEntries && oldest !== undefined) this.entries.delete(oldest);
  }
}
