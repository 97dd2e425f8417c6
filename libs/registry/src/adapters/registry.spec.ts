import { randomBytes, randomUUID } from 'node:crypto';
import { inspect } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { AppError, type ClusterId, type ErrorCode } from '@wheelwright/kernel';
import { addressPolicy, SpokeClients } from '@wheelwright/platform-kube';
import type { Store } from '@wheelwright/platform-store';
import { startSpokeSim, type SimulatedSpoke, type SpokeSim } from '@wheelwright/spoke-sim';
import { createTestStore, type TestStore } from '@wheelwright/testing';
import type { ClusterRegistration } from '../index.js';
import { ClusterStore, deleteCluster, finishClusterDeletion, KeyRing, SpokeDirectory } from './index.js';

const newKey = (id: string): { id: string; bytes: Uint8Array } => ({ id, bytes: randomBytes(32) });
const OLD = newKey('old');
const NEW = newKey('new');

let test: TestStore;
let store: Store;
let sim: SpokeSim;
let clients: SpokeClients;
let clusters: ClusterStore;
let directory: SpokeDirectory;
const ring = new KeyRing([OLD]);

beforeAll(async () => {
  test = await createTestStore();
  store = test.store;
  sim = await startSpokeSim({ tls: true });
  clients = new SpokeClients({ addressPolicy: addressPolicy(['127.0.0.0/8']), breaker: { threshold: 1_000 } });
  clusters = new ClusterStore(store, ring);
  directory = new SpokeDirectory(store, clusters, clients, { intervalMs: 60_000, random: () => 0.5 });
});

afterAll(async () => {
  await clients.close();
  await sim.close();
  await test.drop();
});

afterEach(async () => {
  await store.pool.query('DELETE FROM applications');
  await store.pool.query('DELETE FROM clusters');
  await store.pool.query('DELETE FROM application_sets');
  await store.pool.query('DELETE FROM outbox');
});

function newSpoke(): { spoke: SimulatedSpoke; registration: ClusterRegistration } {
  const name = `s-${randomUUID().slice(0, 8)}`;
  const spoke = sim.addCluster(name, { token: `canary-${randomUUID()}` });
  return { spoke, registration: registrationOf(spoke) };
}

function registrationOf(spoke: SimulatedSpoke): ClusterRegistration {
  return {
    name: spoke.name,
    server: spoke.url,
    labels: { env: 'test' },
    annotations: {},
    project: '',
    namespaces: [],
    clusterResources: true,
    tls: { insecure: false, ...(sim.caData === undefined ? {} : { caData: sim.caData }) },
    credentials: { kind: 'bearerToken', token: spoke.token },
  };
}

async function newSet(): Promise<string> {
  const { rows } = await store.pool.query<{ id: string }>(
    `INSERT INTO application_sets (name, spec, digest) VALUES ($1, '{}', '') RETURNING id`,
    [randomUUID()],
  );
  const id = rows[0]?.id ?? '';
  await store.pool.query(`INSERT INTO set_dependencies (set_id, kind) VALUES ($1, 'clusters')`, [id]);
  return id;
}

async function newApplication(destination: object, clusterId: string | null = null): Promise<string> {
  const { rows } = await store.pool.query<{ id: string }>(
    `INSERT INTO applications (name, spec, digest, cluster_id) VALUES ($1, $2, '', $3) RETURNING id`,
    [randomUUID(), { destination }, clusterId],
  );
  return rows[0]?.id ?? '';
}

/** The outbox, emptied: `queue:key`, sorted. */
async function takeOutbox(): Promise<string[]> {
  const { rows } = await store.pool.query<{ queue: string; key: string }>('DELETE FROM outbox RETURNING queue, key');
  return [...new Set(rows.map(({ queue, key }) => `${queue}:${key}`))].sort();
}

async function codeOf(promise: Promise<unknown>): Promise<ErrorCode | 'none'> {
  return promise.then(
    () => 'none',
    (error: unknown) => {
      if (error instanceof AppError) return error.code;
      throw error;
    },
  );
}

