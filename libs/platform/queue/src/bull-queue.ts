// The queue port on BullMQ.
import { AppError, toAppError } from '@wheelwright/kernel';
import type { JobsOptions, WorkerOptions } from 'bullmq';
import { postgresBackend, redisBackend, type JobQueue, type QueueBackend } from './backend.js';
import { runBounded } from './bounded-run.js';
import {
  QUEUE_NAMES,
  type Consumer,
  type Handler,
  type ProcessOptions,
  type QueueCounts,
  type QueueName,
  type QueuePort,
  type Run,
  type Schedule,
} from './ports.js';

export interface QueueConfig {
  /** Redis where given, else Postgres. */
  readonly redisUrl?: string;
  readonly databaseUrl: string;
  /** Largest number of Postgres connections of the queue: one per queue that is processed, and a few for the work. Default 16. */
  readonly maxConnections?: number;
  /** Told of trouble in the background (a lost connection, a job that lost its lock). Default: nobody. */
  readonly onError?: (error: Error) => void;
}

const DEFAULT_CONNECTIONS = 16;
const WATCH_MS = 1_000;
const DRAIN_MS = 8_000;

const WORKER: Omit<WorkerOptions, 'connection'> = {
  // A killed worker's keys are taken over after at most the sum of the two.
  lockDuration: 6_000,
  stalledInterval: 2_000,
  // A key may be taken over any number of times: the work is idempotent.
  maxStalledCount: 1_000_000,
  // BullMQ's own pause after a failed fetch is 15 s; the queue must be back within seconds of its store.
  runRetryDelay: 500,
};

/** Nothing is kept of a finished job; results live in Postgres. */
const KEEP_NOTHING: JobsOptions = { removeOnComplete: true, removeOnFail: true };

/** Opens the queue and makes sure that its store is ready. */
export async function openQueue(config: QueueConfig): Promise<QueuePort> {
  const backend =
    config.redisUrl === undefined
      ? postgresBackend(config.databaseUrl, config.maxConnections ?? DEFAULT_CONNECTIONS)
      : redisBackend(config.redisUrl);
  const queue = new BullQueue(backend, config.onError ?? (() => undefined));
  try {
    await backend.repair();
    await backend.ping();
    return queue;
  } catch (error) {
    await queue.close();
    throw toAppError(error, 'Unavailable', 'the queue cannot be reached');
  }
}

class BullQueue implements QueuePort {
  readonly #queues = new Map<QueueName, JobQueue>();
  readonly #consumers = new Map<QueueName, Consumer>();
  readonly #schedules = new Map<string, Schedule>();
  readonly #watch: NodeJS.Timeout;
  #watching: Promise<void> = Promise.resolve();
  #closing: Promise<void> | undefined;

