// What Postgres tells of the work it did: row versions written, WAL, whether work waits.
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { parentOf } from './proc.js';
import { QUIET_TABLES, type RowsByTable } from './record.js';
import { BenchError } from './waiting.js';

/** An idle backend reports its counters within ten seconds (PGSTAT_IDLE_INTERVAL): only after so long without news all are known. */
const ALL_REPORTED_MS = 11_000;
const LOOK_MS = 1_000;

/** A connection that only reads statistics. */
export class Database {
  private constructor(private readonly client: pg.Client) {}

  static async open(url: string): Promise<Database> {
    const client = new pg.Client({ connectionString: url, application_name: 'wheelwright-bench' });
    await client.connect();
    return new Database(client);
  }

  /** Row versions written since the statistics began, by table. Tables outside of `public` are named with their schema. */
  async rows(): Promise<RowsByTable> {
    const { rows } = await this.client.query<{ name: string; ins: number; upd: number; del: number }>(
      `SELECT CASE schemaname WHEN 'public' THEN '' ELSE schemaname || '.' END || relname AS name,
              n_tup_ins::float8 AS ins, n_tup_upd::float8 AS upd, n_tup_del::float8 AS del
       FROM pg_stat_user_tables`,
    );
    return Object.fromEntries(
      rows.map(({ name, ins, upd, del }) => [name, { inserted: ins, updated: upd, deleted: del }]),
    );
  }

  /** The same, once all backends have reported: when the tables of unchanged Applications stood still for eleven seconds. */
  async settledRows(deadlineMs: number): Promise<RowsByTable> {
    const endsAt = performance.now() + deadlineMs;
    let last = '';
    let since = performance.now();
    for (;;) {
      const rows = await this.rows();
      const text = JSON.stringify(Object.entries(rows).filter(([table]) => QUIET_TABLES.has(table)));
      if (text !== last) [last, since] = [text, performance.now()];
      if (performance.now() - since >= ALL_REPORTED_MS) return rows;
      if (performance.now() >= endsAt)
        throw new BenchError(`the tables of Applications did not come to rest within ${String(deadlineMs / 1000)} s`);
      await delay(LOOK_MS);
    }
  }

  /** Where the write-ahead log stands, in bytes. */
  async walBytes(): Promise<number> {
    return this.number(`SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn`);
  }

  /** Applications and wake-ups that wait to be worked on. */
  async waiting(): Promise<number> {
    return this.number(`SELECT (SELECT count(*) FROM application_due) + (SELECT count(*) FROM outbox)`);
  }

  /** Kinds that are listed in one sweep of all spokes: one LIST each. */
  async kindsInUse(): Promise<number> {
    return this.number('SELECT count(*) FROM cluster_kinds');
  }

  async sizeBytes(): Promise<number> {
    return this.number('SELECT pg_database_size(current_database())');
  }

  async version(): Promise<string> {
    const { rows } = await this.client.query<{ server_version: string }>('SHOW server_version');
    return rows[0]?.server_version ?? '';
  }

  /** Pid of the server, where it runs on this machine. */
  async serverPid(): Promise<number | undefined> {
    return parentOf(await this.number('SELECT pg_backend_pid()'), 'postgres');
  }

  async close(): Promise<void> {
    await this.client.end();
  }

  private async number(sql: string): Promise<number> {
    const { rows } = await this.client.query<Record<string, unknown>>(sql);
    return Number(Object.values(rows[0] ?? {})[0] ?? Number.NaN);
  }
}

/** What was written between two readings; tables without any are left out. */
export function rowsBetween(before: RowsByTable, after: RowsByTable): RowsByTable {
  const none = { inserted: 0, updated: 0, deleted: 0 };
  return Object.fromEntries(
    Object.entries(after)
      .map(([table, now]) => {
        const old = before[table] ?? none;
        const changes = {
          inserted: now.inserted - old.inserted,
          updated: now.updated - old.updated,
          deleted: now.deleted - old.deleted,
        };
        return [table, changes] as const;
      })
      .filter(([, { inserted, updated, deleted }]) => inserted + updated + deleted > 0)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}
