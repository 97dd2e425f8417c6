import type { ApplicationSetId } from '@wheelwright/kernel';
import type { Store } from '@wheelwright/platform-store';
import { createTestStore, eventually, type TestStore } from '@wheelwright/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Application, ApplicationSetSpec, ApplicationSpec } from '../types.js';
import { applyObjects } from './apply-objects.js';
import { deleteApplication, deleteApplicationSet } from './delete-objects.js';
import type { SetChangeResult } from './replace-set-applications.js';
import { insertClusters, sampleApplication, sampleSet, truncateAll } from './testing/samples.js';
import { declareSet, replaceFor, replaceIn, settleSets, type ChangeOptions } from './testing/sets.js';

let test: TestStore;
let store: Store;
let first: ApplicationSetId;
let second: ApplicationSetId;

beforeAll(async () => {
  test = await createTestStore();
  store = test.store;
});
afterAll(() => test.drop());
beforeEach(async () => {
  await truncateAll(store.pool);
  await insertClusters(store.pool, { a: {}, b: {} });
  [first, second] = [await declareSet(store, 'first'), await declareSet(store, 'second')];
  await settleSets(store);
});

/** A set that could generate any name, from now on and not expanded yet. */
const declareAny = (name: string): Promise<ApplicationSetId> =>
  declareSet(store, sampleSet(name, { template: { metadata: { name: '{{name}}' } } }));
const app = (name: string, spec: Partial<ApplicationSpec> = {}): Application => sampleApplication(name, 'a', spec);
const apps = (...names: readonly string[]): Application[] => names.map((name) => app(name));
const replace = (id: ApplicationSetId, applications: readonly Application[], options: ChangeOptions = {}) =>
  replaceFor(store, id, applications, options);

async function column<T>(sql: string): Promise<T[]> {
  const { rows } = await store.pool.query<[T]>({ text: sql, rowMode: 'array' });
  return rows.map(([value]) => value);
}

/** `name owner`, with `-` for nobody and ` !` while it is being deleted. */
const owners = (): Promise<string[]> =>
  column(`SELECT a.name || ' ' || coalesce(s.name, '-') || CASE WHEN a.deletion_requested_at IS NULL THEN '' ELSE ' !' END
    FROM applications a LEFT JOIN application_sets s ON s.id = a.set_id ORDER BY a.name`);
const claims = (): Promise<string[]> =>
  column(`SELECT s.name || ' ' || c.name FROM set_claims c JOIN application_sets s ON s.id = c.set_id ORDER BY 1`);
const woken = (): Promise<string[]> =>
  column(
    `SELECT DISTINCT s.name FROM outbox o JOIN application_sets s ON s.id::text = o.key WHERE o.queue = 'expand' ORDER BY 1`,
  );

async function declareStandalone(application: Application): Promise<void> {
  await store.tx((client) => applyObjects(client, [{ kind: 'Application', object: application }], { dryRun: false }));
}

function adoptable(application: Application): Application {
  const annotations = { 'wheelwright.dev/adopt': 'true' };
  return { ...application, metadata: { ...application.metadata, annotations } };
}

