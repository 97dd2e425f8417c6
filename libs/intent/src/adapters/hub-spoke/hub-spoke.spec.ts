import {
  AppError,
  ClusterId,
  MANAGED_BY_LABEL,
  TRACKING_ANNOTATION,
  trackingId,
  type JsonObject,
  type KubeObject,
} from '@wheelwright/kernel';
import type { ApiResource, SpokeClient } from '@wheelwright/platform-kube';
import type { Store } from '@wheelwright/platform-store';
import { createTestStore, type TestStore } from '@wheelwright/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { CatalogueObject } from '../../types.js';
import { applyObjects } from '../apply-objects.js';
import { insertClusters, REPO, sampleApplication, sampleProject, sampleSet, truncateAll } from '../testing/samples.js';
import { HubSpoke } from './hub-spoke.js';

const MANAGER = { fieldManager: 'wheelwright', force: true } as const;
const LABEL = `${MANAGED_BY_LABEL}=hub-1`;

let test: TestStore;
let store: Store;
let hubId: ClusterId;
let hub: SpokeClient;

beforeAll(async () => {
  test = await createTestStore();
  store = test.store;
});
afterAll(() => test.drop());
beforeEach(async () => {
  await truncateAll(store.pool);
  await insertClusters(store.pool, { east: {} });
  const { rows } = await store.pool.query<{ id: string }>(
    `INSERT INTO clusters (name, server, is_hub) VALUES ('in-cluster', 'https://kubernetes.default.svc', true) RETURNING id`,
  );
  hubId = ClusterId(rows[0]?.id ?? '');
  hub = new HubSpoke(store, hubId);
});

async function kind(name: CatalogueObject['kind']): Promise<ApiResource> {
  const resource = await hub.resolve({ group: 'argoproj.io', version: 'v1alpha1', kind: name });
  if (resource === undefined) throw new Error(`the hub does not serve ${name}`);
  return resource;
}

/** An object as a plan sends it: placed, labelled, tracked. */
function desired(name: CatalogueObject['kind'], metadata: { readonly name: string }, spec: JsonObject): KubeObject {
  const key = { group: 'argoproj.io', kind: name, namespace: 'argocd', name: metadata.name };
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: name,
    metadata: {
      namespace: 'argocd',
      labels: { [MANAGED_BY_LABEL]: 'hub-1' },
      annotations: { [TRACKING_ANNOTATION]: trackingId('root', key) },
      ...metadata,
    },
    spec,
  };
}

const child = (name: string, spec: JsonObject = {}): KubeObject =>
  desired(
    'Application',
    { name },
    {
      source: { repoURL: REPO, path: name, targetRevision: 'main' },
      destination: { server: 'https://east.example.com:6443', namespace: 'web' },
      ...spec,
    },
  );
const set = (name: string): KubeObject =>
  desired('ApplicationSet', { name }, JSON.parse(JSON.stringify(sampleSet(name).spec)) as JsonObject);
const project = (name: string, spec: JsonObject = { sourceRepos: ['*'] }): KubeObject =>
  desired('AppProject', { name }, spec);

async function put(object: KubeObject, client: SpokeClient = hub): Promise<KubeObject> {
  return client.apply(await kind(object.kind as CatalogueObject['kind']), object, MANAGER);
}
async function dryRun(object: KubeObject): Promise<KubeObject> {
  return hub.apply(await kind(object.kind as CatalogueObject['kind']), object, { ...MANAGER, dryRun: true });
}
async function read(name: CatalogueObject['kind'], of: string): Promise<KubeObject | undefined> {
  return hub.get(await kind(name), { namespace: 'argocd', name: of });
}
async function names(name: CatalogueObject['kind'], labelSelector = LABEL): Promise<readonly string[]> {
  return (await hub.listMetadata(await kind(name), { labelSelector })).items.map((item) => item.name);
}
async function remove(name: CatalogueObject['kind'], of: string, uid?: string): Promise<string> {
  const live = await read(name, of);
  return hub.delete(await kind(name), { namespace: 'argocd', name: of }, { uid: uid ?? live?.metadata.uid ?? '' });
}
const byHand = (object: CatalogueObject): Promise<unknown> =>
  store.tx((client) => applyObjects(client, [object], { dryRun: false }));

