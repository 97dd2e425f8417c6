import { type Store } from '@wheelwright/platform-store';
import { createTestStore, type TestStore } from '@wheelwright/testing';
import { AppError, type JsonObject } from '@wheelwright/kernel';
import { SpokeClients } from '@wheelwright/platform-kube';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { hubFactsOfSecret, type HubFacts } from '../index.js';
import { deleteCluster } from './cluster-deletion.js';
import { ClusterStore } from './cluster-store.js';
import { applyHubFacts, ensureHubCluster, hubClusterId } from './hub-cluster.js';
import { KeyRing } from './key-ring.js';
import { SpokeDirectory } from './spoke-directory.js';

let test: TestStore;
let store: Store;
let clusters: ClusterStore;

beforeAll(async () => {
  test = await createTestStore();
  store = test.store;
  clusters = new ClusterStore(store, new KeyRing([{ id: 'k1', bytes: new Uint8Array(32).fill(7) }]));
});
afterAll(() => test.drop());
beforeEach(async () => {
  await store.pool.query('TRUNCATE clusters, applications, application_sets, outbox, application_due CASCADE');
});

const facts = (patch: Partial<HubFacts> = {}): HubFacts => ({
  name: '',
  labels: {},
  annotations: {},
  project: '',
  warnings: [],
  ...patch,
});
const apply = (patch: Partial<HubFacts>) => store.tx((client) => applyHubFacts(client, facts(patch)));

async function application(name: string, destination: JsonObject): Promise<void> {
  await store.pool.query(
    `WITH added AS (INSERT INTO applications (name, spec, digest) VALUES ($1, $2, '') RETURNING id)
     INSERT INTO application_status (application_id, project) SELECT id, 'default' FROM added`,
    [name, { destination }],
  );
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'done',
    (error: unknown) => (error instanceof AppError ? error.code : String(error)),
  );
}

describe('the row of the hub', () => {
  it('is made once, however many processes start at the same time', async () => {
    const ids = await Promise.all([1, 2, 3, 4].map(() => ensureHubCluster(store)));
    expect(new Set(ids).size).toBe(1);
    expect(await hubClusterId(store.pool)).toBe(ids[0]);
    const hub = await clusters.get('in-cluster');
    expect(hub).toMatchObject({
      server: 'https://kubernetes.default.svc',
      isHub: true,
      state: 'Connected',
      credentials: null,
    });
  });

  it('is the destination of Applications that named it before, by name, address or address with a slash', async () => {
    await application('by-name', { name: 'in-cluster' });
    await application('by-server', { server: 'https://kubernetes.default.svc' });
    await application('by-slash', { server: 'https://kubernetes.default.svc/' });
    await application('elsewhere', { name: 'east' });
    const id = await ensureHubCluster(store);
    const { rows } = await store.pool.query<{ name: string }>(
      'SELECT a.name FROM applications a JOIN application_due d ON d.application_id = a.id WHERE a.cluster_id = $1 ORDER BY 1',
      [id],
    );
    expect(rows.map(({ name }) => name)).toEqual(['by-name', 'by-server', 'by-slash']);
  });

  it('is never probed, and nothing can be registered, sealed or deleted in its place', async () => {
    const id = await ensureHubCluster(store);
    const due = await store.pool.query(
      `SELECT 1 FROM cluster_status WHERE next_probe_at <= now() + interval '100 years'`,
    );
    expect(due.rowCount).toBe(0);
    const clients = new SpokeClients();
    const directory = new SpokeDirectory(store, clusters, clients, { intervalMs: 1_000 });
    expect(await directory.probe(id)).toBeUndefined();
    await clients.close();
    expect(await codeOf(deleteCluster(store, 'in-cluster', 'delete'))).toBe('Conflict');
    const credentials = { kind: 'bearerToken', token: 'token' } as const;
    expect(await codeOf(clusters.patch('in-cluster', { credentials }))).toBe('Conflict');
    const registration = {
      name: 'in-cluster',
      server: 'https://east.example.com',
      labels: {},
      annotations: {},
      project: '',
      namespaces: [],
      clusterResources: true,
      tls: { insecure: false },
      credentials,
    };
    expect(await codeOf(store.tx((client) => clusters.apply(client, registration)))).toBe('Conflict');
    expect(await codeOf(clusters.create(registration, CONNECTED))).toBe('Conflict');
  });

  it('can be paused, and is connected again without a probe', async () => {
    await ensureHubCluster(store);
    expect(await clusters.patch('in-cluster', { paused: true })).toMatchObject({ state: 'Paused', paused: true });
    await store.pool.query('TRUNCATE outbox');
    expect(await clusters.patch('in-cluster', { paused: false })).toMatchObject({ state: 'Connected', paused: false });
    const { rows } = await store.pool.query<{ queue: string }>(`SELECT queue FROM outbox WHERE queue = 'probe'`);
    expect(rows).toEqual([]);
  });
});

const CONNECTED = { state: 'Connected', reason: '', message: '', kubernetesVersion: '' } as const;

describe('what is declared of the hub', () => {
  it('makes it a cluster that generators see', async () => {
    await ensureHubCluster(store);
    expect(await clusters.views()).toEqual([]);
    expect(await apply({ labels: { env: 'mgmt' } })).toBe('configured');
    expect(await apply({ labels: { env: 'mgmt' } })).toBe('unchanged');
    expect((await clusters.views()).map(({ name, labels }) => [name, labels])).toEqual([
      ['in-cluster', { env: 'mgmt' }],
    ]);
    expect(await apply({})).toBe('configured');
    expect(await clusters.views()).toEqual([]);
    await clusters.patch('in-cluster', { annotations: { note: 'x' } });
    expect(await clusters.views()).toHaveLength(1);
  });

  it('may give it another name, which Applications can use', async () => {
    const id = await ensureHubCluster(store);
    await application('root', { name: 'mgmt' });
    expect(await apply({ name: 'mgmt' })).toBe('configured');
    const { rows } = await store.pool.query('SELECT cluster_id FROM applications');
    expect(rows).toEqual([{ cluster_id: id }]);
    expect(await ensureHubCluster(store)).toBe(id);
  });

  it('comes from a cluster Secret with the address of the hub, whose config is left out', () => {
    const secret = (server: string): JsonObject => ({
      metadata: { name: 'x', labels: { 'argocd.argoproj.io/secret-type': 'cluster', env: 'mgmt' } },
      stringData: { name: 'mgmt', server, project: 'labs', config: '{"execProviderConfig":{}}' },
    });
    expect(hubFactsOfSecret(secret('https://east.example.com'))).toBeUndefined();
    const found = hubFactsOfSecret(secret('https://kubernetes.default.svc/'));
    expect(found).toMatchObject({ name: 'mgmt', labels: { env: 'mgmt' }, project: 'labs' });
    expect(found?.warnings).toHaveLength(1);
    const encoded = { ...secret(''), stringData: {}, data: { server: btoa('https://kubernetes.default.svc') } };
    expect(hubFactsOfSecret(encoded)).toMatchObject({ name: '', warnings: [] });
  });
});