describe('a name that two sets generate', () => {
  it('stays with its owner, is claimed, and is handed over when the owner lets go of it', async () => {
    await replace(first, apps('api', 'web'));
    expect(await replace(second, [app('web', { revisionHistoryLimit: 3 })])).toMatchObject({
      refused: [{ name: 'web', reason: 'it belongs to the set first' }],
    });
    expect(await claims()).toEqual(['second web']);
    await store.pool.query(
      `INSERT INTO resources (application_id, cluster_id, api_group, version, kind, name, uid)
       SELECT id, cluster_id, 'apps', 'v1', 'Deployment', 'web', 'u1' FROM applications WHERE name = 'web'`,
    );
    await store.pool.query('TRUNCATE outbox, application_due');
    const result = await replace(first, apps('api'));
    expect(result).toMatchObject({
      handedOver: [{ name: 'web', set: 'second' }],
      removed: [],
      held: null,
      deferred: null,
    });
    expect(await owners()).toEqual(['api first', 'web second']);
    expect(await claims()).toEqual([]);
    expect(await woken()).toEqual(['second']);
    expect(await column(`SELECT input_digest FROM application_set_status WHERE set_id = '${second}'`)).toEqual(['']);
    // Nothing on the spoke is touched for it, and subscribers learn of the new owner.
    expect(await column('SELECT 1 FROM application_due')).toEqual([]);
    expect(await column('SELECT uid FROM resources')).toEqual(['u1']);
    expect(await column(`SELECT count(*)::int FROM outbox WHERE queue = 'signal:applications'`)).toEqual([1]);
    expect(await column('SELECT sum(count)::int FROM application_rollups')).toEqual([2]);
    expect(await replace(second, [app('web', { revisionHistoryLimit: 3 })])).toMatchObject({
      updated: ['web'],
      refused: [],
    });
    expect(await column('SELECT count(*)::int FROM application_due')).toEqual([1]);
  });

  it('is handed over whatever the policy of its owner', async () => {
    await replace(first, apps('web'));
    await replace(second, apps('web'));
    expect((await replace(first, [], { policy: 'create-only' })).handedOver).toEqual([{ name: 'web', set: 'second' }]);
  });

  it('goes to the set that was there first', async () => {
    const third = await declareSet(store, 'third');
    await settleSets(store);
    await replace(first, apps('web'));
    await replace(third, apps('web'));
    await replace(second, apps('web'));
    await replace(first, []);
    expect(await owners()).toEqual(['web second']);
    expect(await claims()).toEqual(['third web']);
  });

  it('is claimed for as long as it is generated, also while it is not valid', async () => {
    await replace(first, apps('api', 'web'));
    await replace(second, [], { generatedNames: ['api', 'web'] });
    expect(await claims()).toEqual(['second api', 'second web']);
    const before = await column('SELECT xmin::text FROM set_claims UNION ALL SELECT xmin::text FROM applications');
    await replace(second, [], { generatedNames: ['api', 'web'] });
    expect(await column('SELECT xmin::text FROM set_claims UNION ALL SELECT xmin::text FROM applications')).toEqual(
      before,
    );
    await replace(second, apps('api'));
    expect(await claims()).toEqual(['second api']);
    await replace(second, []);
    expect(await claims()).toEqual([]);
    expect(await replace(first, apps('api'))).toMatchObject({ handedOver: [], removed: ['web'] });
  });

  it('does not count against the deletion budget', async () => {
    const names = Array.from({ length: 10 }, (_, index) => `app-${String(index)}`);
    await replace(first, apps(...names));
    await replace(second, apps(...names.slice(0, 8)));
    const result = await replace(first, []);
    expect(result).toMatchObject({ removed: ['app-8', 'app-9'], held: null });
    expect(result.handedOver).toHaveLength(8);
  });
});

