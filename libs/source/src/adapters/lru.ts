// Answers that can never change, kept while they are used. Whoever asks while an answer is being made waits for the same one.

export class Lru<T> {
  readonly #entries = new Map<string, Promise<T>>();

  constructor(private readonly limit: number) {}

  /** The kept answer, or the one that `make` gives. A failure is not kept. */
  get(key: string, make: () => Promise<T>): Promise<T> {
    const kept = this.#entries.get(key);
    if (kept !== undefined) {
      this.#entries.delete(key);
      this.#entries.set(key, kept);
      return kept;
    }
    const made = make();
    this.#entries.set(key, made);
    made.catch(() => {
      if (this.#entries.get(key) === made) this.#entries.delete(key);
    });
    if (this.#entries.size > this.limit) {
      const [oldest] = this.#entries.keys();
      if (oldest !== undefined) this.#entries.delete(oldest);
    }
    return made;
  }
}
