import { ApplicationSetId, withinBudget } from '@wheelwright/kernel';
import type { Store } from '@wheelwright/platform-store';
import { createTestStore, type TestStore } from '@wheelwright/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Application, ApplicationsSyncPolicy } from '../types.js';
import { applyObjects } from './apply-objects.js';
import { approveDeletion } from './approve-deletion.js';
import { deleteApplication, deleteApplicationSet } from './delete-objects.js';
import { replaceSetApplications, type SetChangeResult } from './replace-set-applications.js';
import { insertClusters, sampleApplication, sampleSet, truncateAll } from './testing/samples.js';

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
  setId = await declareSet('all');
});

async function declareSet(name: string): Promise<ApplicationSetId> {
  await store.tx((client) =>
    applyObjects(client, [{ kind: 'ApplicationSet', object: sampleSet(name) }], { dryRun: false }),
  );
  const { rows } = await store.pool.query<{ id: string }>('SELECT id FROM application_sets WHERE name = $1', [name]);
  return ApplicationSetId(rows[0]?.id ?? '');
}

interface Options {
  readonly policy?: ApplicationsSyncPolicy;
  readonly generatedNames?: readonly string[];
  readonly id?: ApplicationSetId;
}

function replace(applications: readonly Application[], options: Options = {}): Promise<SetChangeResult> {
  const generatedNames = options.generatedNames ?? applications.map(({ metadata }) => metadata.name);
  const preserved = { annotations: ['kept'], labels: ['kept'] };
  const change = {
    setId: options.id ?? setId,
    applications,
    generatedNames,
    policy: options.policy ?? 'sync',
    preserved,
  };
  return store.tx((client) => replaceSetApplications(client, change));
}

async function column<T>(sql: string): Promise<T[]> {
  const { rows } = await store.pool.query<[T]>({ text: sql, rowMode: 'array' });
  return rows.map(([first]) => first);
}

const apps = (count: number): Application[] =>
  Array.from({ length: count }, (_, index) => sampleApplication(`app-${String(index)}`, 'a'));
/** How many ids each announcement to subscribers holds, in order. */
const announcements = (): Promise<unknown[]> =>
  column(`SELECT cardinality(string_to_array(key, ',')) FROM outbox WHERE queue = 'signal:applications' ORDER BY id`);
const names = (count: number): string[] => apps(count).map(({ metadata }) => metadata.name);