describe('registering', () => {
  it('connects, reads the version, and wakes the sets, the sweep and the Applications that wait for it', async () => {
    const { spoke, registration } = newSpoke();
    const set = await newSet();
    const byName = await newApplication({ name: spoke.name });
    const byServer = await newApplication({ server: `${spoke.url}/` });
    const other = await newApplication({ name: 'elsewhere' });
    const detail = await directory.register(registration, { verify: true });
    expect(detail).toMatchObject({
      name: spoke.name,
      server: spoke.url,
      state: 'Connected',
      reason: '',
      credentials: 'bearerToken',
      paused: false,
    });
    expect(detail.kubernetesVersion).toMatch(/^v\d/);
    expect(await takeOutbox()).toEqual(
      [`deploy:${detail.id}`, `expand:${set}`, `observe:${detail.id}`, `signal:fleet:${detail.id}`].sort(),
    );
    const { rows } = await store.pool.query<{ id: string }>('SELECT id FROM applications WHERE cluster_id = $1', [
      detail.id,
    ]);
    expect(rows.map((row) => row.id).sort()).toEqual([byName, byServer].sort());
    const due = await store.pool.query('SELECT application_id FROM application_due WHERE cluster_id = $1', [detail.id]);
    expect([due.rowCount, other === byName]).toEqual([2, false]);
    expect(await clusters.views()).toEqual([expect.objectContaining({ name: spoke.name, labels: { env: 'test' } })]);
  });

  it('refuses what it cannot verify, and takes it as it is without verification', async () => {
    const { spoke, registration } = newSpoke();
    const wrong = { ...registration, credentials: { kind: 'bearerToken', token: 'wrong-token' } } as const;
    await expect(directory.register(wrong, { verify: true })).rejects.toMatchObject({
      code: 'SpokeUnauthorized',
      faults: [{ pointer: '/credentials' }],
    });
    spoke.faults.set({ down: true });
    await expect(directory.register(registration, { verify: true })).rejects.toMatchObject({
      code: 'SpokeUnreachable',
      faults: [{ pointer: '/server' }],
    });
    expect((await clusters.list({ first: 10 })).clusters).toEqual([]);
    const detail = await directory.register(registration, { verify: false });
    expect(detail).toMatchObject({ state: 'Unreachable', reason: 'SpokeUnreachable' });
    expect(detail.message).not.toBe('');
    expect(await takeOutbox()).toContain(`probe:${detail.id}`);
  });

  it('verifies the certificate of the spoke (TLS is verified)', async () => {
    const { registration } = newSpoke();
    const { caData: _ca, ...tls } = registration.tls;
    await expect(directory.register({ ...registration, tls }, { verify: true })).rejects.toMatchObject({
      code: 'SpokeUnreachable',
    });
    expect(
      (await directory.register({ ...registration, tls: { insecure: true } }, { verify: true })).tls.insecure,
    ).toBe(true);
  });

  it('refuses a name or an address that is taken', async () => {
    const one = newSpoke().registration;
    const two = newSpoke().registration;
    await directory.register(one, { verify: true });
    expect(await codeOf(directory.register({ ...two, name: one.name }, { verify: true }))).toBe('Conflict');
    expect(await codeOf(directory.register({ ...two, server: one.server }, { verify: true }))).toBe('Conflict');
    const check = { state: 'Connected', reason: '', message: '', kubernetesVersion: '' } as const;
    const both = await Promise.all([codeOf(clusters.create(two, check)), codeOf(clusters.create(two, check))]);
    expect(both.sort()).toEqual(['Conflict', 'none']);
  });

  it('never lets an address of the hub itself through (SSRF)', async () => {
    const closed = new SpokeClients();
    const guarded = new SpokeDirectory(store, clusters, closed, { intervalMs: 60_000 });
    await expect(guarded.register(newSpoke().registration, { verify: true })).rejects.toMatchObject({
      details: { reason: 'AddressRefused' },
    });
    await closed.close();
  });
});

