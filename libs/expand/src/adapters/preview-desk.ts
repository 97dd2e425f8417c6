// Questions that only workers can answer, asked from another process: a row, a key on the queue, and the wait for the answer.
import { AppError, type ErrorCode, type Fault } from '@wheelwright/kernel';
import type { Signals } from '@wheelwright/platform-queue';
import { enqueue, type Store } from '@wheelwright/platform-store';
import type { PreviewRequest, SetPreview } from '../preview.js';

/** Where workers say that a question is answered. */
export const PREVIEWS_CHANNEL = 'previews';

/** A failure as it stands in the row. */
export interface PreviewError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly faults: readonly Fault[];
}

export interface PreviewDeskParts {
  readonly store: Store;
  readonly signals: Signals;
}

/** How often to look, should the word of a worker be lost. */
const LOOK_MS = 1_000;

/** Asks workers for previews. */
export class PreviewDesk {
  constructor(private readonly parts: PreviewDeskParts) {}

  /**
   * Asks, and waits for the answer. Throws what made the preview fail (ExpandFailed, SourceFailed, NotFound, …), and Unavailable where no worker
   * has answered in time.
   */
  async ask(
    request: PreviewRequest,
    options: { readonly actor: string; readonly deadlineMs: number },
  ): Promise<SetPreview> {
    const id = crypto.randomUUID();
    const wake = new Wake();
    const unsubscribe = await this.parts.signals.subscribe(PREVIEWS_CHANNEL, (signal) => {
      if (signal.resync || signal.ids.includes(id)) wake.ring();
    });
    try {
      await this.parts.store.tx(async (client) => {
        await client.query(`INSERT INTO previews (id, request, requested_by) VALUES ($1, $2, $3)`, [
          id,
          JSON.stringify(request),
          options.actor,
        ]);
        await enqueue(client, 'preview', [id]);
      });
      const endsAtMs = performance.now() + options.deadlineMs;
      for (let leftMs = options.deadlineMs; leftMs > 0; leftMs = endsAtMs - performance.now()) {
        await wake.wait(Math.min(LOOK_MS, leftMs));
        const answer = await this.answerOf(id);
        if (answer !== undefined) return answer;
      }
      await this.parts.store.pool.query(`DELETE FROM previews WHERE id = $1`, [id]);
      const seconds = String(Math.round(options.deadlineMs / 1_000));
      throw new AppError('Unavailable', `No worker has answered the preview within ${seconds} s: is one running?`);
    } finally {
      await unsubscribe();
    }
  }

  private async answerOf(id: string): Promise<SetPreview | undefined> {
    const { rows } = await this.parts.store.pool.query<{ answer: SetPreview | null; error: PreviewError | null }>(
      `SELECT answer, error FROM previews WHERE id = $1 AND finished_at IS NOT NULL`,
      [id],
    );
    const [row] = rows;
    if (row?.error != null) throw new AppError(row.error.code, row.error.message, { faults: row.error.faults });
    return row?.answer ?? undefined;
  }
}

/** A bell that remembers that it rang. */
class Wake {
  #rang = false;
  #waiting: (() => void) | undefined;

  ring(): void {
    this.#rang = true;
    this.#waiting?.();
  }

  async wait(mostMs: number): Promise<void> {
    if (!this.#rang)
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, mostMs);
        this.#waiting = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    this.#waiting = undefined;
    this.#rang = false;
  }
}