async function failure(work: Promise<unknown>): Promise<{ readonly code: string; readonly message: string }> {
  return work.then(
    () => ({ code: 'none', message: '' }),
    (error: unknown) =>
      error instanceof AppError
        ? { code: error.code, message: error.message }
        : { code: 'other', message: String(error) },
  );
}

describe('what the hub serves', () => {
  it('is its own catalogue, and nothing else', async () => {
    const discovery = await hub.discovery();
    expect(discovery.complete).toBe(true);
    expect(discovery.resources.map((resource) => resource.kind)).toEqual([
      'Application',
      'ApplicationSet',
      'AppProject',
    ]);
    expect(await hub.resolve({ group: '', version: 'v1', kind: 'ConfigMap' })).toBeUndefined();
    const resource = { group: '', version: 'v1', plural: 'configmaps', namespaced: true };
    expect((await failure(hub.get(resource, { namespace: 'argocd', name: 'x' }))).code).toBe('SpokeRejected');
    const patch = hub.patch(await kind('Application'), { namespace: 'argocd', name: 'x' }, { type: 'merge', body: {} });
    expect((await failure(patch)).code).toBe('SpokeRejected');
    const request = hub.request({ verb: 'other', method: 'GET', path: '/api' });
    expect((await failure(request)).code).toBe('SpokeRejected');
    expect(await hub.version()).toEqual({ gitVersion: '' });
  });
});

describe('an apply', () => {
  it('writes the row, its spoke and its follow-up, and answers what a dry run foretold', async () => {
    const foretold = await dryRun(child('web'));
    expect(await read('Application', 'web')).toBeUndefined();
    const written = await put(child('web'));
    expect(written.spec).toEqual(foretold.spec);
    expect(written).toMatchObject({
      kind: 'Application',
      metadata: { name: 'web', namespace: 'argocd', generation: 1, labels: { [MANAGED_BY_LABEL]: 'hub-1' } },
      spec: { project: 'default' },
      status: { health: { status: 'Progressing' } },
    });
    const { rows } = await store.pool.query<{ name: string }>(
      `SELECT c.name FROM applications a JOIN clusters c ON c.id = a.cluster_id JOIN application_due d ON d.application_id = a.id`,
    );
    expect(rows).toEqual([{ name: 'east' }]);
    expect(await names('Application')).toEqual(['web']);
    expect(await names('Application', `${MANAGED_BY_LABEL}=another`)).toEqual([]);
  });

  it.each([child('web'), set('all'), project('labs', { sourceRepos: ['*'], description: 'of the labs' })])(
    'finds no difference the second time ($kind)',
    async (object) => {
      const first = await put(object);
      expect(await dryRun(object)).toEqual(first);
      expect(await put(object)).toEqual(first);
      const live = await read(object.kind as CatalogueObject['kind'], object.metadata.name ?? '');
      expect(live).toEqual(first);
      const [listed] = (
        await hub.listMetadata(await kind(object.kind as CatalogueObject['kind']), { labelSelector: LABEL })
      ).items;
      expect(listed).toEqual(first.metadata);
    },
  );

  it('refuses what is not valid, with the place and the reason', async () => {
    const bad = await failure(put(child('web', { destination: { server: 'https://a', name: 'a' } })));
    expect(bad).toMatchObject({ code: 'SpokeRejected' });
    expect(bad.message).toContain('/spec/destination');
    const elsewhere = desired('AppProject', { name: 'labs' }, {});
    const moved = { ...elsewhere, metadata: { ...elsewhere.metadata, namespace: 'other' } };
    expect((await failure(put(moved))).message).toContain('namespace other');
    const url = await failure(
      put(child('web', { source: { repoURL: 'https://user@git.example.com/x.git', path: '.' } })),
    );
    expect(url).toMatchObject({ code: 'SpokeRejected' });
    expect(url.message).toContain('/spec/source/repoURL');
  });

  it('leaves alone what is somebody else’s', async () => {
    await put(set('all'));
    await store.pool.query(
      `WITH s AS (SELECT id FROM application_sets) INSERT INTO applications (name, set_id, spec, digest)
       SELECT 'owned', id, '{}', '' FROM s`,
    );
    expect((await failure(put(child('owned')))).code).toBe('SpokeConflict');
    expect((await failure(dryRun(child('owned')))).message).toContain('ApplicationSet all');
    await byHand({ kind: 'Application', object: sampleApplication('mine', 'east') });
    const application = await kind('Application');
    const careful = hub.apply(application, child('mine'), { ...MANAGER, force: false });
    expect((await failure(careful)).code).toBe('SpokeConflict');
    expect((await put(child('mine'))).metadata.annotations).toHaveProperty([TRACKING_ANNOTATION]);
    await store.pool.query(
      `UPDATE applications SET annotations = jsonb_set(annotations, ARRAY[$1], to_jsonb(replace(annotations ->> $1, 'root:', 'another:'))) WHERE name = 'mine'`,
      [TRACKING_ANNOTATION],
    );
    const late = hub.apply(application, child('mine'), { ...MANAGER, force: false });
    expect((await failure(late)).code).toBe('SpokeConflict');
    await store.pool.query(`UPDATE applications SET namespace = 'other' WHERE name = 'mine'`);
    expect((await failure(put(child('mine')))).message).toContain('namespace other');
  });

  it('by hand keeps the marks of the parent, so that the edit is drift', async () => {
    await put(child('web'));
    const before = await read('Application', 'web');
    await byHand({ kind: 'Application', object: sampleApplication('web', 'east') });
    const after = await read('Application', 'web');
    expect(after?.metadata.annotations).toEqual(before?.metadata.annotations);
    expect(after?.metadata.resourceVersion).not.toBe(before?.metadata.resourceVersion);
    expect(await names('Application')).toEqual(['web']);
    for (const object of [set('all'), project('labs')]) await put(object);
    await byHand({ kind: 'ApplicationSet', object: sampleSet('all', { goTemplate: true }) });
    await byHand({ kind: 'AppProject', object: sampleProject('labs', 'by hand') });
    expect([await names('ApplicationSet'), await names('AppProject')]).toEqual([['all'], ['labs']]);
  });
});

