import type { Store } from '@wheelwright/platform-store';
import { createTestStore, type TestStore } from '@wheelwright/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { CatalogueObject } from '../types.js';
import { applyObjects } from './apply-objects.js';
import { insertClusters, REPO, sampleApplication, sampleProject, sampleSet, truncateAll } from './testing/samples.js';

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

function apply(objects: readonly CatalogueObject[], dryRun = false) {
  return store.tx((client) => applyObjects(client, objects, { dryRun }));
}

async function column(sql: string): Promise<unknown[]> {
  const { rows } = await store.pool.query<unknown[]>({ text: sql, rowMode: 'array' });
  return rows.map(([first]) => first);
}

const announced = (): Promise<unknown[]> =>
  column(`SELECT unnest(string_to_array(key, ',')) FROM outbox WHERE queue = 'signal:applications' ORDER BY 1`);

const app = (name: string, cluster: string, spec = {}): CatalogueObject => ({
  kind: 'Application',
  object: sampleApplication(name, cluster, spec),
});
const set = (name: string, spec = {}): CatalogueObject => ({ kind: 'ApplicationSet', object: sampleSet(name, spec) });
const project = (name: string, description = ''): CatalogueObject => ({
  kind: 'AppProject',
  object: sampleProject(name, description),
});

describe('applyObjects', () => {
  it('creates, then finds nothing to do, then configures, in the order given', async () => {
    const objects = [app('web', 'a'), set('all'), project('labs')];
    const results = async (list: readonly CatalogueObject[]) =>
      (await apply(list)).map(({ kind, result }) => [kind, result]);
    expect(await results(objects)).toEqual([
      ['Application', 'created'],
      ['ApplicationSet', 'created'],
      ['AppProject', 'created'],
    ]);
    await store.pool.query('TRUNCATE outbox');
    const before = await column(
      `SELECT xmin FROM applications UNION ALL SELECT xmin FROM application_sets UNION ALL SELECT xmin FROM projects`,
    );
    expect(await results(objects)).toEqual([
      ['Application', 'unchanged'],
      ['ApplicationSet', 'unchanged'],
      ['AppProject', 'unchanged'],
    ]);
    expect(
      await column(
        `SELECT xmin FROM applications UNION ALL SELECT xmin FROM application_sets UNION ALL SELECT xmin FROM projects`,
      ),
    ).toEqual(before);
    expect(await column('SELECT queue FROM outbox')).toEqual([]);
    const changed = [app('web', 'b'), set('all', { syncPolicy: { applicationsSync: 'sync' } }), project('labs', 'new')];
    expect(await results(changed)).toEqual([
      ['Application', 'configured'],
      ['ApplicationSet', 'configured'],
      ['AppProject', 'configured'],
    ]);
  });

  it('resolves the spoke and the repository, and wakes deploy and source', async () => {
    await apply([
      app('web', 'a'),
      app('api', 'b', { destination: { name: 'b' } }),
      app('cloud', 'a', { destination: { name: 'gone' } }),
    ]);
    const { rows } = await store.pool.query(
      `SELECT a.name, c.name AS cluster, r.url, a.target_revision, a.source_path, s.cluster_id = a.cluster_id AS same, d.application_id IS NOT NULL AS due
       FROM applications a LEFT JOIN clusters c ON c.id = a.cluster_id JOIN repositories r ON r.id = a.repository_id
       JOIN application_status s ON s.application_id = a.id JOIN application_details e ON e.application_id = a.id
       LEFT JOIN application_due d ON d.application_id = a.id ORDER BY a.name`,
    );
    const url = 'https://git.example.com/fleet';
    expect(rows).toEqual([
      { name: 'api', cluster: 'b', url, target_revision: 'main', source_path: 'api', same: true, due: true },
      { name: 'cloud', cluster: null, url, target_revision: 'main', source_path: 'cloud', same: null, due: false },
      { name: 'web', cluster: 'a', url, target_revision: 'main', source_path: 'web', same: true, due: true },
    ]);
    expect(await column('SELECT queue FROM outbox ORDER BY queue')).toEqual([
      'deploy',
      'deploy',
      'signal:applications',
      'source',
    ]);
    expect(await announced()).toEqual(await column('SELECT id::text FROM applications ORDER BY 1'));
    expect(await column('SELECT revision FROM repository_refs')).toEqual(['main']);
  });

  it('warns about what is not there yet', async () => {
    const results = await apply([
      app('web', 'nowhere', { project: 'labs' }),
      app('self', 'a', { destination: { name: 'in-cluster' } }),
    ]);
    expect(results.map(({ warnings }) => warnings.length)).toEqual([2, 0]);
  });

  it('takes everything back on a dry run', async () => {
    const [result] = await apply([app('web', 'a')], true);
    expect(result?.result).toBe('created');
    expect(await column('SELECT count(*)::int FROM applications')).toEqual([0]);
    expect(await column('SELECT count(*)::int FROM outbox')).toEqual([0]);
  });

  it('writes nothing at all when one object is refused', async () => {
    const bad = app('api', 'a', { source: { repoURL: 'https://user:token@git.example.com/x.git' } });
    await expect(apply([project('labs'), app('web', 'a'), bad])).rejects.toMatchObject({ code: 'InvalidDocument' });
    expect(await column('SELECT count(*)::int FROM projects')).toEqual([0]);
    await expect(apply([app('web', 'a'), app('web', 'b')])).rejects.toMatchObject({ code: 'InvalidRequest' });
  });

  it('writes the dependencies of a set, and rewrites them', async () => {
    const git = { git: { repoURL: REPO, revision: '', directories: [{ path: '*' }] } };
    await apply([set('all', { generators: [{ clusters: {} }, git] })]);
    const read = () => column(`SELECT kind || ':' || revision || ':' || pattern FROM set_dependencies ORDER BY 1`);
    expect(await read()).toEqual(['clusters::{}', 'repository:HEAD:directories:*']);
    expect(await column('SELECT queue FROM outbox ORDER BY queue')).toEqual(['expand', 'source']);
    await apply([set('all', { generators: [git] })]);
    expect(await read()).toEqual(['repository:HEAD:directories:*']);
  });

  it('looks again at the Applications of a project that changed', async () => {
    await apply([project('labs'), app('web', 'a', { project: 'labs' }), app('api', 'a')]);
    await store.pool.query('TRUNCATE application_due');
    await apply([project('labs', 'changed')]);
    expect(await column(`SELECT a.name FROM application_due d JOIN applications a ON a.id = d.application_id`)).toEqual(
      ['web'],
    );
  });

  it('lets nobody but its set change the spec of an owned Application', async () => {
    await apply([set('all'), app('web', 'a')]);
    await store.pool.query(`UPDATE applications SET set_id = (SELECT id FROM application_sets)`);
    await expect(apply([app('web', 'b')])).rejects.toMatchObject({
      code: 'Conflict',
      message: expect.stringContaining('all'),
    });
    const { metadata, spec } = sampleApplication('web', 'a');
    const labelled: CatalogueObject = {
      kind: 'Application',
      object: { metadata: { ...metadata, labels: { team: 'x' } }, spec },
    };
    expect((await apply([labelled]))[0]?.result).toBe('configured');
    expect((await apply([labelled]))[0]?.result).toBe('unchanged');
  });

  it('refuses to apply what is being deleted', async () => {
    await apply([app('web', 'a')]);
    await store.pool.query('UPDATE applications SET deletion_requested_at = now()');
    await expect(apply([app('web', 'b')])).rejects.toMatchObject({ code: 'Conflict' });
  });
});

describe('rows', () => {
  it('hold what was declared', async () => {
    await apply([app('web', 'a'), set('all'), project('labs')]);
    const columns = 'name, namespace, labels, annotations, spec';
    const read = async (table: string): Promise<unknown> =>
      (await store.pool.query<Record<string, unknown>>(`SELECT ${columns} FROM ${table}`)).rows;
    for (const [table, { metadata, spec }] of Object.entries({
      applications: sampleApplication('web', 'a'),
      application_sets: sampleSet('all'),
      projects: sampleProject('labs'),
    })) {
      const { finalizers: _kept, ...declared } = metadata;
      expect(await read(table)).toEqual([{ ...declared, spec }]);
    }
    expect(await column('SELECT finalizers FROM applications')).toEqual([
      sampleApplication('web', 'a').metadata.finalizers,
    ]);
  });
});
