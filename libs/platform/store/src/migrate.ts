// Migrations in, a migrated database out. Compatible with `prisma migrate deploy` (same table, same checksums, same lock), but part of every start:
// several processes may start at once, and no program needs to be spawned.
import { createHash, randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { AppError } from '@wheelwright/kernel';
import { Client } from 'pg';

/** The checkout's migrations, from `src` and from `dist` alike. */
const MIGRATIONS = new URL('../../../../prisma/migrations/', import.meta.url);

/** The advisory lock that the Prisma CLI takes too. */
const LOCK_KEY = 72_707_369;

const CREATE_TABLE = `
  CREATE TABLE IF NOT EXISTS _prisma_migrations (
    id varchar(36) PRIMARY KEY, checksum varchar(64) NOT NULL, finished_at timestamptz, migration_name varchar(255) NOT NULL,
    logs text, rolled_back_at timestamptz, started_at timestamptz NOT NULL DEFAULT now(), applied_steps_count integer NOT NULL DEFAULT 0)`;

/** One folder under `prisma/migrations`. */
export interface Migration {
  readonly name: string;
  readonly sql: string;
  /** SHA-256 of the file, as Prisma records it. */
  readonly checksum: string;
}

interface AppliedRow {
  readonly migration_name: string;
  readonly checksum: string;
  readonly finished_at: Date | null;
}

/** The migrations of this version, oldest first. */
export async function readMigrations(folder: URL = MIGRATIONS): Promise<readonly Migration[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return Promise.all(
    names.sort().map(async (name) => {
      const sql = await readFile(new URL(`${name}/migration.sql`, folder), 'utf8');
      return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') };
    }),
  );
}

/**
 * Brings a database to this version's schema and answers the names of the migrations that it applied. Each runs in its own transaction.
 * Throws `Unavailable` where the database holds migrations that failed, were edited, or belong to a newer version.
 */
export async function migrate(url: string, migrations?: readonly Migration[]): Promise<readonly string[]> {
  const wanted = migrations ?? (await readMigrations());
  const client = new Client({ connectionString: url, application_name: 'wheelwright-migrate' });
  await client.connect();
  try {
    // Held until the connection ends; whoever comes second finds nothing left to do.
    await client.query('SELECT pg_advisory_lock($1)', [LOCK_KEY]);
    await client.query(CREATE_TABLE);
    const { rows } = await client.query<AppliedRow>(
      'SELECT migration_name, checksum, finished_at FROM _prisma_migrations WHERE rolled_back_at IS NULL',
    );
    const pending = pendingMigrations(wanted, rows);
    for (const migration of pending) await applyOne(client, migration);
    return pending.map(({ name }) => name);
  } finally {
    await client.end();
  }
}

function pendingMigrations(wanted: readonly Migration[], applied: readonly AppliedRow[]): readonly Migration[] {
  const byName = new Map(wanted.map((migration) => [migration.name, migration]));
  for (const row of applied) {
    const known = byName.get(row.migration_name);
    if (known === undefined) {
      throw refusal(`the database was migrated by a newer version (${row.migration_name}): start that version`);
    }
    if (row.finished_at === null) {
      throw refusal(`migration ${row.migration_name} failed half-way: repair it, then \`npx prisma migrate resolve\``);
    }
    if (row.checksum !== known.checksum) {
      throw refusal(
        `migration ${row.migration_name} is not the one that was applied: restore its file, or start on an empty database`,
      );
    }
  }
  const done = new Set(applied.map((row) => row.migration_name));
  return wanted.filter(({ name }) => !done.has(name));
}

async function applyOne(client: Client, { name, sql, checksum }: Migration): Promise<void> {
  await client.query('BEGIN');
  try {
    await client.query(sql);
    await client.query(
      `INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at, applied_steps_count) VALUES ($1, $2, $3, now(), 1)`,
      [randomUUID(), checksum, name],
    );
    await client.query('COMMIT');
  } catch (cause) {
    await client.query('ROLLBACK');
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new AppError('Unavailable', `migration ${name} failed and was rolled back: ${reason}`, { cause });
  }
}

function refusal(message: string): AppError {
  return new AppError('Unavailable', message);
}