describe('the verdict of a child', () => {
  it('moves its resourceVersion and not its generation', async () => {
    const first = await put(child('web'));
    await store.pool.query(`DELETE FROM application_due`);
    await store.pool.query(`UPDATE application_status SET health = 'Degraded'`);
    await store.pool.query(`UPDATE application_details SET health_message = 'Deployment web/web: crashes'`);
    const second = await read('Application', 'web');
    expect(second?.metadata.generation).toBe(first.metadata.generation);
    expect(second?.metadata.resourceVersion).not.toBe(first.metadata.resourceVersion);
    expect(second?.['status']).toMatchObject({
      health: { status: 'Degraded', message: 'Deployment web/web: crashes' },
    });
  });

  it('does not count while a change of the declaration was not looked at', async () => {
    await put(child('web'));
    await store.pool.query(`UPDATE application_status SET health = 'Healthy'`);
    const waiting = await read('Application', 'web');
    expect(waiting?.['status']).toMatchObject({ health: { status: 'Progressing' } });
    await store.pool.query(`DELETE FROM application_due`);
    const seen = await read('Application', 'web');
    expect(seen?.['status']).toMatchObject({ health: { status: 'Healthy' } });
    expect(seen?.metadata.resourceVersion).not.toBe(waiting?.metadata.resourceVersion);
  });
});

