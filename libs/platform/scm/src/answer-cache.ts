// Answers that a host may confirm with 304: bounded by bytes, least recently used goes first.

/** An answer with what it is confirmed by, and the headers that paging needs. */
export interface KeptAnswer {
  readonly etag: string | undefined;
  readonly lastModified: string | undefined;
  readonly headers: ReadonlyMap<string, string>;
  /** The body as it came, so that the bound is exact and nobody can change a kept value. */
  readonly bytes: Uint8Array;
}

/** What an entry costs besides its body: key, headers, the objects themselves. */
const ENTRY_BYTES = 1_024;

export class AnswerCache {
  readonly #entries = new Map<string, KeptAnswer>();
  #bytes = 0;

  constructor(private readonly maxBytes: number) {}

  /** The kept answer, which counts as just used. */
  get(key: string): KeptAnswer | undefined {
    const kept = this.#entries.get(key);
    if (kept !== undefined) {
      this.#entries.delete(key);
      this.#entries.set(key, kept);
    }
    return kept;
  }

  /** Keeps an answer, unless it would take more than a quarter of the room by itself. */
  set(key: string, kept: KeptAnswer): void {
    this.delete(key);
    if (kept.bytes.length > this.maxBytes / 4) return;
    this.#entries.set(key, kept);
    this.#bytes += kept.bytes.length + ENTRY_BYTES;
    for (const oldest of this.#entries.keys()) {
      if (this.#bytes <= this.maxBytes) break;
      this.delete(oldest);
    }
  }

  delete(key: string): void {
    const kept = this.#entries.get(key);
    if (kept === undefined) return;
    this.#entries.delete(key);
    this.#bytes -= kept.bytes.length + ENTRY_BYTES;
  }

  get bytes(): number {
    return this.#bytes;
  }
}