  constructor(
    private readonly backend: QueueBackend,
    private readonly onError: (error: Error) => void,
  ) {
    let busy = false;
    this.#watch = setInterval(() => {
      if (busy) return;
      busy = true;
      this.#watching = this.#heal()
        .catch((error: unknown) => this.onError(toAppError(error, 'Unavailable', 'the queue could not be repaired')))
        .finally(() => (busy = false));
    }, WATCH_MS);
  }

  async add(queue: QueueName, key: string): Promise<void> {
    await this.#queue(queue).add('run', { key }, runOptions(key));
  }

  async addMany(queue: QueueName, keys: readonly string[]): Promise<void> {
    if (keys.length === 0) return;
    await this.#queue(queue).addBulk(
      [...new Set(keys)].map((key) => ({ name: 'run', data: { key }, opts: runOptions(key) })),
    );
  }

  async process(queue: QueueName, handler: Handler, options: ProcessOptions): Promise<Consumer> {
    if (this.#consumers.has(queue))
      throw new Error(`the queue "${queue}" has two handlers in this process: register one`);
    const stop = new AbortController();
    const worker = this.backend.worker(
      queue,
      async ({ data }) => {
        if (data.nudge === true) return this.add(queue, data.key);
        const run = await runBounded({
          queue,
          key: data.key,
          handler,
          stop: stop.signal,
          deadlineMs: options.deadlineMs,
        });
        options.onRun?.(run);
        // Where this fails the job is dropped: the schedule and the due times in Postgres find the key again.
        await this.#follow(run, options.retryAfterMs);
      },
      { ...WORKER, concurrency: options.concurrency },
    );
    worker.on('error', (error) => this.onError(error));
    const consumer: Consumer = {
      close: async (drainMs = DRAIN_MS) => {
        stop.abort(new AppError('Unavailable', 'the process is stopping'));
        const force = setTimeout(() => void worker.close(true).catch(this.onError), drainMs);
        await worker.close().finally(() => clearTimeout(force));
      },
    };
    this.#consumers.set(queue, consumer);
    // A worker that is closed while it still connects leaves its connection behind.
    await worker.waitUntilReady();
    return consumer;
  }

  /** The one place that turns an outcome into moves of the queue. */
  async #follow({ queue, key, outcome }: Run, retryAfterMs: number | undefined): Promise<void> {
    switch (outcome) {
      case 'again':
        // The key is active: this is kept as its next run, and merges with other adds.
        return this.add(queue, key);
      case 'retry':
        if (retryAfterMs === undefined) return;
        await this.#queue(queue).add(
          'nudge',
          { key, nudge: true },
          // Another id than the key's: a waiting retry must not swallow an immediate add.
          {
            ...KEEP_NOTHING,
            delay: Math.round(retryAfterMs * (0.8 + 0.4 * Math.random())),
            deduplication: { id: `nudge:${key}` },
          },
        );
        return;
      case 'done':
      case 'stalled':
        return;
    }
  }

  async schedule(name: string, schedule: Schedule): Promise<void> {
    this.#schedules.set(name, schedule);
    await this.#upsert(name, schedule);
  }

  async #upsert(name: string, { everyMs, queue, key }: Schedule): Promise<void> {
    await this.#queue(queue).upsertJobScheduler(
      name,
      { every: everyMs },
      { name: 'nudge', data: { key, nudge: true }, opts: KEEP_NOTHING },
    );
  }

  /** Brings back what a lost store took along: its tables, and the schedules. Everything else is found by them. */
  async #heal(): Promise<void> {
    await this.backend.repair();
    for (const [name, schedule] of this.#schedules) {
      const found = await this.#queue(schedule.queue).getJobScheduler(name);
      // One that stands but never fires is as lost as one that is gone.
      const overdueMs = Date.now() - (found?.next ?? 0);
      if (found?.every !== schedule.everyMs || overdueMs > 2 * schedule.everyMs + 10_000)
        await this.#upsert(name, schedule);
    }
  }

  async counts(queue: QueueName): Promise<QueueCounts> {
    const {
      waiting = 0,
      active = 0,
      delayed = 0,
    } = await this.#queue(queue).getJobCounts('waiting', 'active', 'delayed');
    return { waiting, active, delayed };
  }

  assertAllHandled(): void {
    const missing = QUEUE_NAMES.filter((name) => !this.#consumers.has(name));
    if (missing.length > 0)
      throw new Error(`no handler for the queues: ${missing.join(', ')}. Call process() for each before start`);
  }

  ping(): Promise<void> {
    return this.backend.ping();
  }

  close(): Promise<void> {
    this.#closing ??= (async () => {
      clearInterval(this.#watch);
      await this.#watching;
      await Promise.all([...this.#consumers.values()].map((consumer) => consumer.close()));
      await Promise.all([...this.#queues.values()].map((queue) => queue.close()));
      await this.backend.close();
    })();
    return this.#closing;
  }

  #queue(name: QueueName): JobQueue {
    const known = this.#queues.get(name);
    if (known !== undefined) return known;
    const queue = this.backend.queue(name, { streams: { events: { maxLen: 100 } }, defaultJobOptions: KEEP_NOTHING });
    queue.on('error', (error) => this.onError(error));
    this.#queues.set(name, queue);
    return queue;
  }
}

function runOptions(key: string): JobsOptions {
  return { ...KEEP_NOTHING, deduplication: { id: key, keepLastIfActive: true } };
}