describe('a removal', () => {
  it('waits for a set that changed and was not expanded yet, and then hands over', async () => {
    await replace(first, apps('api', 'web'));
    const third = await declareAny('third');
    const waiting = await replace(first, apps('api'));
    expect(waiting).toMatchObject({ removed: [], held: null, deferred: { names: ['web'] } });
    expect(Date.parse(waiting.deferred?.until ?? '')).toBeGreaterThan(Date.now() + 200_000);
    await replace(third, apps('web'));
    await settleSets(store);
    expect((await replace(first, apps('api'))).handedOver).toEqual([{ name: 'web', set: 'third' }]);
    expect(await owners()).toEqual(['api first', 'web third']);
  });

  it('goes on when that set is expanded and does not claim it, or after five minutes', async () => {
    await replace(first, apps('api', 'lib', 'web'));
    await declareAny('third');
    expect((await replace(first, apps('api', 'lib'))).deferred?.names).toEqual(['web']);
    await settleSets(store);
    expect(await replace(first, apps('api', 'lib'))).toMatchObject({ removed: ['web'], deferred: null });
    await declareAny('fourth');
    expect((await replace(first, apps('api'))).deferred?.names).toEqual(['lib']);
    await store.pool.query(`UPDATE application_sets SET updated_at = now() - interval '301 seconds'`);
    expect(await replace(first, apps('api'))).toMatchObject({ removed: ['lib'], deferred: null });
  });

  it('waits for the first read of a repository, not for a set that failed', async () => {
    await replace(first, apps('api', 'web'));
    second = await declareAny('third');
    await settleSets(store);
    const condition = (reason: string) =>
      store.pool.query(`UPDATE application_set_status SET input_digest = '', conditions = $2 WHERE set_id = $1`, [
        second,
        JSON.stringify([{ type: 'ParametersGenerated', reason }]),
      ]);
    await condition('ApplicationSetModified');
    expect((await replace(first, apps('api'))).deferred?.names).toEqual(['web']);
    await condition('ErrorOccurred');
    expect((await replace(first, apps('api'))).removed).toEqual(['web']);
  });

  it('waits half a minute for a set that is due', async () => {
    await replace(first, apps('api', 'web'));
    const third = await declareAny('third');
    await settleSets(store);
    const due = (seconds: number) =>
      store.pool.query(
        `UPDATE application_set_status SET next_expand_at = now() - $2 * interval '1 second' WHERE set_id = $1`,
        [third, seconds],
      );
    await due(1);
    const { deferred } = await replace(first, apps('api'));
    expect(deferred?.names).toEqual(['web']);
    expect(Date.parse(deferred?.until ?? '') - Date.now()).toBeLessThan(30_000);
    await due(-60);
    await replace(first, apps('api', 'web'));
    await due(31);
    expect((await replace(first, apps('api'))).removed).toEqual(['web']);
  });

  it.each<[string, Partial<ApplicationSetSpec>, boolean]>([
    ['a name of its own', { template: { metadata: { name: 'other-{{name}}' } } }, false],
    ['another end', { template: { metadata: { name: '{{name}}-other' } } }, false],
    ['what may be it', { template: { metadata: { name: 'w{{ .x }}{{ if .y }}e{{ end }}b' } } }, true],
    ['just that', { template: { metadata: { name: 'web' } } }, true],
    [
      'it by a generator',
      {
        generators: [{ list: { template: { metadata: { name: 'we{{x}}' } } } }],
        template: { metadata: { name: 'x' } },
      },
      true,
    ],
    ['it by a patch', { template: { metadata: { name: 'x' } }, templatePatch: 'metadata: { name: "{{name}}" }' }, true],
  ])('waits for a set only where that could generate it: %s', async (_what, spec, waits) => {
    await replace(first, apps('api', 'web'));
    await declareSet(store, sampleSet('third', spec));
    expect((await replace(first, apps('api'))).deferred !== null).toBe(waits);
  });

  it('holds nothing while it waits', async () => {
    await replace(first, apps('a', 'b', 'c', 'd', 'e'));
    await declareAny('third');
    expect(await replace(first, [])).toMatchObject({ held: null, deferred: { names: ['a', 'b', 'c', 'd', 'e'] } });
    expect(await column('SELECT 1 FROM held_deletions')).toEqual([]);
    await settleSets(store);
    expect((await replace(first, [])).held?.names).toHaveLength(5);
  });

  it('that runs while another set claims the name waits too', async () => {
    await replace(first, apps('api', 'web'));
    const claimer = await store.pool.connect();
    let removal: Promise<SetChangeResult>;
    try {
      await claimer.query('BEGIN');
      await replaceIn(claimer, second, { applications: apps('web') });
      removal = replace(first, apps('api'));
      const locks = `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
      await eventually(
        () => column(locks),
        ({ length }) => length > 0,
      );
    } finally {
      await claimer.query('COMMIT');
      claimer.release();
    }
    expect(await removal).toMatchObject({ removed: [], handedOver: [], deferred: { names: ['web'] } });
    expect((await replace(first, apps('api'))).handedOver).toEqual([{ name: 'web', set: 'second' }]);
  });
});

describe('an Application of its own', () => {
  it('is refused and claimed, and handed over when its owner gives it up without its objects', async () => {
    await declareStandalone(app('web'));
    await replace(first, apps('web'));
    expect(await claims()).toEqual(['first web']);
    await store.pool.query('TRUNCATE outbox');
    expect(await store.tx((client) => deleteApplication(client, 'web', { cascade: false }))).toBe('handedOver');
    expect(await owners()).toEqual(['web first']);
    expect(await woken()).toEqual(['first']);
    expect(await claims()).toEqual([]);
  });

  it('is deleted where its objects are to go, claim or not, and refused until it is gone', async () => {
    await declareStandalone(app('web'));
    await replace(first, apps('web'));
    expect(await store.tx((client) => deleteApplication(client, 'web', {}))).toBe('requested');
    expect(await owners()).toEqual(['web - !']);
    expect((await replace(first, apps('web'))).refused).toEqual([{ name: 'web', reason: 'it is still being deleted' }]);
    expect(await claims()).toEqual([]);
    await store.pool.query('DELETE FROM applications');
    expect((await replace(first, apps('web'))).created).toEqual(['web']);
  });

  it.each([
    ['it says so', true, false],
    ['the set says so', false, true],
  ])('is adopted where %s', async (_who, itself, template) => {
    await declareStandalone(itself ? adoptable(app('web')) : app('web'));
    const wanted = app('web', { revisionHistoryLimit: 3 });
    const before = await column('SELECT id FROM applications');
    expect(await replace(first, [template ? adoptable(wanted) : wanted])).toMatchObject({
      updated: ['web'],
      refused: [],
    });
    expect(await owners()).toEqual(['web first']);
    expect(await column('SELECT id FROM applications')).toEqual(before);
    expect(await column(`SELECT spec ->> 'revisionHistoryLimit' FROM applications`)).toEqual(['3']);
    expect(await claims()).toEqual([]);
    expect(await replace(first, [template ? adoptable(wanted) : wanted])).toMatchObject({ unchanged: 1 });
  });

  it('keeps its spec where the set that adopts it never updates', async () => {
    await declareStandalone(adoptable(app('web')));
    await store.pool.query('TRUNCATE application_due');
    const wanted = [app('web', { revisionHistoryLimit: 3 })];
    expect((await replace(first, wanted, { policy: 'create-only' })).updated).toEqual(['web']);
    expect(await column(`SELECT spec ->> 'revisionHistoryLimit' FROM applications`)).toEqual([null]);
    expect(await column('SELECT 1 FROM application_due')).toEqual([]);
    expect((await replace(first, wanted, { policy: 'create-only' })).unchanged).toBe(1);
  });

  it('is not taken from another set by that', async () => {
    await replace(first, apps('web'));
    expect((await replace(second, [adoptable(app('web'))])).refused).toHaveLength(1);
    expect(await owners()).toEqual(['web first']);
  });
});

describe('deleting a set', () => {
  it.each(['delete', 'orphan'] as const)('(%s) hands over what another one claims', async (applications) => {
    await replace(first, apps('api', 'web'));
    await replace(second, apps('web'));
    await store.pool.query('TRUNCATE outbox, application_due');
    const counts = await store.tx((client) => deleteApplicationSet(client, 'first', { applications }));
    const gone = applications === 'delete' ? { requested: 1, orphaned: 0 } : { requested: 0, orphaned: 1 };
    expect(counts).toEqual({ deleted: 0, handedOver: 1, ...gone });
    expect(await owners()).toEqual([applications === 'delete' ? 'api - !' : 'api -', 'web second']);
    expect(await woken()).toEqual(['second']);
    expect(await column('SELECT count(*)::int FROM application_due')).toEqual([applications === 'delete' ? 1 : 0]);
  });

  it('takes its claims with it', async () => {
    await replace(first, apps('web'));
    await replace(second, apps('web'));
    await store.tx((client) => deleteApplicationSet(client, 'second'));
    expect(await claims()).toEqual([]);
    expect((await replace(first, [])).removed).toEqual(['web']);
  });

  it('leaves what is being deleted to be deleted: a new set of that name is refused it until it is gone', async () => {
    await replace(first, apps('web'));
    await store.tx((client) => deleteApplicationSet(client, 'first'));
    const again = await declareSet(store, 'first');
    expect((await replace(again, apps('web'))).refused).toEqual([{ name: 'web', reason: 'it is still being deleted' }]);
    expect(await owners()).toEqual(['web - !']);
  });
});
