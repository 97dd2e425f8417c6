// Which notifications were taken lately. The delivery id is not signed, so the bytes themselves are what is remembered.
import { digestText } from '@wheelwright/kernel';

const WINDOW_MS = 600_000;
const MAX_REMEMBERED = 10_000;

export class ReplayGuard {
  readonly #seenMs = new Map<string, number>();

  /** Whether these bytes come for the first time in ten minutes; remembers them. */
  isNew(body: Uint8Array, nowMs: number): boolean {
    const digest = digestText(body);
    const seenMs = this.#seenMs.get(digest);
    if (seenMs !== undefined && nowMs - seenMs < WINDOW_MS) return false;
    this.#seenMs.delete(digest);
    this.#seenMs.set(digest, nowMs);
    if (this.#seenMs.size > MAX_REMEMBERED) {
      const [oldest] = this.#seenMs.keys();
      if (oldest !== undefined) this.#seenMs.delete(oldest);
    }
    return true;
  }
}
