// A real, migrated Postgres database for one test file.
import { randomBytes } from 'node:crypto';
import { digestOf } from '@wheelwright/kernel';
import { migrate, openStore, readMigrations, type Store } from '@wheelwright/platform-store';
import { Client, escapeIdentifier } from 'pg';
import { inject } from 'vitest';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where to ask for the run's Postgres server; empty where DATABASE_URL names one. */
    postgresBroker: string;
  }
}

/** A database of one's own: empty but migrated. */
export interface TestDatabase extends AsyncDisposable {
  readonly url: string;
  /** Drops the database, ending whatever is still connected. */
  drop(): Promise<void>;
}

/** A test database with a store open on it. */
export interface TestStore extends TestDatabase {
  readonly store: Store;
}

const TEMPLATE_LOCK = 4_117_001;
const STORE_CONNECTIONS = 10;

/**
 * Makes a database from the migrated template (about 50 ms; the first in a run also starts the server and the template, about 2 s).
 * Use one per test file: `beforeAll(async () => { database = await createTestDatabase(); })` and `afterAll(() => database.drop())`.
 */
export async function createTestDatabase(): Promise<TestDatabase> {
  const adminUrl = await findServer();
  const template = await ensureTemplate(adminUrl);
  const name = `wheelwright_test_${randomBytes(6).toString('hex')}`;
  await withClient(adminUrl, (admin) =>
    admin.query(`CREATE DATABASE ${escapeIdentifier(name)} TEMPLATE ${escapeIdentifier(template)}`),
  );
  const drop = (): Promise<void> =>
    withClient(adminUrl, async (admin) => {
      await admin.query(`DROP DATABASE IF EXISTS ${escapeIdentifier(name)} WITH (FORCE)`);
    });
  return { url: withDatabase(adminUrl, name), drop, [Symbol.asyncDispose]: drop };
}

/** A test database and a store on it; `drop()` closes both. */
export async function createTestStore(): Promise<TestStore> {
  const database = await createTestDatabase();
  const store = await openStore({ url: database.url, maxConnections: STORE_CONNECTIONS, applicationName: 'test' });
  const drop = async (): Promise<void> => {
    await store.close();
    await database.drop();
  };
  return { url: database.url, store, drop, [Symbol.asyncDispose]: drop };
}

/** Runs `work` on a test store of its own and drops it afterwards. */
export async function withPostgres<T>(work: (store: Store) => Promise<T>): Promise<T> {
  const test = await createTestStore();
  try {
    return await work(test.store);
  } finally {
    await test.drop();
  }
}

async function findServer(): Promise<string> {
  const broker = inject('postgresBroker');
  if (broker === '') return withDatabase(databaseUrl(), 'postgres');
  const response = await fetch(broker);
  const text = await response.text();
  if (!response.ok) throw new Error(`the test Postgres did not start: ${text}`);
  return text;
}

function databaseUrl(): string {
  const url = process.env['DATABASE_URL'];
  if (url === undefined || url === '') throw new Error('DATABASE_URL is not set');
  return url;
}

/** One template per state of the migrations: runs of different checkouts can share a server. */
async function ensureTemplate(adminUrl: string): Promise<string> {
  const migrations = await readMigrations();
  const name = `wheelwright_template_${digestOf(migrations.map(({ checksum }) => checksum)).slice(0, 16)}`;
  return withClient(adminUrl, async (admin) => {
    await admin.query('SELECT pg_advisory_lock($1)', [TEMPLATE_LOCK]);
    const found = await admin.query('SELECT 1 FROM pg_database WHERE datname = $1', [name]);
    if (found.rowCount !== 0) return name;
    const partial = `${name}_partial`;
    await admin.query(`DROP DATABASE IF EXISTS ${escapeIdentifier(partial)} WITH (FORCE)`);
    await admin.query(`CREATE DATABASE ${escapeIdentifier(partial)}`);
    await migrate(withDatabase(adminUrl, partial), migrations);
    await admin.query(`ALTER DATABASE ${escapeIdentifier(partial)} RENAME TO ${escapeIdentifier(name)}`);
    return name;
  });
}

function withDatabase(url: string, name: string): string {
  const changed = new URL(url);
  changed.pathname = `/${name}`;
  return changed.toString();
}

async function withClient<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
