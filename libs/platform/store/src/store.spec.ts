import { createTestStore, type TestStore } from '@wheelwright/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { enqueue, OUTBOX_CHANNEL } from './outbox.js';
import { type Notice } from './listener.js';
import { migrate, readMigrations } from './migrate.js';
import { Store } from './store.js';

let test: TestStore;
let store: Store;

beforeAll(async () => {
  test = await createTestStore();
  store = test.store;
});
afterAll(() => test.drop());

const addUser = 'INSERT INTO users (username, password_hash, role) VALUES ($1, $2, $3)';

describe('Store.tx', () => {
  it('commits what the work did, and Prisma reads it', async () => {
    await store.tx((client) => client.query(addUser, ['ann', 'x', 'admin']));
    const user = await store.prisma.user.findUnique({ where: { username: 'ann' } });
    expect(user?.role).toBe('admin');
  });

  it('rolls back and throws on', async () => {
    const work = store.tx(async (client) => {
      await client.query(addUser, ['bob', 'x', 'admin']);
      throw new Error('no');
    });
    await expect(work).rejects.toThrow('no');
    expect(await store.prisma.user.count({ where: { username: 'bob' } })).toBe(0);
  });

  it('runs the loser of a deadlock again', async () => {
    for (const name of ['deadlock-a', 'deadlock-b']) await store.pool.query(addUser, [name, '0', 'readonly']);
    const bump = `UPDATE users SET session_epoch = session_epoch + 1 WHERE username = $1`;
    let waiting = 0;
    let release: () => void = () => undefined;
    const bothHoldOne = new Promise<void>((resolve) => (release = resolve));
    const cross = (first: string, second: string): Promise<unknown> =>
      store.tx(async (client) => {
        await client.query(bump, [first]);
        waiting += 1;
        if (waiting === 2) release();
        await bothHoldOne;
        await client.query(bump, [second]);
      });
    await Promise.all([cross('deadlock-a', 'deadlock-b'), cross('deadlock-b', 'deadlock-a')]);
    const { rows } = await store.pool.query(`SELECT session_epoch FROM users WHERE username LIKE 'deadlock-%'`);
    expect(rows).toEqual([{ session_epoch: 2 }, { session_epoch: 2 }]);
    expect(waiting).toBe(3);
  });
});

describe('enqueue', () => {
  it('writes one row per key and wakes the relay once, after the commit', async () => {
    const notices: Notice[] = [];
    const unlisten = await store.listen(OUTBOX_CHANNEL, (notice) => notices.push(notice));
    await store.tx(async (client) => {
      await enqueue(client, 'deploy', ['k1', 'k2', 'k1']);
      await enqueue(client, 'expand', []);
      expect(notices).toEqual([]);
    });
    await expect.poll(() => notices).toEqual([{ resync: false, payload: '' }]);
    const rows = await store.prisma.outbox.findMany({ orderBy: { key: 'asc' } });
    expect(rows.map(({ queue, key }) => [queue, key])).toEqual([
      ['deploy', 'k1'],
      ['deploy', 'k2'],
    ]);
    await unlisten();
  });
});

describe('Store.listen', () => {
  it('comes back after its connection was cut, and says so', async () => {
    const other = new Store({ url: test.url, maxConnections: 1, applicationName: 'listener-cut' });
    const notices: Notice[] = [];
    await other.listen('cut', (notice) => notices.push(notice));
    await store.pool.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'listener-cut'`,
    );
    await expect.poll(() => notices, { timeout: 5_000 }).toEqual([{ resync: true }]);
    await store.pool.query(`NOTIFY cut, 'again'`);
    await expect.poll(() => notices).toContainEqual({ resync: false, payload: 'again' });
    await other.close();
  });

  it('fails loudly when the first connection does', async () => {
    const nowhere = new Store({ url: 'postgresql://x@127.0.0.1:1/x', maxConnections: 1, applicationName: 'nowhere' });
    await expect(nowhere.listen('any', () => undefined)).rejects.toThrow();
    await nowhere.close();
  });
});

describe('migrate', () => {
  it('finds nothing left to do, also when several start at once', async () => {
    expect(await Promise.all([migrate(test.url), migrate(test.url)])).toEqual([[], []]);
  });

  it('refuses an edited migration and a database of a newer version', async () => {
    const migrations = await readMigrations();
    const edited = migrations.map((migration, at) => (at === 0 ? { ...migration, checksum: 'other' } : migration));
    await expect(migrate(test.url, edited)).rejects.toThrow('is not the one that was applied');
    await expect(migrate(test.url, migrations.slice(1))).rejects.toThrow('migrated by a newer version');
  });

  it('rolls a failing migration back and names it', async () => {
    const bad = { name: '29991231000000_bad', sql: 'CREATE TABLE half (id int); SELECT nonsense', checksum: 'x' };
    await expect(migrate(test.url, [...(await readMigrations()), bad])).rejects.toThrow('29991231000000_bad failed');
    await expect(store.pool.query('SELECT 1 FROM half')).rejects.toThrow('does not exist');
  });
});
