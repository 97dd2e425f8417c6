// The live comparison against a spoke that answers, with what a worker rendered as a worker would have left it.
import { ApplicationId, ClusterId, type KubeObject } from '@wheelwright/kernel';
import { DEFAULT_COMPARE_SETTINGS } from '@wheelwright/plan';
import { JqPaths } from '@wheelwright/platform-jq';
import { addressPolicy, SpokeClients } from '@wheelwright/platform-kube';
import { startSpokeSim, type SimulatedSpoke, type SpokeSim } from '@wheelwright/spoke-sim';
import { createTestStore, insertApplication, insertCluster, insertProject, type TestStore } from '@wheelwright/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LiveDiff } from './live-diff.js';

const settings = (text: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'settings', namespace: 'shop' },
  data: { text },
});

let sim: SpokeSim;
let spoke: SimulatedSpoke;
let database: TestStore;
let diff: LiveDiff;
let shop: ApplicationId;
const jq = new JqPaths();
const clients = new SpokeClients({ addressPolicy: addressPolicy(['127.0.0.0/8']) });

beforeAll(async () => {
  sim = await startSpokeSim({ controllerDelayMs: 20 });
  spoke = sim.addCluster('one');
  spoke.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } });
  spoke.create(settings('by hand'));
  database = await createTestStore();
  const { store } = database;
  const clusterId = await insertCluster(store.pool, { name: 'one' });
  const spec = { project: 'default', destination: { name: 'one', namespace: 'shop' } };
  shop = ApplicationId(await insertApplication(store.pool, { name: 'shop', clusterId, spec }));
  await store.pool.query(`UPDATE application_details SET render_key = 'rendered'`);
  const credentials = { kind: 'bearerToken', token: spoke.token } as const;
  const target = { id: ClusterId(clusterId), server: spoke.url, tls: {}, credentials };
  const extra: KubeObject = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'extra' }, data: {} };
  diff = new LiveDiff({
    store,
    connect: () => Promise.resolve(clients.get(target, '1')),
    recall: (key) =>
      Promise.resolve(
        key === 'rendered' ? { objects: [settings('from Git'), extra], digest: '', warnings: [] } : undefined,
      ),
    installationId: 'test',
    compare: () => Promise.resolve(DEFAULT_COMPARE_SETTINGS),
    jq,
  });
});

afterAll(async () => {
  await jq.close();
  await clients.close();
  await database.drop();
  await sim.close();
});

const set = (sql: string): Promise<unknown> => database.store.pool.query(sql);

describe('the live comparison', () => {
  it('says what a sync would create and change, field by field, and writes nothing', async () => {
    const entries = await diff.diff(shop);
    expect(entries.map(({ key, action }) => `${action} ${key.name}`)).toEqual(['create extra', 'update settings']);
    expect(entries[1]?.differences).toContainEqual(
      expect.objectContaining({ pointer: '/data/text', live: 'by hand', desired: 'from Git' }),
    );
    expect(await diff.diff(shop)).toEqual(entries);
  });

  it('reads nothing from a paused spoke', async () => {
    await set('UPDATE clusters SET paused = true');
    await expect(diff.diff(shop)).rejects.toMatchObject({ code: 'Conflict' });
    await set('UPDATE clusters SET paused = false');
  });

  it('is made with the rights of the service account of the project, or not at all', async () => {
    const destinationServiceAccounts = [{ server: '*', namespace: 'elsewhere', defaultServiceAccount: 'deployer' }];
    await insertProject(database.store.pool, { name: 'mapped', spec: { destinationServiceAccounts } });
    await set(`UPDATE applications SET project = 'mapped', spec = spec || '{"project": "mapped"}'`);
    await expect(diff.diff(shop)).rejects.toMatchObject({ code: 'PolicyDenied' });
  });

  it('says that nothing was rendered yet', async () => {
    await set(`UPDATE application_details SET render_key = ''`);
    await expect(diff.diff(shop)).rejects.toMatchObject({ code: 'Unavailable' });
  });
});
