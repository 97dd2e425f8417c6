// LISTEN on one connection of its own, kept alive: what is missed while it is down is announced as a resync.
import { setTimeout as delay } from 'node:timers/promises';
import { Client, escapeIdentifier, type ClientConfig } from 'pg';

/** A NOTIFY, or word that the connection was lost and is back: anything may have been missed meanwhile. */
export type Notice = { readonly resync: false; readonly payload: string } | { readonly resync: true };

export type NoticeHandler = (notice: Notice) => void;

/** Ends one subscription. */
export type Unlisten = () => Promise<void>;

const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 5_000;
/** A connection that a firewall forgot is silent for ever: ask it something now and then. */
const HEARTBEAT_MS = 15_000;

interface Connection {
  readonly client: Client;
  /** Settles when the connection is gone. */
  readonly lost: Promise<void>;
}

/** Shares one connection among all channels of a process. It connects at the first subscription. */
export class Listener {
  readonly #config: ClientConfig;
  readonly #handlers = new Map<string, Set<NoticeHandler>>();
  readonly #closing = new AbortController();
  #client: Promise<Client> | undefined;

  constructor(config: ClientConfig) {
    this.#config = config;
  }

  /**
   * Calls `handler` for each NOTIFY on the channel, from when the promise settles until the answered function is called.
   * The first connection fails loudly; later ones are retried for ever, each success announced with `resync`.
   */
  async listen(channel: string, handler: NoticeHandler): Promise<Unlisten> {
    const handlers = this.#handlers.get(channel) ?? new Set<NoticeHandler>();
    this.#handlers.set(channel, handlers.add(handler));
    try {
      const client = await (this.#client ??= this.#connectFirst());
      await client.query(`LISTEN ${escapeIdentifier(channel)}`);
    } catch (error) {
      await this.#forget(channel, handler);
      throw error;
    }
    return () => this.#forget(channel, handler);
  }

  /** Ends the connection; no handler is called afterwards. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#handlers.clear();
    const client = await this.#client?.catch(() => undefined);
    await client?.end().catch(() => undefined);
  }

  async #forget(channel: string, handler: NoticeHandler): Promise<void> {
    const handlers = this.#handlers.get(channel);
    handlers?.delete(handler);
    if (handlers === undefined || handlers.size > 0) return;
    this.#handlers.delete(channel);
    const client = await this.#client?.catch(() => undefined);
    // If the connection is gone, so is the subscription.
    await client?.query(`UNLISTEN ${escapeIdentifier(channel)}`).catch(() => undefined);
  }

  async #connectFirst(): Promise<Client> {
    try {
      return this.#adopt(await this.#connect());
    } catch (error) {
      this.#client = undefined;
      throw error;
    }
  }

  async #connect(): Promise<Connection> {
    const client = new Client({
      ...this.#config,
      keepAlive: true,
      connectionTimeoutMillis: 10_000,
      query_timeout: 10_000,
    });
    client.on('notification', ({ channel, payload }) =>
      this.#deliver(channel, { resync: false, payload: payload ?? '' }),
    );
    const lost = new Promise<void>((resolve) => {
      client.once('end', resolve);
      client.on('error', () => resolve());
    });
    await client.connect();
    for (const channel of this.#handlers.keys()) await client.query(`LISTEN ${escapeIdentifier(channel)}`);
    return { client, lost };
  }

  /** Makes a connection the current one: when it is lost, the next is sought. */
  #adopt({ client, lost }: Connection): Client {
    const heartbeat = setInterval(() => void client.query('SELECT 1').catch(() => client.end()), HEARTBEAT_MS);
    heartbeat.unref();
    void lost.then(() => {
      clearInterval(heartbeat);
      client.end().catch(() => undefined);
      if (this.#closing.signal.aborted) return;
      this.#client = this.#reconnect();
      // It rejects only when the listener is closed, and then nobody waits for it.
      this.#client.catch(() => undefined);
    });
    return client;
  }

  async #reconnect(): Promise<Client> {
    for (let waitMs = FIRST_RETRY_MS; ; waitMs = Math.min(waitMs * 2, LAST_RETRY_MS)) {
      await delay(waitMs * (0.5 + Math.random()), undefined, { signal: this.#closing.signal });
      // While the server is away, the next round waits longer.
      const connection = await this.#connect().catch(() => undefined);
      if (connection === undefined) continue;
      const client = this.#adopt(connection);
      for (const channel of this.#handlers.keys()) this.#deliver(channel, { resync: true });
      return client;
    }
  }

  #deliver(channel: string, notice: Notice): void {
    for (const handler of this.#handlers.get(channel) ?? []) handler(notice);
  }
}