describe('a delete', () => {
  it('is for one uid, and takes its time where there are live objects', async () => {
    await put(child('web'));
    expect(await remove('Application', 'web', '00000000-0000-0000-0000-000000000000')).toBe('gone');
    expect(await remove('Application', 'web')).toBe('deleting');
    expect((await read('Application', 'web'))?.metadata.deletionTimestamp).toBeDefined();
    expect(await remove('Application', 'web')).toBe('deleting');
    expect((await failure(put(child('web')))).code).toBe('SpokeConflict');
    await put(child('cloud', { destination: { name: 'nowhere', namespace: 'web' } }));
    expect(await remove('Application', 'cloud')).toBe('deleted');
    expect(await remove('Application', 'cloud', '00000000-0000-0000-0000-000000000000')).toBe('gone');
  });

  it('takes the Applications of a set along, each as its finalizers say', async () => {
    await put(set('all'));
    await store.pool.query(
      `INSERT INTO applications (name, set_id, cluster_id, spec, digest, finalizers)
       SELECT 'all-east', s.id, c.id, '{}', '', ARRAY['resources-finalizer.argocd.argoproj.io'] FROM application_sets s, clusters c WHERE c.name = 'east'`,
    );
    expect((await read('ApplicationSet', 'all'))?.['status']).toMatchObject({ resourcesCount: 1 });
    expect(await remove('ApplicationSet', 'all')).toBe('deleted');
    const { rows } = await store.pool.query(
      'SELECT name, deletion_cascade, deletion_requested_at IS NOT NULL AS going FROM applications',
    );
    expect(rows).toEqual([{ name: 'all-east', deletion_cascade: true, going: true }]);
  });

  it('hands an Application over to a set that claims it, without the marks of its parent', async () => {
    await put(set('all'));
    await put(child('web'));
    await store.pool.query(`INSERT INTO set_claims (set_id, name) SELECT id, 'web' FROM application_sets`);
    expect(await remove('Application', 'web')).toBe('gone');
    const { rows } = await store.pool.query(
      'SELECT s.name FROM applications a JOIN application_sets s ON s.id = a.set_id',
    );
    expect(rows).toEqual([{ name: 'all' }]);
    expect(await names('Application')).toEqual([]);
  });

  it('of a project names who is in it', async () => {
    await put(project('labs'));
    await put(project('default'));
    await put(child('web', { project: 'labs' }));
    const refused = await failure(remove('AppProject', 'labs'));
    expect(refused).toMatchObject({ code: 'SpokeRejected' });
    expect(refused.message).toContain('web');
    expect((await failure(remove('AppProject', 'default'))).code).toBe('SpokeConflict');
    await remove('Application', 'web');
    expect(await remove('AppProject', 'labs')).toBe('deleted');
  });
});

describe('a guarded view', () => {
  it('asks its guard before each write, and never for a dry run or a read', async () => {
    let asked = 0;
    const guarded = hub.withGuard(() => void (asked += 1));
    const resource = await kind('Application');
    await guarded.apply(resource, child('web'), { ...MANAGER, dryRun: true });
    await guarded.get(resource, { namespace: 'argocd', name: 'web' });
    expect(asked).toBe(0);
    await put(child('web'), guarded);
    expect(asked).toBe(1);
    const closed = guarded.withGuard(() => {
      throw new AppError('LeaseLost', 'the lease is over');
    });
    expect((await failure(put(child('web', { project: 'labs' }), closed))).code).toBe('LeaseLost');
    expect((await read('Application', 'web'))?.['spec']).toMatchObject({ project: 'default' });
  });

  it('writes nothing once somebody else holds the lease', async () => {
    await store.pool.query(
      `INSERT INTO cluster_leases (cluster_id, holder, generation, expires_at) VALUES ($1, 'me', 7, now() + interval '1 minute')`,
      [hubId],
    );
    const mine = hub.withGuard(() => undefined, 'lease 7', '7');
    await put(child('web'), mine);
    await store.pool.query(`UPDATE cluster_leases SET generation = 8`);
    expect((await failure(put(child('api'), mine))).code).toBe('LeaseLost');
    const application = await kind('Application');
    const uid = (await read('Application', 'web'))?.metadata.uid ?? '';
    const late = mine.delete(application, { namespace: 'argocd', name: 'web' }, { uid });
    expect((await failure(late)).code).toBe('LeaseLost');
    expect(await names('Application')).toEqual(['web']);
  });

  it('writes nothing as a service account, because the hub knows none', async () => {
    const user = hub.as('system:serviceaccount:shop:deployer');
    expect(await failure(put(child('web'), user))).toMatchObject({ code: 'SpokeRejected' });
    expect(await names('Application')).toEqual([]);
  });
});
