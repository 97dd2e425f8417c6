// The signals port on Postgres (LISTEN/NOTIFY) and on Redis (pub/sub).
import type { Store } from '@wheelwright/platform-store';
import { Redis } from 'ioredis';
import type { Signal, SignalHandler, Signals } from './ports.js';

/** Postgres refuses payloads of 8,000 bytes and more. */
const MAX_PAYLOAD_BYTES = 7_000;

/** Opens the signals on Redis where an address is given, else on the store. */
export async function openSignals(store: Store, redisUrl?: string): Promise<Signals> {
  if (redisUrl === undefined) return new PostgresSignals(store);
  const signals = new RedisSignals(redisUrl);
  await signals.ping();
  return signals;
}

class PostgresSignals implements Signals {
  constructor(private readonly store: Store) {}

  async publish(channel: string, ids: readonly string[]): Promise<void> {
    const payloads = packIds(ids);
    if (payloads.length > 0)
      await this.store.pool.query('SELECT pg_notify($1, p) FROM unnest($2::text[]) AS p', [channel, payloads]);
  }

  subscribe(channel: string, handler: SignalHandler): Promise<() => Promise<void>> {
    return this.store.listen(channel, (notice) => handler(notice.resync ? notice : unpackIds(notice.payload)));
  }

  close(): Promise<void> {
    // The connections belong to the store.
    return Promise.resolve();
  }
}

class RedisSignals implements Signals {
  readonly #publisher: Redis;
  readonly #subscriber: Redis;
  readonly #handlers = new Map<string, Set<SignalHandler>>();
  #connectedBefore = false;

  constructor(url: string) {
    this.#publisher = new Redis(url, { maxRetriesPerRequest: 1 });
    this.#publisher.on('error', () => undefined);
    this.#subscriber = new Redis(url, { maxRetriesPerRequest: null });
    this.#subscriber.on('error', () => undefined);
    this.#subscriber.on('message', (channel: string, payload: string) => this.#deliver(channel, unpackIds(payload)));
    this.#subscriber.on('ready', () => {
      // ioredis subscribes again by itself; what was published meanwhile is gone.
      if (this.#connectedBefore) for (const channel of this.#handlers.keys()) this.#deliver(channel, { resync: true });
      this.#connectedBefore = true;
    });
  }

  async ping(): Promise<void> {
    await this.#publisher.ping();
  }

  async publish(channel: string, ids: readonly string[]): Promise<void> {
    for (const payload of packIds(ids)) await this.#publisher.publish(channel, payload);
  }

  async subscribe(channel: string, handler: SignalHandler): Promise<() => Promise<void>> {
    const handlers = this.#handlers.get(channel) ?? new Set<SignalHandler>();
    this.#handlers.set(channel, handlers.add(handler));
    await this.#subscriber.subscribe(channel);
    return async () => {
      handlers.delete(handler);
      if (handlers.size > 0 || this.#handlers.get(channel) !== handlers) return;
      this.#handlers.delete(channel);
      await this.#subscriber.unsubscribe(channel);
    };
  }

  async close(): Promise<void> {
    this.#handlers.clear();
    await Promise.all(
      [this.#publisher, this.#subscriber].map((client) => client.quit().catch(() => client.disconnect())),
    );
  }

  #deliver(channel: string, signal: Signal): void {
    for (const handler of this.#handlers.get(channel) ?? []) handler(signal);
  }
}

/** Ids as JSON lists, each short enough for one notification. */
export function packIds(ids: readonly string[]): readonly string[] {
  const payloads: string[] = [];
  let chunk: string[] = [];
  let bytes = 2;
  for (const id of new Set(ids)) {
    const size = Buffer.byteLength(JSON.stringify(id)) + 1;
    if (bytes + size > MAX_PAYLOAD_BYTES && chunk.length > 0) {
      payloads.push(JSON.stringify(chunk));
      chunk = [];
      bytes = 2;
    }
    chunk.push(id);
    bytes += size;
  }
  if (chunk.length > 0) payloads.push(JSON.stringify(chunk));
  return payloads;
}

/** Reverses {@link packIds}. What is not a list of texts cannot be ours: somebody else wrote to the channel, so look at everything. */
function unpackIds(payload: string): Signal {
  try {
    const ids: unknown = JSON.parse(payload);
    if (Array.isArray(ids) && ids.every((id) => typeof id === 'string')) return { resync: false, ids };
  } catch {
    // Answered below.
  }
  return { resync: true };
}
