// A database for one phase of the expand experiment, and what Postgres tells of the work on it once everybody has left.
import { setTimeout as delay } from 'node:timers/promises';
import { migrate, openStore, type Store } from '@wheelwright/platform-store';
import pg from 'pg';
import { rowsBetween } from './expand-counts.js';
import type { TableCounts } from './expand-record.js';
import { BenchError } from './waiting.js';

/** Totals since the statistics began. */
export interface Totals {
  readonly tables: Readonly<Record<string, TableCounts>>;
  readonly walBytes: number;
}

const DEADLINE_MS = 10_000;
const LOOK_MS = 20;

/** One database. Work on it happens on stores that are opened for it, so that all counters are reported when they are closed. */
export class ExpandDatabase {
  private constructor(
    private readonly url: string,
    private readonly client: pg.Client,
  ) {}

  /** Makes it, with the schema of this version. */
  static async create(urlOf: (database?: string) => string, name: string): Promise<ExpandDatabase> {
    const admin = new pg.Client({ connectionString: urlOf() });
    await admin.connect();
    await admin.query(`CREATE DATABASE ${pg.escapeIdentifier(name)}`).finally(() => admin.end());
    await migrate(urlOf(name));
    const client = new pg.Client({ connectionString: urlOf(name), application_name: 'wheelwright-bench' });
    await client.connect();
    return new ExpandDatabase(urlOf(name), client);
  }

  /** Runs `work` on a store with so many connections; answers its value and how many statements it sent. */
  async using<T>(connections: number, work: (store: Store) => Promise<T>): Promise<{ value: T; statements: number }> {
    const store = await openStore({ url: this.url, maxConnections: connections, applicationName: 'wheelwright-bench' });
    let statements = 0;
    const count = (): void => void (statements += 1);
    store.pool.on('acquire', (client) => countStatements(client, count));
    try {
      return { value: await work(store), statements };
    } finally {
      await store.close();
    }
  }

  /** Statistics of the planner, as autovacuum would have made them by now. */
  async analyse(): Promise<void> {
    await this.client.query('VACUUM ANALYZE');
  }

  /** Everything counted so far, once nobody else is connected. */
  async totals(): Promise<Totals> {
    await this.alone();
    await this.client.query('SELECT pg_stat_clear_snapshot()');
    const { rows } = await this.client.query<{ name: string; scans: number; fetched: number; written: number }>(
      `SELECT relname AS name, coalesce(seq_scan, 0)::int AS scans, coalesce(idx_tup_fetch, 0)::int AS fetched,
         (n_tup_ins + n_tup_upd + n_tup_del)::int AS written FROM pg_stat_user_tables`,
    );
    const wal = await this.client.query<{ bytes: string }>(
      `SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn AS bytes`,
    );
    return {
      tables: Object.fromEntries(
        rows.map(({ name, scans, fetched, written }) => [
          name,
          { sequentialScans: scans, rowsFetched: fetched, rowsWritten: written },
        ]),
      ),
      walBytes: Number(wal.rows[0]?.bytes ?? 0),
    };
  }

  async applications(): Promise<number> {
    const { rows } = await this.client.query<{ count: number }>(
      'SELECT count(*)::int AS count FROM applications WHERE deletion_requested_at IS NULL',
    );
    return rows[0]?.count ?? 0;
  }

  async version(): Promise<string> {
    const { rows } = await this.client.query<{ server_version: string }>('SHOW server_version');
    return rows[0]?.server_version ?? '';
  }

  async close(): Promise<void> {
    await this.client.end();
  }

  /** A backend reports its counters when it ends. */
  private async alone(): Promise<void> {
    const endsAt = performance.now() + DEADLINE_MS;
    for (;;) {
      const { rows } = await this.client.query<{ others: number }>(
        `SELECT count(*)::int AS others FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
           AND backend_type = 'client backend'`,
      );
      if (rows[0]?.others === 0) return;
      if (performance.now() > endsAt) throw new BenchError('somebody else is still connected to the database');
      await delay(LOOK_MS);
    }
  }
}

const counted = new WeakSet<pg.ClientBase>();

/** Has each statement of a connection counted, from its first use on. */
function countStatements(client: pg.ClientBase, count: () => void): void {
  if (counted.has(client)) return;
  counted.add(client);
  const send = client.query.bind(client) as (...args: unknown[]) => unknown;
  Object.assign(client, {
    query: (...args: unknown[]) => {
      count();
      return send(...args);
    },
  });
}

/** What was done between two readings. */
export function between(before: Totals, after: Totals): Totals {
  return { tables: rowsBetween(before.tables, after.tables), walBytes: after.walBytes - before.walBytes };
}
