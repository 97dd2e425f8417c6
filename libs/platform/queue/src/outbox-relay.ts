// Committed outbox rows in, queue jobs and signals out.
import { announcementIn, OUTBOX_CHANNEL, type Store, type Unlisten } from '@wheelwright/platform-store';
import { QUEUE_NAMES, type QueueName, type QueuePort, type Signals } from './ports.js';

export interface RelayOptions {
  /** Rows per transaction. Default 500. */
  readonly batchSize?: number;
  /** Looks at the table this often, in case a wake-up was lost. Default 1 s. */
  readonly pollMs?: number;
  readonly onError?: (error: unknown) => void;
  /** Where announcements of changes go. Absent: nobody is told. */
  readonly signals?: Pick<Signals, 'publish'>;
}

/** Nobody is told. */
const NO_SIGNALS: Pick<Signals, 'publish'> = { publish: () => Promise.resolve() };

interface Row {
  readonly queue: string;
  readonly key: string;
}

/** Moves outbox rows to the queue and to subscribers, woken by each commit that wrote some. Any number of processes may run one. */
export class OutboxRelay {
  readonly #store: Store;
  readonly #queue: QueuePort;
  readonly #options: Required<RelayOptions>;
  #timer: NodeJS.Timeout | undefined;
  #unlisten: Unlisten | undefined;
  #running: Promise<void> | undefined;
  #wokenWhileRunning = false;
  #stopped = false;

  constructor(store: Store, queue: QueuePort, options: RelayOptions = {}) {
    this.#store = store;
    this.#queue = queue;
    this.#options = { batchSize: 500, pollMs: 1_000, onError: () => undefined, signals: NO_SIGNALS, ...options };
  }

  async start(): Promise<void> {
    this.#unlisten = await this.#store.listen(OUTBOX_CHANNEL, () => this.#wake());
    this.#timer = setInterval(() => this.#wake(), this.#options.pollMs);
    this.#wake();
  }

  /** Ends after the batch that is under way. Rows that are left stay for another relay. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#timer);
    await this.#unlisten?.();
    await this.#running;
  }

  #wake(): void {
    if (this.#running !== undefined) {
      this.#wokenWhileRunning = true;
      return;
    }
    this.#running = this.#drain()
      .catch((error: unknown) => {
        // The rows stay where they are; the poll tries again.
        this.#options.onError(error);
      })
      .finally(() => (this.#running = undefined));
  }

  async #drain(): Promise<void> {
    let more = true;
    while (more && !this.#stopped) {
      this.#wokenWhileRunning = false;
      const moved = await this.relayBatch();
      more = moved === this.#options.batchSize || this.#wasWoken();
    }
  }

  #wasWoken(): boolean {
    return this.#wokenWhileRunning;
  }

  /**
   * Relays one batch and answers its number of rows. A row is deleted only if the queue took its key: at least once, never lost. A signal that
   * cannot be published is lost, as signals may be.
   */
  async relayBatch(): Promise<number> {
    const relayed = await this.#store.tx(async (client) => {
      const { rows } = await client.query<Row>(
        `DELETE FROM outbox WHERE id IN (SELECT id FROM outbox ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED) RETURNING queue, key`,
        [this.#options.batchSize],
      );
      for (const queue of QUEUE_NAMES) await this.#queue.addMany(queue, keysOf(rows, queue));
      return rows;
    });
    await this.#publish(relayed).catch((error: unknown) => this.#options.onError(error));
    return relayed.length;
  }

  async #publish(rows: readonly Row[]): Promise<void> {
    const changed = new Map<string, Set<string>>();
    for (const row of rows) {
      const announcement = announcementIn(row);
      if (announcement === undefined) continue;
      const ids = changed.get(announcement.channel) ?? new Set<string>();
      for (const id of announcement.ids) ids.add(id);
      changed.set(announcement.channel, ids);
    }
    for (const [channel, ids] of changed) await this.#options.signals.publish(channel, [...ids]);
  }
}

function keysOf(rows: readonly Row[], queue: QueueName): readonly string[] {
  return [...new Set(rows.filter((row) => row.queue === queue).map((row) => row.key))];
}
