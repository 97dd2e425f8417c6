import type { ApplicationSetId } from '@wheelwright/kernel';
import type { Store } from '@wheelwright/platform-store';
import { createTestStore, type TestStore } from '@wheelwright/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { applyObjects } from './apply-objects.js';
import { deleteApplication, deleteApplicationSet } from './delete-objects.js';
import { MAX_PLANNED, planApplicationDeletion, planSetDeletion } from './plan-deletion.js';
import { insertClusters, sampleApplication, truncateAll } from './testing/samples.js';
import { declareSet, replaceFor, settleSets } from './testing/sets.js';

let test: TestStore;
let store: Store;
let setId: ApplicationSetId;

beforeAll(async () => {
  test = await createTestStore();
  store = test.store;
});
afterAll(() => test.drop());
beforeEach(async () => {
  await truncateAll(store.pool);
  await insertClusters(store.pool, { a: {}, b: {} });
  setId = await declareSet(store, 'all');
  await settleSets(store);
});

const app = (name: string, cluster = 'a') => sampleApplication(name, cluster);
const plain = (name: string, cluster = 'a') => {
  const { metadata, spec } = app(name, cluster);
  return { metadata: { ...metadata, finalizers: [] }, spec };
};

/** Live objects of an Application on its spoke, or on one that nobody registered. */
async function insertObjects(name: string, objects: readonly string[], cluster?: string): Promise<void> {
  await store.pool.query(
    `INSERT INTO resources (application_id, cluster_id, api_group, version, kind, namespace, name, uid)
     SELECT a.id, coalesce($3::uuid, a.cluster_id), 'apps', 'v1', 'Deployment', 'web', o, 'uid-' || o FROM applications a, unnest($2::text[]) AS o WHERE a.name = $1`,
    [name, objects, cluster ?? null],
  );
}

async function column<T>(sql: string): Promise<T[]> {
  const { rows } = await store.pool.query<[T]>({ text: sql, rowMode: 'array' });
  return rows.map(([value]) => value);
}

describe('the plan of deleting a set', () => {
  beforeEach(async () => {
    await replaceFor(store, setId, [
      app('api'),
      app('claimed'),
      plain('docs', 'b'),
      app('lost', 'nowhere'),
      app('web'),
    ]);
    const other = await declareSet(store, 'other');
    await replaceFor(store, other, [app('claimed')]);
    await insertObjects('web', ['one', 'two']);
    await insertObjects('docs', ['three']);
  });

  it('says what becomes of each, and writes nothing', async () => {
    const versions = `SELECT xmin::text FROM applications UNION ALL SELECT xmin::text FROM set_claims UNION ALL SELECT xmin::text FROM outbox`;
    const before = await column(versions);
    expect(await store.tx((client) => planSetDeletion(client, 'all'))).toEqual({
      set: 'all',
      applications: [
        { name: 'api', cluster: 'a', action: 'deleteWithResources', resources: 0 },
        { name: 'claimed', cluster: 'a', action: 'handOver', resources: 0 },
        { name: 'docs', cluster: 'b', action: 'delete', resources: 1 },
        { name: 'lost', cluster: null, action: 'delete', resources: 0 },
        { name: 'web', cluster: 'a', action: 'deleteWithResources', resources: 2 },
      ],
      total: 5,
      counts: { delete: 2, deleteWithResources: 2, orphan: 0, handOver: 1 },
      resources: 2,
      needsConfirmation: true,
    });
    expect(await column(versions)).toEqual(before);
  });

  it('is what then happens', async () => {
    const counts = await store.tx((client) => deleteApplicationSet(client, 'all'));
    expect(counts).toEqual({ deleted: 1, requested: 3, orphaned: 0, handedOver: 1 });
    expect(await column(`SELECT name FROM applications WHERE deletion_cascade ORDER BY name`)).toEqual(['api', 'web']);
  });

  it('leaves them where they are to stay', async () => {
    const plan = await store.tx((client) => planSetDeletion(client, 'all', { applications: 'orphan' }));
    expect(plan).toMatchObject({
      counts: { delete: 0, deleteWithResources: 0, orphan: 4, handOver: 1 },
      resources: 0,
      needsConfirmation: false,
    });
  });

  it('asks for a confirmation where more than a few would go', async () => {
    const confirmed = (confirmation: string) =>
      store.tx((client) => deleteApplicationSet(client, 'all', { confirmation }));
    for (const wrong of ['', 'other'])
      await expect(confirmed(wrong)).rejects.toMatchObject({
        code: 'DeletionHeld',
        message: expect.stringMatching(/4 Applications.*dryRun=true.*confirm=all/),
        details: { set: 'all', applications: 4 },
      });
    expect(await column(`SELECT count(*)::int FROM applications WHERE deletion_requested_at IS NULL`)).toEqual([5]);
    expect(await confirmed('all')).toMatchObject({ requested: 3 });
  });

  it('asks for none for a few, or where they stay', async () => {
    await settleSets(store);
    await replaceFor(store, setId, [app('api'), app('claimed'), plain('docs', 'b'), app('web')]);
    const counts = await store.tx((client) => deleteApplicationSet(client, 'all', { confirmation: '' }));
    expect(counts).toMatchObject({ requested: 3, handedOver: 1 });
    const id = await declareSet(store, 'more');
    await replaceFor(
      store,
      id,
      ['q', 'r', 's', 't'].map((name) => app(name)),
    );
    const kept = await store.tx((client) =>
      deleteApplicationSet(client, 'more', { applications: 'orphan', confirmation: '' }),
    );
    expect(kept.orphaned).toBe(4);
  });

  it('fails for a set that is not there', async () => {
    await expect(store.tx((client) => planSetDeletion(client, 'none'))).rejects.toMatchObject({ code: 'NotFound' });
  });
});