describe('replaceSetApplications', () => {
  it('creates with all that belongs to it, and writes nothing the second time', async () => {
    expect(await replace(apps(3))).toEqual({
      created: names(3),
      updated: [],
      unchanged: 0,
      removed: [],
      held: null,
      deferred: null,
      handedOver: [],
      refused: [],
      issues: [],
    });
    expect(await column('SELECT sum(count)::int FROM application_rollups')).toEqual([3]);
    expect(await column('SELECT count(*)::int FROM application_details')).toEqual([3]);
    expect(await column('SELECT seq::int FROM application_due')).toEqual([1, 1, 1]);
    expect(await column(`SELECT queue FROM outbox WHERE queue <> 'expand' ORDER BY queue`)).toEqual([
      'deploy',
      'signal:applications',
      'source',
    ]);
    const everything = `SELECT xmin::text FROM applications UNION ALL SELECT xmin::text FROM application_due
      UNION ALL SELECT xmin::text FROM application_status UNION ALL SELECT xmin::text FROM repositories UNION ALL SELECT xmin::text FROM outbox`;
    const before = await column(everything);
    expect((await replace(apps(3))).unchanged).toBe(3);
    expect(await column(everything)).toEqual(before);
  });

  it('updates only what differs, and marks only that due', async () => {
    await replace(apps(3));
    const before = await column(`SELECT xmin::text FROM applications WHERE name <> 'app-1' ORDER BY name`);
    const changed = apps(3).map((each, index) => (index === 1 ? sampleApplication('app-1', 'b') : each));
    expect(await replace(changed)).toMatchObject({ created: [], updated: ['app-1'], unchanged: 2 });
    expect(await column(`SELECT xmin::text FROM applications WHERE name <> 'app-1' ORDER BY name`)).toEqual(before);
    expect(
      await column(
        `SELECT d.seq::int FROM application_due d JOIN applications a ON a.id = application_id ORDER BY a.name`,
      ),
    ).toEqual([1, 2, 1]);
    expect(
      await column(`SELECT c.name FROM application_status s JOIN clusters c ON c.id = s.cluster_id ORDER BY 1`),
    ).toEqual(['a', 'a', 'b']);
    expect(await column(`SELECT generation::int FROM applications ORDER BY name`)).toEqual([1, 2, 1]);
  });

  it('keeps annotations, labels and finalizers that others wrote', async () => {
    await replace(apps(1));
    await store.pool.query(
      `UPDATE applications SET annotations = '{"argocd.argoproj.io/refresh": "hard", "kept": "1", "dropped": "1"}', labels = '{"kept": "1"}',
       finalizers = finalizers || '{post-delete-finalizer.argocd.argoproj.io/cleanup,other}'::text[]`,
    );
    expect((await replace(apps(1))).updated).toEqual(['app-0']);
    const { rows } = await store.pool.query('SELECT annotations, labels, finalizers FROM applications');
    expect(rows).toEqual([
      {
        annotations: { 'argocd.argoproj.io/refresh': 'hard', kept: '1' },
        labels: { kept: '1' },
        finalizers: ['resources-finalizer.argocd.argoproj.io', 'post-delete-finalizer.argocd.argoproj.io/cleanup'],
      },
    ]);
    expect((await replace(apps(1))).unchanged).toBe(1);
  });

  it('does not take a name that somebody else owns', async () => {
    const standalone = { kind: 'Application', object: sampleApplication('app-0', 'b') } as const;
    await store.tx((client) => applyObjects(client, [standalone], { dryRun: false }));
    const other = await declareSet('other');
    await replace([sampleApplication('app-1', 'b')], { id: other });
    expect(await replace(apps(3))).toMatchObject({
      created: ['app-2'],
      refused: [
        { name: 'app-0', reason: expect.stringContaining('an Application of its own has this name') },
        { name: 'app-1', reason: 'it belongs to the set other' },
      ],
    });
    expect(
      await column(`SELECT c.name FROM applications a JOIN clusters c ON c.id = a.cluster_id ORDER BY a.name`),
    ).toEqual(['b', 'b', 'a']);
  });

  it('removes within the budget by request, with cascade as the finalizers say', async () => {
    await replace([
      ...apps(9),
      { ...sampleApplication('plain', 'a'), metadata: { ...sampleApplication('plain', 'a').metadata, finalizers: [] } },
    ]);
    expect(await replace(apps(8))).toMatchObject({ removed: ['app-8', 'plain'], held: null, unchanged: 8 });
    const { rows } = await store.pool.query(
      `SELECT name, deletion_cascade AS cascade FROM applications WHERE deletion_requested_at IS NOT NULL ORDER BY name`,
    );
    expect(rows).toEqual([
      { name: 'app-8', cascade: true },
      { name: 'plain', cascade: false },
    ]);
    // Subscribers were told of all that came, and of the two that go.
    expect(await announcements()).toEqual([10, 2]);
    expect(await replace(apps(9))).toMatchObject({ refused: [{ name: 'app-8', reason: 'it is still being deleted' }] });
  });

  it('deletes at once what has no spoke and no live object', async () => {
    await replace([...apps(5), sampleApplication('lost', 'gone')]);
    expect((await replace(apps(5))).removed).toEqual(['lost']);
    expect(await column(`SELECT count(*)::int FROM applications`)).toEqual([5]);
    expect(await column(`SELECT sum(count)::int FROM application_rollups`)).toEqual([5]);
  });

  it('holds a removal past the budget until exactly it is approved', async () => {
    await replace(apps(10));
    const held = await replace(apps(6));
    expect(held).toMatchObject({ removed: [], held: { names: ['app-6', 'app-7', 'app-8', 'app-9'], total: 10 } });
    const before = await column('SELECT xmin::text FROM held_deletions');
    await replace(apps(6));
    expect(await column('SELECT xmin::text FROM held_deletions')).toEqual(before);
    const approved = await store.tx((client) => approveDeletion(client, { set: 'all' }, { name: 'ann' }));
    expect(approved).toEqual({ names: ['app-6', 'app-7', 'app-8', 'app-9'], total: 10 });
    // Something else would be removed now: the approval is not for that.
    expect((await replace(apps(5))).held?.names).toHaveLength(5);
    expect(await column('SELECT approved_by FROM held_deletions')).toEqual([null]);
    await store.tx((client) => approveDeletion(client, { set: 'all' }, { name: 'ann' }));
    expect((await replace(apps(5))).removed).toHaveLength(5);
    expect(await column('SELECT count(*)::int FROM held_deletions')).toEqual([0]);
  });

  it('holds the removal of all of several, and forgets it when they come back', async () => {
    await replace(apps(2));
    expect((await replace([])).held).toMatchObject({ total: 2 });
    expect((await replace(apps(2))).held).toBeNull();
    expect(await column('SELECT count(*)::int FROM held_deletions')).toEqual([0]);
  });

  it('never removes what was generated but is not valid', async () => {
    await replace(apps(4));
    expect(await replace(apps(3), { generatedNames: names(4) })).toMatchObject({
      removed: [],
      held: null,
      unchanged: 3,
    });
  });

  it.each<[ApplicationsSyncPolicy, { updated: number; removed: number }]>([
    ['create-only', { updated: 0, removed: 0 }],
    ['create-update', { updated: 1, removed: 0 }],
    ['create-delete', { updated: 0, removed: 1 }],
    ['sync', { updated: 1, removed: 1 }],
  ])('honours %s', async (policy, expected) => {
    await replace(apps(4));
    const result = await replace(
      [sampleApplication('app-0', 'b'), ...apps(3).slice(1), sampleApplication('new', 'a')],
      { policy },
    );
    expect(result.created).toEqual(['new']);
    expect({ updated: result.updated.length, removed: result.removed.length }).toEqual(expected);
  });

  it('agrees with the budget of the kernel', async () => {
    for (const [total, left] of [
      [1, 0],
      [2, 1],
      [2, 0],
      [4, 1],
      [5, 1],
      [14, 10],
      [13, 9],
      [20, 14],
      [20, 13],
    ] as const) {
      await store.pool.query('DELETE FROM applications');
      await replace(apps(total));
      const { held } = await replace(apps(left));
      expect([total, left, held === null]).toEqual([total, left, withinBudget({ total, removing: total - left })]);
    }
  });

  it('writes 500 Applications for 500 spokes with one statement', async () => {
    await insertClusters(
      store.pool,
      Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`c${String(index)}`, {}])),
    );
    const many = Array.from({ length: 500 }, (_, index) =>
      sampleApplication(`app-${String(index)}`, `c${String(index)}`),
    );
    const statements = await store.tx(async (client) => {
      const texts: string[] = [];
      const query = client.query.bind(client);
      const counted = new Proxy(client, {
        get: (target, key) =>
          key === 'query'
            ? (text: string, values: unknown[]) => {
                texts.push(text);
                return query(text, values);
              }
            : (Reflect.get(target, key) as unknown),
      });
      const change = {
        setId,
        applications: many,
        generatedNames: [],
        policy: 'sync',
        preserved: { annotations: [], labels: [] },
      } as const;
      expect((await replaceSetApplications(counted, change)).created).toHaveLength(500);
      return texts.length;
    });
    expect(statements).toBe(1);
    expect(await column(`SELECT count(*)::int FROM outbox WHERE queue = 'deploy'`)).toEqual([500]);
    expect(await column(`SELECT count(*)::int FROM outbox WHERE queue = 'source'`)).toEqual([1]);
  });
});

