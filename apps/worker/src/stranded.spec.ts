// Applications that are to be deleted while their destination is no registered spoke any more: no finalizer keeps their rows.
import { openQueue, type QueuePort } from '@wheelwright/platform-queue';
import { openStore, type Store } from '@wheelwright/platform-store';
import { createTestDatabase, insertApplication, insertCluster, type TestDatabase } from '@wheelwright/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { TickProcessor } from './processors/tick.js';

let database: TestDatabase;
let store: Store;
let queue: QueuePort;

beforeAll(async () => {
  database = await createTestDatabase();
  store = await openStore({ url: database.url, maxConnections: 3, applicationName: 'test' });
  queue = await openQueue({ databaseUrl: database.url, maxConnections: 3 });
});
afterAll(async () => {
  await queue.close();
  await store.close();
  await database.drop();
});

/** An Application without a spoke whose deletion, with its objects, was asked for; and one object of it on the spoke given. */
async function insertStranded(name: string, clusterId: string): Promise<void> {
  const id = await insertApplication(store.pool, { name, deletionRequestedAt: new Date() });
  await store.pool.query(
    `UPDATE applications SET deletion_cascade = true, finalizers = '{resources-finalizer.argocd.argoproj.io}' WHERE id = $1`,
    [id],
  );
  await store.pool.query(
    `INSERT INTO resources (application_id, cluster_id, api_group, version, kind, name, uid) VALUES ($1, $2, '', 'v1', 'ConfigMap', 'c', 'u')`,
    [id, clusterId],
  );
}

it('go at once, unless a spoke that can be reached has objects of theirs: those go first', async () => {
  const registered = await insertCluster(store.pool, { name: 'eu-1' });
  await insertStranded('unreachable', '00000000-0000-0000-0000-000000000001');
  await insertStranded('moved', registered);
  const ticks = new TickProcessor(store, queue, { resyncMs: 60_000, orphanMs: 3_600_000 });
  await ticks.removeStranded();
  const names = await store.pool.query('SELECT name FROM applications ORDER BY name');
  expect(names.rows).toEqual([{ name: 'moved' }]);
  const left = await store.pool.query('SELECT cluster_id FROM application_leftovers');
  expect(left.rows).toEqual([{ cluster_id: registered }]);
});