it('lists the first thousand Applications and counts all', async () => {
  const many = Array.from({ length: MAX_PLANNED + 5 }, (_, index) => app(`app-${String(index).padStart(5, '0')}`));
  await replaceFor(store, setId, many);
  const plan = await store.tx((client) => planSetDeletion(client, 'all'));
  expect([plan.applications.length, plan.applications[0]?.name, plan.total]).toEqual([
    MAX_PLANNED,
    'app-00000',
    MAX_PLANNED + 5,
  ]);
});

describe('the plan of deleting an Application', () => {
  beforeEach(async () => {
    for (const object of [app('web'), plain('docs')])
      await store.tx((client) => applyObjects(client, [{ kind: 'Application', object }], { dryRun: false }));
    await insertObjects('web', ['one', 'two']);
  });

  const plan = (name: string, options: { readonly cascade?: boolean } = {}) =>
    store.tx((client) => planApplicationDeletion(client, name, options));

  it('names the objects that go', async () => {
    const objects = ['one', 'two'].map((name) => ({
      group: 'apps',
      kind: 'Deployment',
      namespace: 'web',
      name,
      cluster: 'a',
    }));
    expect(await plan('web')).toEqual({ application: 'web', action: 'deleteWithResources', objects, total: 2 });
    expect(await plan('web', { cascade: false })).toMatchObject({ action: 'delete', total: 2 });
    expect(await plan('docs', { cascade: true })).toEqual({
      application: 'docs',
      action: 'delete',
      objects: [],
      total: 0,
    });
  });

  it('says where a set takes it over', async () => {
    await replaceFor(store, setId, [plain('docs')]);
    expect(await plan('docs')).toMatchObject({ action: 'handOver' });
  });

  it('fails as the deletion would', async () => {
    await replaceFor(store, setId, [app('owned')]);
    await expect(plan('owned')).rejects.toMatchObject({ code: 'Conflict' });
    await expect(plan('none')).rejects.toMatchObject({ code: 'NotFound' });
  });
});

describe('a destination that is no registered spoke any more', () => {
  it('does not keep an Application with the resources finalizer', async () => {
    for (const object of [app('web'), app('moved')])
      await store.tx((client) => applyObjects(client, [{ kind: 'Application', object }], { dryRun: false }));
    await insertObjects('web', ['one']);
    await insertObjects('moved', ['two'], (await column<string>(`SELECT id::text FROM clusters WHERE name = 'b'`))[0]);
    await store.pool.query(`DELETE FROM clusters WHERE name = 'a'`);
    expect(await store.tx((client) => deleteApplication(client, 'web', {}))).toBe('deleted');
    // What it left on a spoke that can be reached goes first.
    expect(await store.tx((client) => deleteApplication(client, 'moved', {}))).toBe('requested');
    expect(await column('SELECT name FROM applications')).toEqual(['moved']);
  });

  it('does not keep one that its set stops generating', async () => {
    await replaceFor(store, setId, [app('api', 'b'), app('web')]);
    await insertObjects('web', ['one']);
    await store.pool.query(`DELETE FROM clusters WHERE name = 'a'`);
    expect((await replaceFor(store, setId, [app('api', 'b')])).removed).toEqual(['web']);
    expect(await column('SELECT name FROM applications')).toEqual(['api']);
  });
});