describe('deletion by name', () => {
  it('refuses to delete an Application that its set would bring back', async () => {
    await replace(apps(1));
    await expect(store.tx((client) => deleteApplication(client, 'app-0', {}))).rejects.toMatchObject({
      code: 'Conflict',
    });
    await expect(store.tx((client) => deleteApplication(client, 'none', {}))).rejects.toMatchObject({
      code: 'NotFound',
    });
  });

  it('requests the deletion of a standalone Application, as asked', async () => {
    const standalone = { kind: 'Application', object: sampleApplication('web', 'a') } as const;
    const lost = { kind: 'Application', object: sampleApplication('lost', 'gone') } as const;
    await store.tx((client) => applyObjects(client, [standalone, lost], { dryRun: false }));
    expect(await store.tx((client) => deleteApplication(client, 'web', { cascade: false }))).toBe('requested');
    expect(await column(`SELECT deletion_cascade FROM applications WHERE name = 'web'`)).toEqual([false]);
    expect(await store.tx((client) => deleteApplication(client, 'web', { cascade: true }))).toBe('requested');
    expect(await store.tx((client) => deleteApplication(client, 'lost', {}))).toBe('deleted');
    expect(await column('SELECT name FROM applications')).toEqual(['web']);
    // Both when they came, and each when it was deleted; asking twice tells nobody anything.
    expect(await announcements()).toEqual([2, 1, 1]);
  });

  it('deletes a set with its Applications, or leaves them on their own', async () => {
    await replace([...apps(3), sampleApplication('lost', 'gone')]);
    const other = await declareSet('other');
    await replace([sampleApplication('kept', 'a')], { id: other });
    const counts = await store.tx((client) => deleteApplicationSet(client, 'all', { applications: 'delete' }));
    expect(counts).toEqual({ deleted: 1, requested: 3, orphaned: 0, handedOver: 0 });
    expect(await store.tx((client) => deleteApplicationSet(client, 'other', { applications: 'orphan' }))).toEqual({
      deleted: 0,
      requested: 0,
      orphaned: 1,
      handedOver: 0,
    });
    const { rows } = await store.pool.query(
      `SELECT name, set_id, deletion_requested_at IS NOT NULL AS deleting FROM applications ORDER BY name`,
    );
    expect(rows).toEqual([
      ...names(3).map((name) => ({ name, set_id: null, deleting: true })),
      { name: 'kept', set_id: null, deleting: false },
    ]);
    expect(await column('SELECT count(*)::int FROM application_sets')).toEqual([0]);
    expect(await announcements()).toEqual([4, 1, 4, 1]);
  });

  it('approves nothing where nothing is held', async () => {
    await expect(store.tx((client) => approveDeletion(client, { set: 'all' }, { name: 'ann' }))).rejects.toMatchObject({
      code: 'NotFound',
    });
    await expect(
      store.tx((client) => approveDeletion(client, { application: 'x' }, { name: 'ann' })),
    ).rejects.toMatchObject({ code: 'NotFound' });
  });
});
