import { ApplicationId, ClusterId, MANAGED_BY_LABEL } from '@wheelwright/kernel';
import { createTestStore, insertApplication, insertCluster, type TestStore } from '@wheelwright/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Leases, type ClusterLease } from './leases.js';
import { StatusStore, type Verdict } from './status-store.js';

let database: TestStore;
let hubId: string;
let lease: ClusterLease;
let child: ApplicationId;
let other: ApplicationId;

beforeAll(async () => {
  database = await createTestStore();
  const { pool } = database.store;
  hubId = await insertCluster(pool, { name: 'in-cluster' });
  await pool.query('UPDATE clusters SET is_hub = true WHERE id = $1', [hubId]);
  const clusterId = await insertCluster(pool, { name: 'east' });
  child = ApplicationId(
    await insertApplication(pool, { name: 'child', clusterId, labels: { [MANAGED_BY_LABEL]: 'hub' } }),
  );
  other = ApplicationId(await insertApplication(pool, { name: 'other', clusterId }));
  const acquired = await new Leases(database.store, { holder: 'a', durationMs: 60_000 }).acquire(ClusterId(clusterId));
  if (acquired === undefined) throw new Error('the lease was not free');
  lease = acquired;
});
afterAll(() => database.drop());

/** Writes a verdict and answers what it woke on the queue of sweeps. */
async function wokenBy(applicationId: ApplicationId, health: Verdict['health']): Promise<readonly string[]> {
  await database.store.pool.query('TRUNCATE outbox');
  await new StatusStore(database.store).write(lease, [
    {
      applicationId,
      seq: '0',
      verdict: { sync: 'Synced', health, revision: 'c1', phase: '' },
      resources: [],
      removed: [],
      kinds: [],
      finished: [],
      deleted: false,
    },
  ]);
  const { rows } = await database.store.pool.query<{ key: string }>(`SELECT key FROM outbox WHERE queue = 'observe'`);
  return rows.map(({ key }) => key);
}

it('a changed verdict of a child wakes the sweep of the hub; an equal one, or one of nobody’s child, does not', async () => {
  expect(await wokenBy(child, 'Degraded')).toEqual([hubId]);
  expect(await wokenBy(child, 'Degraded')).toEqual([]);
  expect(await wokenBy(other, 'Degraded')).toEqual([]);
});
