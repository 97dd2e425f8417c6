// Where BullMQ keeps its jobs: Redis, or the schema `bullmq` of Postgres. The one difference between the two that the rest of the queue can see.
import { AppError } from '@wheelwright/kernel';
import {
  createPostgresBackend,
  Queue,
  runMigrations,
  Worker,
  type JobsOptions,
  type PostgresConnectionOptions,
  type QueueOptions,
  type WorkerOptions,
} from 'bullmq';
import { Redis } from 'ioredis';
import { Pool } from 'pg';

/** What a job carries. `nudge`: do not run the key here, add it to the queue (from a schedule or a delayed retry). */
export interface JobData {
  readonly key: string;
  readonly nudge?: true;
}

export type JobProcessor = (job: { readonly data: JobData }) => Promise<void>;

/** The part of BullMQ's Queue that we use: its full type differs between the two backends. */
export interface JobQueue {
  add(name: string, data: JobData, options: JobsOptions): Promise<unknown>;
  addBulk(jobs: { name: string; data: JobData; opts: JobsOptions }[]): Promise<unknown>;
  upsertJobScheduler(
    id: string,
    repeat: { every: number },
    template: { name: string; data: JobData; opts: JobsOptions },
  ): Promise<unknown>;
  getJobScheduler(id: string): Promise<{ next?: number | undefined; every?: number | undefined } | undefined>;
  getJobCounts(...types: ('waiting' | 'active' | 'delayed')[]): Promise<Readonly<Record<string, number>>>;
  on(event: 'error', listener: (error: Error) => void): unknown;
  close(): Promise<void>;
}

/** The part of BullMQ's Worker that we use. */
export interface JobWorker {
  on(event: 'error', listener: (error: Error) => void): unknown;
  waitUntilReady(): Promise<unknown>;
  close(force?: boolean): Promise<void>;
}

export interface QueueBackend {
  queue(name: string, options: Omit<QueueOptions, 'connection'>): JobQueue;
  worker(name: string, work: JobProcessor, options: Omit<WorkerOptions, 'connection'>): JobWorker;
  /** Makes what the jobs are kept in, where it is missing. Cheap where it is there. */
  repair(): Promise<void>;
  ping(): Promise<void>;
  close(): Promise<void>;
}

const SCHEMA = 'bullmq';
const PREFIX = 'wheelwright';
const COMMAND_TIMEOUT_MS = 10_000;
/** Every queue and every worker of BullMQ listens to the pool's errors: two for each of our queues, and room. */
const MAX_POOL_LISTENERS = 32;

/** BullMQ on Redis. The server must run with `maxmemory-policy noeviction`. */
export function redisBackend(url: string): QueueBackend {
  // Adds fail soon while Redis is away (the outbox keeps them); workers wait for it as long as it takes.
  const connection = new Redis(url, {
    maxRetriesPerRequest: 1,
    connectTimeout: COMMAND_TIMEOUT_MS,
    commandTimeout: COMMAND_TIMEOUT_MS,
  });
  // Each lost connection is also thrown at whoever uses it; without a listener it would end the process.
  connection.on('error', () => undefined);
  const blocking = new Redis(url, { maxRetriesPerRequest: null });
  blocking.on('error', () => undefined);
  return {
    queue: (name, options) => new Queue(name, { ...options, connection, prefix: PREFIX }),
    worker: (name, work, options) => new Worker(name, work, { ...options, connection: blocking, prefix: PREFIX }),
    repair: () => Promise.resolve(),
    ping: async () => {
      await connection.ping();
    },
    close: async () => {
      await Promise.all([connection, blocking].map((client) => client.quit().catch(() => client.disconnect())));
    },
  };
}

/** BullMQ on Postgres, in its own schema, with one small pool for all queues of the process. Jobs may be lost in a crash: Postgres' own rows say what to do. */
export function postgresBackend(url: string, maxConnections: number): QueueBackend {
  const pool = new Pool({
    connectionString: url,
    max: maxConnections,
    application_name: 'wheelwright-queue',
    options: `-c synchronous_commit=off -c search_path=${SCHEMA}`,
    keepAlive: true,
    connectionTimeoutMillis: COMMAND_TIMEOUT_MS,
  });
  pool.setMaxListeners(MAX_POOL_LISTENERS);
  pool.on('error', () => undefined);
  // BullMQ takes any pg.Pool, but its structural type for one is looser in places and stricter in others.
  const connection = pool as Pool & PostgresConnectionOptions;
  const isThere = async (): Promise<boolean> => {
    const { rows } = await pool.query<{ found: boolean }>(
      `SELECT to_regclass('${SCHEMA}.migration') IS NOT NULL AS found`,
    );
    return rows[0]?.found === true;
  };
  const repair = async (): Promise<void> => {
    if (await isThere()) return;
    const client = await pool.connect();
    try {
      // Takes an advisory lock itself, so several processes may start at once.
      await runMigrations(client, SCHEMA);
    } finally {
      client.release();
    }
  };
  return {
    queue: (name, options) => new Queue(name, { ...options, connection }, createPostgresBackend),
    worker: (name, work, options) => new Worker(name, work, { ...options, connection }, createPostgresBackend),
    repair,
    ping: async () => {
      if (!(await isThere())) throw new AppError('Unavailable', 'the queue is being set up: try again');
    },
    close: () => pool.end(),
  };
}