describe('a declared cluster', () => {
  it('is created, unchanged, configured; only what changed is woken', async () => {
    const { registration } = newSpoke();
    const set = await newSet();
    const apply = (next: ClusterRegistration) => store.tx((client) => clusters.apply(client, next));
    expect(await apply(registration)).toBe('created');
    const { id } = await clusters.get(registration.name);
    await takeOutbox();
    expect(await apply(registration)).toBe('unchanged');
    expect(await takeOutbox()).toEqual([]);
    expect(await apply({ ...registration, labels: { env: 'prod' } })).toBe('configured');
    expect(await takeOutbox()).toEqual([`expand:${set}`, `signal:fleet:${id}`]);
    const credentials = { kind: 'bearerToken', token: 'next-token' } as const;
    const before = (await clusters.target(id)).version;
    expect(await apply({ ...registration, labels: { env: 'prod' }, credentials })).toBe('configured');
    expect(await takeOutbox()).toEqual([`probe:${id}`, `signal:fleet:${id}`]);
    const { target, version } = await clusters.target(id);
    expect(target.credentials).toEqual(credentials);
    expect(version).not.toBe(before);
    expect(await apply({ ...registration, name: 'renamed', labels: { env: 'prod' }, credentials })).toBe('configured');
    expect((await clusters.get('renamed')).id).toBe(id);
  });

  it('comes to nothing where the transaction does', async () => {
    const { registration } = newSpoke();
    const failing = store.tx(async (client) => {
      await clusters.apply(client, registration);
      throw new Error('another document failed');
    });
    await expect(failing).rejects.toThrow('another document failed');
    expect(await takeOutbox()).toEqual([]);
    expect(await codeOf(clusters.get(registration.name))).toBe('NotFound');
  });
});

describe('patches', () => {
  it('merge labels, count facts, pause and resume', async () => {
    const { registration } = newSpoke();
    const set = await newSet();
    const { id, name } = await directory.register(registration, { verify: true });
    await takeOutbox();
    const generation = async (): Promise<number> => {
      const { rows } = await store.pool.query<{ generation: number }>(
        'SELECT generation::int FROM clusters WHERE id = $1',
        [id],
      );
      return rows[0]?.generation ?? 0;
    };
    expect(
      (await clusters.patch(name, { labels: { env: null, tier: 'gold' }, annotations: { note: 'x' } })).labels,
    ).toEqual({ tier: 'gold' });
    expect([await takeOutbox(), await generation()]).toEqual([[`expand:${set}`, `signal:fleet:${id}`], 2]);
    await clusters.patch(name, { labels: { tier: 'gold' } });
    expect([await takeOutbox(), await generation()]).toEqual([[], 2]);
    expect(await clusters.patch(name, { paused: true })).toMatchObject({ state: 'Paused', paused: true });
    expect(await directory.probe(id)).toBeUndefined();
    await takeOutbox();
    expect(await clusters.patch(name, { paused: false })).toMatchObject({ state: 'Pending', paused: false });
    // Nothing is deployed there: no slice to wake.
    expect(await takeOutbox()).toEqual([`probe:${id}`, `signal:fleet:${id}`]);
    expect(await codeOf(clusters.patch('nobody', {}))).toBe('NotFound');
  });
});

describe('changed labels', () => {
  it('have those Applications and sets judged again whose project goes by labels of clusters', async () => {
    const { id, name } = await directory.register(newSpoke().registration, { verify: true });
    const [own, refused, other] = [await newSet(), await newSet(), await newSet()];
    await store.pool.query(`DELETE FROM set_dependencies`);
    await store.pool.query(
      `INSERT INTO projects (name, spec, digest) VALUES ('selecting', $1, ''), ('plain', '{"destinations": [{"name": "*"}]}', '')`,
      [{ destinations: [{ clusterSelector: { matchLabels: { tier: 'gold' } }, namespace: '*' }] }],
    );
    const [judged, left] = [await newApplication({ name }, id), await newApplication({ name }, id)];
    await store.pool.query(`UPDATE applications SET project = 'selecting', set_id = $2 WHERE id = $1`, [judged, own]);
    await store.pool.query(`UPDATE applications SET project = 'plain', set_id = $2 WHERE id = $1`, [left, other]);
    await store.pool.query(
      `INSERT INTO set_dependencies (set_id, kind, subject) VALUES ($1, 'missing-project', 'selecting')`,
      [refused],
    );
    await store.pool.query('DELETE FROM application_due');
    await takeOutbox();
    await clusters.patch(name, { labels: { tier: 'gold' } });
    expect(await takeOutbox()).toEqual(
      [`deploy:${id}`, `expand:${own}`, `expand:${refused}`, `signal:fleet:${id}`].sort(),
    );
    const { rows } = await store.pool.query('SELECT application_id AS id, reason FROM application_due');
    expect(rows).toEqual([{ id: judged, reason: 'labels of its cluster changed' }]);
    await store.pool.query('DELETE FROM projects');
  });
});

