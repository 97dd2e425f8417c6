// Results that can never change, kept up to a number of bytes. Whoever asks while one is being made waits for the same one.

export interface Sized<T> {
  readonly value: T;
  readonly bytes: number;
}

export class ByteLru<T> {
  readonly #kept = new Map<string, Sized<T>>();
  readonly #making = new Map<string, Promise<Sized<T>>>();
  #bytes = 0;

  constructor(private readonly maxBytes: number) {}

  get bytes(): number {
    return this.#bytes;
  }

  /** The kept result, or the one that is being made; undefined where there is neither. */
  peek(key: string): Promise<T> | undefined {
    const kept = this.#kept.get(key);
    if (kept !== undefined) {
      this.#kept.delete(key);
      this.#kept.set(key, kept);
      return Promise.resolve(kept.value);
    }
    return this.#making.get(key)?.then((made) => made.value);
  }

  /** Makes a result and keeps it. A failure is not kept. */
  async make(key: string, work: () => Promise<Sized<T>>): Promise<T> {
    const making = work();
    this.#making.set(key, making);
    try {
      const made = await making;
      this.#keep(key, made);
      return made.value;
    } finally {
      this.#making.delete(key);
    }
  }

  #keep(key: string, made: Sized<T>): void {
    if (made.bytes > this.maxBytes) return;
    this.#kept.set(key, made);
    this.#bytes += made.bytes;
    for (const [oldest, { bytes }] of this.#kept) {
      if (this.#bytes <= this.maxBytes) return;
      this.#kept.delete(oldest);
      this.#bytes -= bytes;
    }
  }
}
