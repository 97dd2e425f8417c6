import type { ChildProcess } from 'node:child_process';
import type { PostgresServer } from './postgres.d.mts';

export interface AllInOneOptions {
  /** Over the environment of this process. `PORT=0` takes a free port. */
  readonly env?: Readonly<Record<string, string>>;
  /** Default 1. */
  readonly workers?: number;
  /** `false` switches fsync of the embedded Postgres off (tests only). Default true. */
  readonly durable?: boolean;
  /** Where the logs of the hub and the workers go; by default to stderr. */
  readonly logFolder?: string;
  /** Gives up starting. */
  readonly signal?: AbortSignal;
}

/** A hub or a worker that runs. */
export interface Child {
  readonly name: 'hub' | 'worker';
  readonly pid: number;
  readonly process: ChildProcess;
  /** Ends it on purpose, so that the rest goes on. Default: SIGTERM, then SIGKILL. */
  stop(signals?: readonly NodeJS.Signals[]): Promise<void>;
}

/** The whole product, running. */
export interface AllInOne {
  /** Address of the hub. */
  readonly url: string;
  readonly databaseUrl: string;
  readonly dataDir: string;
  /** The embedded server; absent where DATABASE_URL is set. */
  readonly postgres?: PostgresServer;
  readonly hub: Child;
  readonly workers: readonly Child[];
  /** Password of `admin`, where it was given or made by this run. */
  readonly adminPassword?: string;
  /** Set where this run made it: show it once. */
  readonly generatedPassword?: string;
  /** Settles with the reason when something ends that should not. Whoever started this should then stop it. */
  readonly failed: Promise<string>;
  /** Ends the hub and starts it anew on the same port; settles when it is ready. Workers go on meanwhile. */
  restartHub(): Promise<void>;
  addWorker(env?: Readonly<Record<string, string>>): Child;
  /** Drains the children, stops Postgres. Takes at most ten seconds; safe to call twice. */
  stop(): Promise<void>;
}

export function startAllInOne(options?: AllInOneOptions): Promise<AllInOne>;
