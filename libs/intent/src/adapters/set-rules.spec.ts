import type { ApplicationSetId } from '@wheelwright/kernel';
import type { PoolClient, Store } from '@wheelwright/platform-store';
import { createTestStore, type TestStore } from '@wheelwright/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Application, ApplicationsSyncPolicy, ApplicationSetSpec } from '../types.js';
import { applyObjects } from './apply-objects.js';
import { deleteApplicationSet } from './delete-objects.js';
import { insertClusters, REPO, sampleApplication, sampleSet, truncateAll } from './testing/samples.js';
import { declareSet, replaceFor, replaceIn } from './testing/sets.js';

let test: TestStore;
let store: Store;

beforeAll(async () => {
  test = await createTestStore();
  store = test.store;
});
afterAll(() => test.drop());
beforeEach(async () => {
  await truncateAll(store.pool);
  await insertClusters(store.pool, { a: {}, b: {} });
});

async function column<T>(sql: string): Promise<T[]> {
  const { rows } = await store.pool.query<[T]>({ text: sql, rowMode: 'array' });
  return rows.map(([value]) => value);
}

const at = (name: string, targetRevision: string, path = 'web'): Application =>
  sampleApplication(name, 'a', { source: { repoURL: REPO, path, targetRevision } });
const apply = (object: Application) =>
  store.tx((client) => applyObjects(client, [{ kind: 'Application', object }], { dryRun: false }));
const revisions = (): Promise<string[]> =>
  column(`SELECT name || ' ' || target_revision || ' ' || source_path FROM applications ORDER BY name`);

describe('applicationsSync and the deletion of a set', () => {
  const FINALIZER = 'resources-finalizer.argocd.argoproj.io';

  it.each<[ApplicationsSyncPolicy, boolean, string]>([
    ['sync', false, 'requested'],
    ['sync', true, 'requested'],
    ['create-delete', true, 'requested'],
    ['create-only', false, 'requested'],
    ['create-update', false, 'requested'],
    ['create-only', true, 'orphaned'],
    ['create-update', true, 'orphaned'],
  ])('%s, resources finalizer %s: %s', async (applicationsSync, withFinalizer, expected) => {
    const { metadata, spec } = sampleSet('all', { syncPolicy: { applicationsSync } });
    const finalizers = withFinalizer ? [FINALIZER] : [];
    const id = await declareSet(store, { metadata: { ...metadata, finalizers }, spec });
    await replaceFor(store, id, [at('web', 'main')]);
    const counts = { deleted: 0, requested: 0, orphaned: 0, handedOver: 0 };
    expect(await store.tx((client) => deleteApplicationSet(client, 'all'))).toEqual({ ...counts, [expected]: 1 });
  });

  it('is decided by the caller where the caller says', async () => {
    const { metadata, spec } = sampleSet('all', { syncPolicy: { applicationsSync: 'create-only' } });
    const id = await declareSet(store, { metadata: { ...metadata, finalizers: [FINALIZER] }, spec });
    await replaceFor(store, id, [at('web', 'main')]);
    const counts = await store.tx((client) => deleteApplicationSet(client, 'all', { applications: 'delete' }));
    expect(counts.requested).toBe(1);
  });

  it('leaves live objects where the set preserves them: without the finalizer nothing cascades', async () => {
    const id = await declareSet(store, 'all');
    const { metadata, spec } = at('web', 'main');
    await replaceFor(store, id, [{ metadata: { ...metadata, finalizers: [] }, spec }]);
    await store.tx((client) => deleteApplicationSet(client, 'all'));
    expect(await column('SELECT deletion_cascade FROM applications')).toEqual([false]);
  });
});

