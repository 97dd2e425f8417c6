import { ApplicationId, ClusterId } from '@wheelwright/kernel';
import { addressPolicy, SpokeClients } from '@wheelwright/platform-kube';
import { startSpokeSim, type SimulatedSpoke, type SpokeSim } from '@wheelwright/spoke-sim';
import { createTestStore, insertApplication, insertCluster, insertProject, type TestStore } from '@wheelwright/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LiveObjects } from './live-objects.js';

let sim: SpokeSim;
let spoke: SimulatedSpoke;
let database: TestStore;
let live: LiveObjects;
let shop: ApplicationId;
let webUid: string;
const clients = new SpokeClients({ addressPolicy: addressPolicy(['127.0.0.0/8']) });

const uidOf = (object: { readonly metadata: { readonly uid?: string } }): string => object.metadata.uid ?? '';
const owned = (name: string, kind: string, uid: string): object => ({
  name,
  namespace: 'shop',
  ownerReferences: [{ apiVersion: 'apps/v1', kind, name: 'owner', uid }],
});

beforeAll(async () => {
  sim = await startSpokeSim({ controllerDelayMs: 20 });
  spoke = sim.addCluster('one');
  database = await createTestStore();
  const { pool } = database.store;
  const clusterId = await insertCluster(pool, { name: 'one' });
  shop = ApplicationId(await insertApplication(pool, { name: 'shop', clusterId }));
  spoke.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } });
  webUid = uidOf(
    spoke.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'web', namespace: 'shop' }, data: {} }),
  );
  const pod = { containers: [{ name: 'web', image: 'example.com/web:1' }] };
  const selector = { matchLabels: { app: 'web' } };
  const template = { metadata: { labels: { app: 'web' } }, spec: pod };
  const set = spoke.create({
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: { ...owned('web-1', 'Deployment', webUid) },
    spec: { replicas: 1, selector, template },
  });
  const made = spoke.create({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { ...owned('web-1-a', 'ReplicaSet', uidOf(set)) },
    spec: pod,
  });
  const other = spoke.create({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'stranger', namespace: 'shop' },
    spec: pod,
  });
  for (const [name, uid, at] of [
    ['old', uidOf(made), '2026-01-01T00:00:00Z'],
    ['new', uidOf(made), '2026-01-02T00:00:00Z'],
    ['foreign', uidOf(other), '2026-01-03T00:00:00Z'],
  ] as const)
    spoke.create({
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name, namespace: 'shop' },
      involvedObject: { kind: 'Pod', namespace: 'shop', uid },
      type: 'Warning',
      reason: 'BackOff',
      message: name,
      count: 3,
      lastTimestamp: at,
    });
  await pool.query(
    `INSERT INTO resources (application_id, cluster_id, api_group, version, kind, namespace, name, uid) VALUES ($1, $2, '', 'v1', 'ConfigMap', 'shop', 'web', $3)`,
    [shop, clusterId, webUid],
  );
  const target = {
    id: ClusterId(clusterId),
    server: spoke.url,
    tls: {},
    credentials: { kind: 'bearerToken', token: spoke.token } as const,
  };
  live = new LiveObjects({ store: database.store, connect: () => Promise.resolve(clients.get(target, '1')) });
});

afterAll(async () => {
  await clients.close();
  await database.drop();
  await sim.close();
});

const pod = (name: string) => ({ group: '', kind: 'Pod', namespace: 'shop', name });

describe('the live objects of an Application', () => {
  it('go down to pods, without strangers in the namespace', async () => {
    const nodes = await live.tree(shop);
    expect(nodes.map(({ key }) => `${key.kind} ${key.name}`)).toEqual([
      'ConfigMap web',
      'ReplicaSet web-1',
      'Pod web-1-a',
    ]);
    expect(nodes.map(({ parent }) => parent)).toEqual([undefined, webUid, nodes[1]?.uid]);
  });

  it('tell their events, newest first', async () => {
    const events = await live.events(shop, pod('web-1-a'));
    expect(events).toMatchObject([
      { message: 'new', count: 3, type: 'Warning', reason: 'BackOff' },
      { message: 'old', lastSeen: new Date('2026-01-01T00:00:00Z') },
    ]);
  });

  it('are nothing else: events of others in the namespace stay with them', async () => {
    await expect(live.events(shop, pod('stranger'))).rejects.toMatchObject({ code: 'NotFound' });
  });

  it('are not read while the spoke is paused', async () => {
    const { pool } = database.store;
    await pool.query('UPDATE clusters SET paused = true');
    await expect(live.tree(shop)).rejects.toMatchObject({ code: 'Conflict' });
    await pool.query('UPDATE clusters SET paused = false');
  });

  it('are read as the service account of the project, or not at all', async () => {
    await insertProject(database.store.pool, {
      name: 'mapped',
      spec: {
        destinationServiceAccounts: [{ server: 'https://elsewhere', namespace: '*', defaultServiceAccount: 'a' }],
      },
    });
    await database.store.pool.query(`UPDATE applications SET project = 'mapped'`);
    await expect(live.tree(shop)).rejects.toMatchObject({ code: 'PolicyDenied' });
    await expect(live.events(shop, pod('web-1-a'))).rejects.toMatchObject({ code: 'PolicyDenied' });
  });
});
