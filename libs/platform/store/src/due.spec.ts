import { createTestStore, insertApplication, insertCluster, type TestStore } from '@wheelwright/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { markSelectedDue } from './due.js';

let test: TestStore;

beforeAll(async () => {
  test = await createTestStore();
});
afterAll(() => test.drop());

const mark = (reason: string): Promise<void> =>
  test.store.tx((client) =>
    markSelectedDue(client, 'SELECT id, cluster_id, $1::text AS reason FROM applications', [reason]),
  );

it('marks once, then raises seq and keeps the earlier time, and wakes each spoke once', async () => {
  const { pool } = test.store;
  const cluster = await insertCluster(pool, { name: 'eu-1' });
  for (const name of ['one', 'two']) await insertApplication(pool, { name, clusterId: cluster });
  await insertApplication(pool, { name: 'homeless' });
  await pool.query('TRUNCATE application_due, outbox');
  await mark('first');
  await pool.query(`UPDATE application_due SET due_at = due_at - interval '1 hour'`);
  await mark('second');
  const due = await pool.query(
    `SELECT a.name, d.seq, d.reason, d.due_at < now() - interval '59 minutes' AS early FROM application_due d
     JOIN applications a ON a.id = d.application_id ORDER BY a.name`,
  );
  expect(due.rows).toEqual([
    { name: 'one', seq: '2', reason: 'second', early: true },
    { name: 'two', seq: '2', reason: 'second', early: true },
  ]);
  const woken = await pool.query('SELECT queue, key FROM outbox');
  expect(woken.rows).toEqual(Array.from({ length: 2 }, () => ({ queue: 'deploy', key: cluster })));
});
