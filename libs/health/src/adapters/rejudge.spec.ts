import { createTestStore, insertApplication, insertCluster, type TestStore } from '@wheelwright/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { rejudgeKinds } from './rejudge.js';

let test: TestStore;
beforeAll(async () => {
  test = await createTestStore();
});
afterAll(() => test.drop());

const check = (script: string): Readonly<Record<string, string>> => ({
  'resource.customizations.health.acme.example.com_Widget': script,
});

it('has exactly the Applications looked at whose kinds are judged in another way', async () => {
  const { pool } = test.store;
  const cluster = await insertCluster(pool, { name: 'eu-1' });
  for (const [name, group, kind] of [
    ['widgets', 'acme.example.com', 'Widget'],
    ['jobs', 'batch', 'Job'],
  ] as const) {
    const id = await insertApplication(pool, { name, clusterId: cluster });
    await pool.query(
      `INSERT INTO resources (application_id, cluster_id, api_group, version, kind, name, uid, health, health_message)
       VALUES ($1, $2, $3, 'v1', $4, 'one', 'u', 'Healthy', 'fine')`,
      [id, cluster, group, kind],
    );
    await pool.query(`INSERT INTO cluster_kinds (cluster_id, api_group, kind, version) VALUES ($1, $2, $3, 'v1')`, [
      cluster,
      group,
      kind,
    ]);
  }
  await pool.query('TRUNCATE application_due');
  const change = (before: string, after: string): Promise<unknown> =>
    test.store.tx((client) => rejudgeKinds(client, { before: check(before), after: check(after) }));
  const due = async (): Promise<unknown> =>
    (await pool.query('SELECT a.name FROM application_due d JOIN applications a ON a.id = d.application_id')).rows;

  expect(await change('return nil', 'return nil')).toEqual([]);
  expect(await due()).toEqual([]);
  expect(await change('return nil', 'return 1')).toEqual([{ group: 'acme.example.com', kind: 'Widget' }]);
  expect(await due()).toEqual([{ name: 'widgets' }]);
  expect((await pool.query('SELECT kind, health, health_message FROM resources ORDER BY kind')).rows).toEqual([
    { kind: 'Job', health: 'Healthy', health_message: 'fine' },
    { kind: 'Widget', health: '', health_message: '' },
  ]);
});
