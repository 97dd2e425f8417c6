// The one way to Postgres: a pool for hot paths, Prisma on the same pool for the rest, transactions, notifications.
import { setTimeout as delay } from 'node:timers/promises';
import { PrismaPg } from '@prisma/adapter-pg';
import { Pool, type PoolClient, type PoolConfig } from 'pg';
import { PrismaClient } from './generated/client.js';
import { Listener, type NoticeHandler, type Unlisten } from './listener.js';

export interface StoreConfig {
  readonly url: string;
  /** Largest number of pooled connections; one more is used for LISTEN. */
  readonly maxConnections: number;
  /** Shown in `pg_stat_activity`. */
  readonly applicationName: string;
  /** A statement that runs longer is cancelled by the server. Default 30 s. */
  readonly statementTimeoutMs?: number;
}

const STATEMENT_TIMEOUT_MS = 30_000;
const CONNECT_TIMEOUT_MS = 10_000;
/** Tables and indexes that matter are in memory or on flash: with the default of 4 the planner scans a table where an index reads a few rows. */
const PLANNER = '-c random_page_cost=1.1';
const MAX_ATTEMPTS = 5;
/** serialization_failure and deadlock_detected: the same transaction may succeed when run again. */
const RETRYABLE = new Set(['40001', '40P01']);

/** Opens the store and proves that the database answers. */
export async function openStore(config: StoreConfig): Promise<Store> {
  const store = new Store(config);
  try {
    await store.ping();
    return store;
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** Postgres, as every adapter sees it. Also the injection token of {@link StoreModule}. */
export class Store {
  /** For hot paths and set-based statements. `bigint` and `numeric` columns arrive as text. */
  readonly pool: Pool;
  /** For plain create, read, update, delete. Uses the same pool. */
  readonly prisma: PrismaClient;
  readonly #listener: Listener;
  #closing: Promise<void> | undefined;

  constructor(config: StoreConfig) {
    const connection: PoolConfig = { connectionString: config.url, application_name: config.applicationName };
    const timeoutMs = config.statementTimeoutMs ?? STATEMENT_TIMEOUT_MS;
    this.pool = new Pool({
      ...connection,
      max: config.maxConnections,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      statement_timeout: timeoutMs,
      idle_in_transaction_session_timeout: 2 * timeoutMs,
      keepAlive: true,
      options: PLANNER,
    });
    // An idle connection that breaks is replaced at the next use; without a listener it would end the process.
    this.pool.on('error', () => undefined);
    this.prisma = new PrismaClient({ adapter: new PrismaPg(this.pool) });
    this.#listener = new Listener(connection);
  }

  /**
   * Runs `work` in a transaction (READ COMMITTED) and commits it. After a serialization failure or a deadlock it is rolled back and run
   * again, at most five times: `work` must have no effect outside its client. Any error rolls back and is thrown on.
   */
  async tx<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#attempt(work);
      } catch (error) {
        if (attempt >= MAX_ATTEMPTS || !RETRYABLE.has(sqlStateOf(error))) throw error;
        await delay(5 * 2 ** attempt * Math.random());
      }
    }
  }

  async #attempt<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    const client = await this.pool.connect();
    let broken: Error | undefined;
    try {
      await client.query('BEGIN');
      const result = await work(client);
      await client.query('COMMIT');
      return result;
    } catch (error) {
      await client.query('ROLLBACK').catch((failure: unknown) => {
        broken = failure instanceof Error ? failure : new Error(String(failure));
      });
      throw error;
    } finally {
      // A connection that cannot even roll back is thrown away.
      client.release(broken);
    }
  }

  /** Calls `handler` for each NOTIFY on a channel, and with `resync` after each reconnect. See {@link Listener.listen}. */
  listen(channel: string, handler: NoticeHandler): Promise<Unlisten> {
    return this.#listener.listen(channel, handler);
  }

  /** Settles when the database answers; throws where it does not. */
  async ping(): Promise<void> {
    await this.pool.query('SELECT 1');
  }

  /** Waits for running statements and closes all connections. Safe to call twice. */
  close(): Promise<void> {
    this.#closing ??= (async () => {
      await this.#listener.close();
      await this.prisma.$disconnect();
      await this.pool.end();
    })();
    return this.#closing;
  }
}

/** The SQLSTATE of an error from `pg` or from Prisma on top of it; empty where there is none. */
export function sqlStateOf(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('code' in error)) return '';
  return typeof error.code === 'string' ? error.code : '';
}