describe('ignoreApplicationDifferences', () => {
  const ignoreDifferences = [
    { jsonPointers: ['/spec/source/targetRevision', '/metadata/annotations/example.com~1paused'] },
  ] satisfies ApplicationSetSpec['ignoreApplicationDifferences'];
  let id: ApplicationSetId;

  beforeEach(async () => {
    id = await declareSet(store, sampleSet('all', { ignoreApplicationDifferences: ignoreDifferences }));
    await replaceFor(store, id, [at('api', 'main'), at('web', 'main')], { ignoreDifferences });
  });

  it('lets somebody else write a field, and leaves it so while the rest is updated', async () => {
    await store.pool.query('TRUNCATE application_due');
    expect((await apply(at('web', 'hotfix')))[0]?.result).toBe('configured');
    expect(await revisions()).toEqual(['api main web', 'web hotfix web']);
    expect(await column(`SELECT revision FROM repository_refs ORDER BY 1`)).toEqual(['hotfix', 'main']);
    expect(await column('SELECT count(*)::int FROM application_due')).toEqual([1]);
    const before = await column('SELECT xmin::text FROM applications ORDER BY name');
    expect(await replaceFor(store, id, [at('api', 'main'), at('web', 'main')], { ignoreDifferences })).toMatchObject({
      unchanged: 2,
    });
    expect(await column('SELECT xmin::text FROM applications ORDER BY name')).toEqual(before);
    const moved = [at('api', 'main', 'next'), at('web', 'main', 'next')];
    expect((await replaceFor(store, id, moved, { ignoreDifferences })).updated).toEqual(['api', 'web']);
    expect(await revisions()).toEqual(['api main next', 'web hotfix next']);
    expect(await replaceFor(store, id, moved, { ignoreDifferences: [] })).toMatchObject({ updated: ['web'] });
    expect(await revisions()).toEqual(['api main next', 'web main next']);
  });

  it('keeps an annotation that others wrote, and its absence', async () => {
    await store.pool.query(
      `UPDATE applications SET annotations = '{"example.com/paused": "yes", "other": "1"}' WHERE name = 'web'`,
    );
    const { metadata, spec } = at('api', 'main');
    const wanted = [
      { metadata: { ...metadata, annotations: { 'example.com/paused': 'no' } }, spec },
      at('web', 'main'),
    ];
    expect((await replaceFor(store, id, wanted, { ignoreDifferences })).updated).toEqual(['web']);
    expect(await column('SELECT annotations FROM applications ORDER BY name')).toEqual([
      {},
      { 'example.com/paused': 'yes' },
    ]);
  });

  it('refuses to have anything else written', async () => {
    await expect(apply(at('web', 'hotfix', 'elsewhere'))).rejects.toMatchObject({ code: 'Conflict' });
    expect(await revisions()).toEqual(['api main web', 'web main web']);
  });

  it('says which paths it leaves out, at the apply and with the expansion', async () => {
    const rules = [{ jqPathExpressions: ['.spec.sources[] | .path', '.spec.project'] }];
    const object = sampleSet('all', { ignoreApplicationDifferences: rules });
    const [applied] = await store.tx((client) =>
      applyObjects(client, [{ kind: 'ApplicationSet', object }], { dryRun: true }),
    );
    expect(applied?.warnings).toEqual([
      expect.stringContaining('/spec/ignoreApplicationDifferences/0/jqPathExpressions/0'),
    ]);
    const { issues } = await replaceFor(store, id, [at('web', 'main')], { ignoreDifferences: rules });
    expect(issues).toEqual([
      {
        severity: 'warning',
        code: 'UnsupportedIgnoreRule',
        pointer: '/spec/ignoreApplicationDifferences/0/jqPathExpressions/0',
        message: expect.stringContaining('is left out'),
      },
    ]);
  });

  it('leaves an Application alone that would be none with what it keeps', async () => {
    const rules = [{ jsonPointers: ['/spec/destination/server'] }];
    const elsewhere = sampleApplication('web', 'a', { destination: { name: 'b', namespace: 'web' } });
    const before = await column('SELECT xmin::text FROM applications ORDER BY name');
    const result = await replaceFor(store, id, [at('api', 'main'), elsewhere], { ignoreDifferences: rules });
    expect(result).toMatchObject({
      updated: [],
      removed: [],
      unchanged: 2,
      issues: [{ severity: 'error', code: 'IgnoredFieldsConflict', application: 'web' }],
    });
    expect(await column('SELECT xmin::text FROM applications ORDER BY name')).toEqual(before);
  });
});

describe('the statement', () => {
  const counted = (client: PoolClient, texts: string[]): PoolClient => {
    const query = client.query.bind(client);
    const record = (text: string, values: unknown[]): unknown => {
      texts.push(text);
      return query(text, values);
    };
    return new Proxy(client, {
      get: (target, key) => (key === 'query' ? record : (Reflect.get(target, key) as unknown)),
    });
  };

  it('is one, and writes no row for 5,000 Applications that are as they were', async () => {
    const id = await declareSet(store, 'all');
    const many = Array.from({ length: 5_000 }, (_, index) => at(`app-${String(index)}`, 'main'));
    await replaceFor(store, id, many);
    const everything = `SELECT md5(string_agg(x, ',' ORDER BY x)) FROM (
      SELECT xmin::text || a.name AS x FROM applications a UNION ALL SELECT xmin::text || application_id FROM application_due
      UNION ALL SELECT xmin::text || application_id FROM application_status UNION ALL SELECT xmin::text || id FROM outbox
      UNION ALL SELECT xmin::text || url FROM repositories UNION ALL SELECT xmin::text || set_id FROM application_set_status
      UNION ALL SELECT xmin::text || name FROM set_claims) AS rows`;
    const before = await column(everything);
    for (const [ignoreDifferences, statements] of [
      [[], 2],
      [[{ jsonPointers: ['/spec/source/targetRevision'] }], 3],
      [[{ name: 'other', jsonPointers: ['/spec/source/targetRevision'] }], 2],
    ] as const) {
      const texts: string[] = [];
      const result = await store.tx((client) =>
        replaceIn(counted(client, texts), id, { applications: many, ignoreDifferences }),
      );
      expect(result.unchanged).toBe(5_000);
      // The first is the lock of the set, which its expander takes.
      expect(texts).toHaveLength(statements);
    }
    expect(await column(everything)).toEqual(before);
  }, 60_000);
});
