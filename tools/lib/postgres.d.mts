/** A running private Postgres server. */
export interface PostgresServer {
  readonly port: number;
  readonly pid: number;
  /** Where its data really is. */
  readonly folder: string;
  /** Connection string of one of its databases; `wheelwright` where none is named. */
  url(database?: string): string;
  /** Settles when the server process ends, for whatever reason. */
  readonly exited: Promise<unknown>;
  /** Stops it; safe to call twice. */
  stop(): Promise<void>;
}

export interface PostgresOptions {
  readonly dataDir: string;
  /** `false` switches fsync off (tests only). */
  readonly durable: boolean;
  readonly maxConnections: number;
}

export function startPostgres(options: PostgresOptions): Promise<PostgresServer>;