describe('probes', () => {
  it('move `since` with the state only, back off, and wake a spoke that is back', async () => {
    const { spoke, registration } = newSpoke();
    const { id, name, since } = await directory.register(registration, { verify: true });
    await newApplication({ name }, id);
    await takeOutbox();
    expect(await directory.probe(id)).toEqual({ previous: 'Connected', state: 'Connected', isTransition: false });
    expect(await takeOutbox()).toEqual([]);
    expect((await clusters.byId(id)).since).toBe(since);

    spoke.faults.set({ down: true });
    expect(await directory.probe(id)).toMatchObject({ state: 'Unreachable', isTransition: true });
    const down = await clusters.byId(id);
    expect(down).toMatchObject({ state: 'Unreachable', reason: 'SpokeUnreachable' });
    expect(down.kubernetesVersion).not.toBe('');
    expect(await directory.probe(id)).toMatchObject({ isTransition: false });
    expect((await clusters.byId(id)).since).toBe(down.since);
    const { rows } = await store.pool.query(
      'SELECT failures, next_probe_at > now() AS later, retry_at IS NOT NULL AS open FROM cluster_status WHERE cluster_id = $1',
      [id],
    );
    expect(rows).toEqual([{ failures: 2, later: true, open: true }]);

    spoke.faults.set({ unauthorized: true });
    expect(await directory.probe(id)).toMatchObject({ previous: 'Unreachable', state: 'Unauthorized' });
    spoke.faults.set({});
    expect(await directory.probe(id)).toMatchObject({ previous: 'Unauthorized', state: 'Connected' });
    expect(await takeOutbox()).toEqual([`deploy:${id}`, `observe:${id}`, `signal:fleet:${id}`]);
    const due = await store.pool.query('SELECT reason FROM application_due WHERE cluster_id = $1', [id]);
    expect(due.rows).toEqual([{ reason: 'cluster connected' }]);
  });

  it('shares connections, follows changed credentials, and lets go of a spoke that is gone', async () => {
    const { registration } = newSpoke();
    const { id, name } = await directory.register(registration, { verify: true });
    const client = await directory.client(id);
    await (await directory.client(id)).version();
    expect(client.counts().version).toBe(1);
    await clusters.patch(name, { credentials: { kind: 'bearerToken', token: 'revoked-token' } });
    expect(await codeOf((await directory.client(id)).version())).toBe('SpokeUnauthorized');
    await deleteCluster(store, name);
    expect(await codeOf(directory.client(id))).toBe('NotFound');
    expect(clients.ids()).not.toContain(id);
    await directory.prune();
    expect(clients.ids()).toEqual([]);
  });
});

