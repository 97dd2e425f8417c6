// What the queue promises, whatever it runs on. A job is a key: its content and its authority come from Postgres.
import type { AppError, Outcome } from '@wheelwright/kernel';

/** Every queue, and what its keys are: `expand` set ids, `source` repository ids, `preview` preview ids, `tick` names of periodic work, the others cluster ids. */
export const QUEUE_NAMES = ['expand', 'deploy', 'observe', 'orphans', 'source', 'probe', 'preview', 'tick'] as const;
export type QueueName = (typeof QUEUE_NAMES)[number];

/** Does the work of one key. `signal` aborts at the deadline and when the process stops: end soon, and answer `again`. */
export type Handler = (key: string, signal: AbortSignal) => Promise<Outcome>;

export interface ProcessOptions {
  /** Keys worked on at the same time by this process. */
  readonly concurrency: number;
  /** After this the handler's signal aborts; if it does not end soon after, its slot is given back and the run counts as failed. */
  readonly deadlineMs: number;
  /**
   * Run the key again this long (with jitter) after a `retry`. Absent: a `retry` is dropped, because the key's due time stands in Postgres.
   * A waiting retry never holds back an immediate add of the same key.
   */
  readonly retryAfterMs?: number;
  /** Told of every run, for logs and metrics. Must not throw. */
  readonly onRun?: (run: Run) => void;
}

/** One run of a handler. */
export interface Run {
  readonly queue: QueueName;
  readonly key: string;
  readonly outcome: Outcome['kind'];
  readonly error?: AppError;
  readonly durationMs: number;
}

export interface Consumer {
  /** Takes no new key, aborts the signals of running handlers and waits for them (at most `drainMs`, default 8 s). */
  close(drainMs?: number): Promise<void>;
}

/** Periodic work. */
export interface Schedule {
  readonly everyMs: number;
  readonly queue: QueueName;
  readonly key: string;
}

export interface QueueCounts {
  readonly waiting: number;
  readonly active: number;
  readonly delayed: number;
}

/**
 * Keys in, at most one run of a key at a time. Adding a key that waits changes nothing; adding a key that runs makes it run once more.
 * At-least-once: a run may repeat, and after a loss of the queue's data only the schedule and Postgres know what to do.
 */
export interface QueuePort {
  add(queue: QueueName, key: string): Promise<void>;
  addMany(queue: QueueName, keys: readonly string[]): Promise<void>;
  /** Starts working on a queue. A queue takes one handler per process. */
  process(queue: QueueName, handler: Handler, options: ProcessOptions): Promise<Consumer>;
  /** Adds a key to a queue every so often. The same name again replaces the schedule, from any process. */
  schedule(name: string, schedule: Schedule): Promise<void>;
  counts(queue: QueueName): Promise<QueueCounts>;
  /** Throws unless each queue has a handler in this process. */
  assertAllHandled(): void;
  /** Throws where the store behind the queue does not answer. */
  ping(): Promise<void>;
  /** Closes consumers first, then connections. */
  close(): Promise<void>;
}

/** Word that something changed (ids only), or that words may have been missed. */
export type Signal = { readonly resync: false; readonly ids: readonly string[] } | { readonly resync: true };

export type SignalHandler = (signal: Signal) => void;

/** Fire-and-forget fan-out to every process that listens right now. Ids only: each subscriber reads what it may see. */
export interface Signals {
  publish(channel: string, ids: readonly string[]): Promise<void>;
  /** Answers how to unsubscribe. After a lost connection the handler gets `resync`. */
  subscribe(channel: string, handler: SignalHandler): Promise<() => Promise<void>>;
  close(): Promise<void>;
}
