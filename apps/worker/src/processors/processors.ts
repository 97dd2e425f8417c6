import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { ApplicationSetId, ClusterId, done, RepositoryId, type Outcome } from '@wheelwright/kernel';
import {
  OutboxRelay,
  type Consumer,
  type Handler,
  type ProcessOptions,
  type QueueName,
  type Run,
} from '@wheelwright/platform-queue';
import type { Composed, WorkerParts } from '../compose.js';

export const WORKER_PARTS = Symbol('WorkerParts');
export const COMPOSED = Symbol('Composed');

const TICK_MS = 1_000;
/** Longer than a slice, shorter than anybody's patience; each call to the outside has its own, shorter deadline. */
const JOB_DEADLINE_MS = 120_000;
const SLOW_TICKS = 60;
/** Spokes that are searched for orphans at the same time: nobody waits for that. */
const ORPHAN_CONCURRENCY = 2;
const DAILY_TICKS = 86_400;
/** A rendered set that nobody showed or read for so long is deleted; it can be rendered again. */
const RENDER_DAYS = 7;

interface Processor {
  readonly handler: Handler;
  readonly options: Pick<ProcessOptions, 'concurrency' | 'retryAfterMs'>;
}

/** One handler per queue, the outbox relay and the tick: what the worker does. */
@Injectable()
export class Processors implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly consumers: Consumer[] = [];
  private readonly relay: OutboxRelay;
  private ticks = 0;

  constructor(
    @Inject(WORKER_PARTS) private readonly parts: WorkerParts,
    @Inject(COMPOSED) private readonly composed: Composed,
  ) {
    const { store, queue, signals, logger } = parts;
    const onError = (error: unknown): void => logger.warn('outbox relay failed', { error });
    this.relay = new OutboxRelay(store, queue, { signals, onError });
  }

  async onApplicationBootstrap(): Promise<void> {
    const { queue } = this.parts;
    for (const [name, { handler, options }] of Object.entries(this.processors())) {
      const onRun = (run: Run): void => this.record(run);
      this.consumers.push(
        await queue.process(name as QueueName, handler, { ...options, deadlineMs: JOB_DEADLINE_MS, onRun }),
      );
    }
    queue.assertAllHandled();
    await this.relay.start();
    await queue.schedule('tick', { everyMs: TICK_MS, queue: 'tick', key: 'due' });
  }

  /** Takes no new job, lets running ones end, then lets go of connections. */
  async onApplicationShutdown(): Promise<void> {
    await this.relay.stop();
    await Promise.all(this.consumers.map((consumer) => consumer.close()));
    await this.composed.close();
  }

  private processors(): Readonly<Record<QueueName, Processor>> {
    const { config } = this.parts;
    const { slices, sweeps, orphans, expander, previewer, spokes } = this.composed;
    return {
      deploy: {
        handler: (key, signal) => slices.run(ClusterId(key), signal),
        options: { concurrency: config.concurrency },
      },
      observe: {
        handler: (key, signal) => sweeps.run(ClusterId(key), signal),
        options: { concurrency: config.observeConcurrency },
      },
      orphans: {
        handler: (key, signal) => orphans.run(ClusterId(key), signal),
        options: { concurrency: ORPHAN_CONCURRENCY },
      },
      expand: {
        handler: (key) => expander.expandSet(ApplicationSetId(key)),
        options: { concurrency: 2, retryAfterMs: 1_000 },
      },
      source: { handler: (key) => this.poll(RepositoryId(key)), options: { concurrency: config.sourceConcurrency } },
      probe: {
        handler: async (key, signal) => {
          await spokes.probe(ClusterId(key), signal);
          return done;
        },
        options: { concurrency: config.observeConcurrency },
      },
      preview: {
        handler: (key, signal) => previewer.run(key, signal),
        options: { concurrency: 2, retryAfterMs: 1_000 },
      },
      tick: { handler: () => this.tick(), options: { concurrency: 1 } },
    };
  }

  /** The poller records its failures and the time of its next try by itself. */
  private async poll(id: RepositoryId): Promise<Outcome> {
    const { failure } = await this.composed.repositories.poll(id);
    return failure === undefined ? done : { kind: 'stalled', error: failure };
  }

  private async tick(): Promise<Outcome> {
    this.ticks += 1;
    if (this.ticks % SLOW_TICKS === 0) {
      await this.composed.spokes.prune();
      await this.composed.ticks.removeStranded();
      await this.composed.previewer.prune();
      await this.composed.orphans.forget();
      await this.composed.ticks.searchOrphans();
    }
    if (this.ticks % DAILY_TICKS === 1) await this.composed.stored.prune(RENDER_DAYS);
    return this.composed.ticks.run();
  }

  private record({ queue, key, outcome, error, durationMs }: Run): void {
    const { metrics, logger } = this.parts;
    metrics.counter('jobs_total', 'Runs of jobs by queue and outcome.', ['queue', 'outcome']).add({ queue, outcome });
    metrics.duration('job_seconds', 'How long runs of jobs took.', ['queue']).observe(durationMs, { queue });
    if (error !== undefined)
      logger.warn('job failed', { queue, key, outcome, code: error.code, error, durationMs: Math.round(durationMs) });
  }
}