describe('deletion', () => {
  async function registered(): Promise<{ id: ClusterId; name: string }> {
    const { id, name } = await directory.register(newSpoke().registration, { verify: true });
    await takeOutbox();
    return { id, name };
  }

  it('is refused while Applications target the spoke', async () => {
    const { id, name } = await registered();
    await newApplication({ name }, id);
    await expect(deleteCluster(store, name)).rejects.toMatchObject({
      code: 'StillInUse',
      details: { applications: 1 },
    });
    expect((await clusters.get(name)).id).toBe(id);
  });

  it('forgets Applications with orphan, and wakes the sets', async () => {
    const set = await newSet();
    const { id, name } = await registered();
    await newApplication({ name }, id);
    expect(await deleteCluster(store, name, 'orphan')).toEqual({ kind: 'deleted' });
    const left = await store.pool.query('SELECT 1 FROM applications');
    expect([left.rowCount, await takeOutbox()]).toEqual([0, [`expand:${set}`, `signal:fleet:${id}`]]);
    expect(await codeOf(deleteCluster(store, name))).toBe('NotFound');
  });

  it('wakes the sets that have Applications there, whatever their generators read', async () => {
    const set = await newSet();
    await store.pool.query('DELETE FROM set_dependencies');
    const { id, name } = await registered();
    const application = await newApplication({ name }, id);
    await store.pool.query('UPDATE applications SET set_id = $1 WHERE id = $2', [set, application]);
    await takeOutbox();
    expect(await deleteCluster(store, name, 'orphan')).toEqual({ kind: 'deleted' });
    expect(await takeOutbox()).toEqual([`expand:${set}`, `signal:fleet:${id}`]);
  });

  it('waits with delete until the last Application is gone', async () => {
    const { id, name } = await registered();
    const application = await newApplication({ name }, id);
    expect(await deleteCluster(store, name, 'delete')).toEqual({ kind: 'pending', applications: 1 });
    expect(await takeOutbox()).toEqual([`deploy:${id}`, `signal:applications:${application}`]);
    const { rows } = await store.pool.query(
      'SELECT deletion_cascade, deletion_requested_at IS NOT NULL AS requested FROM applications',
    );
    expect(rows).toEqual([{ deletion_cascade: true, requested: true }]);
    expect(await clusters.views()).toEqual([]);
    expect(await finishClusterDeletion(store, id)).toBe(false);
    await store.pool.query('DELETE FROM applications WHERE id = $1', [application]);
    expect(await finishClusterDeletion(store, id)).toBe(true);
    expect(await codeOf(clusters.byId(id))).toBe('NotFound');
  });
});

describe('pages', () => {
  it('go by name', async () => {
    for (const name of ['b', 'a', 'c'])
      await store.tx((client) => clusters.apply(client, { ...newSpoke().registration, name }));
    const first = await clusters.list({ first: 2 });
    expect([first.clusters.map((cluster) => cluster.name), first.hasMore]).toEqual([['a', 'b'], true]);
    const second = await clusters.list({ first: 2, after: 'b' });
    expect([second.clusters.map((cluster) => cluster.name), second.hasMore]).toEqual([['c'], false]);
  });
});

describe('a secret has one way in and no way out (R5 secret canary)', () => {
  it('is in no view, error, job or row', async () => {
    const { spoke, registration } = newSpoke();
    const secret = spoke.token;
    const seen: unknown[] = [await directory.register(registration, { verify: true })];
    const { id, name } = await clusters.get(spoke.name);
    seen.push(
      await clusters.list({ first: 10 }),
      await clusters.views(),
      await clusters.patch(name, { credentials: registration.credentials }),
    );
    const attempts = [
      () => directory.register(registration, { verify: true }),
      () =>
        directory.register(
          { ...newSpoke().registration, server: `${sim.url}/clusters/none`, credentials: registration.credentials },
          { verify: true },
        ),
      () => new ClusterStore(store, new KeyRing([NEW])).target(id),
    ];
    spoke.faults.set({ unauthorized: true });
    await directory.probe(id);
    for (const attempt of attempts) {
      await attempt().catch((error: unknown) => seen.push(inspect(error, { depth: 9 }), error));
    }
    expect(seen.length).toBeGreaterThan(4);
    for (const table of ['clusters', 'cluster_credentials', 'cluster_status', 'outbox', 'application_due']) {
      const { rows } = await store.pool.query<{ row: string }>(`SELECT t::text AS row FROM ${table} t`);
      seen.push(rows);
    }
    const { rows } = await store.pool.query<{ ciphertext: Buffer }>('SELECT ciphertext FROM cluster_credentials');
    for (const row of rows) expect(row.ciphertext.includes(secret)).toBe(false);
    expect(`${JSON.stringify(seen)}${inspect(seen, { depth: 9 })}`).not.toContain(secret);
  });
});
