// One label of one spoke changes while a thousand sets are declared: only the sets, and only the rows, that it concerns are touched.
import { SetExpander } from '@wheelwright/expand/adapters';
import { Catalogue } from '@wheelwright/intent/adapters';
import type { ApplicationSet } from '@wheelwright/intent';
import { ApplicationSetId } from '@wheelwright/kernel';
import { openStore, type Store } from '@wheelwright/platform-store';
import { deniedApplications } from '@wheelwright/policy/adapters';
import { ClusterStore, KeyRing } from '@wheelwright/registry/adapters';
import { createTestDatabase, type TestDatabase } from '@wheelwright/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';

const SETS = 1_000;
const CLUSTERS = 500;
/** Sets and spokes meet in groups: 2 spokes and 4 sets in each. */
const GROUPS = 250;
const REPO = 'https://git.example.com/fleet.git';

let database: TestDatabase;
let store: Store;
let clusters: ClusterStore;
let expander: SetExpander;

const nobody = (): Promise<never> => Promise.reject(new Error('nobody is asked'));

beforeAll(async () => {
  database = await createTestDatabase();
  // One connection: what it read is known as soon as it is asked to tell.
  store = await openStore({ url: database.url, maxConnections: 1, applicationName: 'test' });
  clusters = new ClusterStore(store, new KeyRing([{ id: 'test', bytes: new Uint8Array(32).fill(7) }]));
  const catalogue = new Catalogue();
  expander = new SetExpander({
    store,
    catalogue,
    revisions: { tree: nobody, files: nobody },
    askers: { repositories: nobody, pullRequests: nobody, plugin: nobody, decisions: nobody },
    admission: { check: deniedApplications },
    clock: { nowMs: () => Date.now() },
  });
  await store.pool.query(
    `WITH added AS (
       INSERT INTO clusters (name, server, labels)
       SELECT 'c' || i, 'https://c' || i || '.example.com', jsonb_build_object('env', 'prod', 'group', 'group-' || i % $2)
       FROM generate_series(0, $1 - 1) AS i RETURNING id
     ) INSERT INTO cluster_status (cluster_id) SELECT id FROM added`,
    [CLUSTERS, GROUPS],
  );
  const objects = Array.from({ length: SETS }, (_, index) => ({
    kind: 'ApplicationSet' as const,
    object: setOf(index),
  }));
  await store.tx((client) => catalogue.applyObjects(client, objects, { dryRun: false }));
  await expandWoken();
  // Declared a while ago: for some minutes after a change, removals wait for each other's sets.
  await store.pool.query(`UPDATE application_sets SET updated_at = now() - interval '1 hour'`);
  await store.pool.query('VACUUM ANALYZE');
}, 240_000);
afterAll(async () => {
  await store.close();
  await database.drop();
});

function setOf(index: number): ApplicationSet {
  const name = `set-${String(index)}`;
  return {
    metadata: { name, namespace: 'argocd', labels: {}, annotations: {}, finalizers: [] },
    spec: {
      goTemplate: false,
      generators: [
        { clusters: { selector: { matchLabels: { env: 'prod', group: `group-${String(index % GROUPS)}` } } } },
      ],
      template: {
        metadata: { name: `${name}-{{name}}` },
        spec: {
          project: 'default',
          source: { repoURL: REPO, path: 'web' },
          destination: { server: '{{server}}', namespace: 'web' },
        },
      },
    },
  };
}

/** Expands every set that waits in the outbox; answers their names, sorted. */
async function expandWoken(): Promise<string[]> {
  const { rows } = await store.pool.query<{ id: string; name: string }>(
    `WITH woken AS (DELETE FROM outbox WHERE queue = 'expand' RETURNING key)
     SELECT DISTINCT s.id, s.name FROM woken JOIN application_sets s ON s.id = woken.key::uuid ORDER BY s.name`,
  );
  for (const { id } of rows) expect(await expander.expandSet(ApplicationSetId(id))).toEqual({ kind: 'done' });
  return rows.map(({ name }) => name);
}

interface Reads {
  readonly seq_scan: number;
  readonly fetched: number;
  readonly written: number;
}

/** Scans, rows fetched over indexes and row versions written since the statistics began, by table. */
async function reads(): Promise<ReadonlyMap<string, Reads>> {
  await store.pool.query('SELECT pg_stat_force_next_flush()');
  await store.pool.query('SELECT pg_stat_clear_snapshot()');
  const { rows } = await store.pool.query<Reads & { relname: string }>(
    `SELECT relname, seq_scan::int, coalesce(idx_tup_fetch, 0)::int AS fetched, (n_tup_ins + n_tup_upd + n_tup_del)::int AS written
     FROM pg_stat_user_tables`,
  );
  return new Map(rows.map(({ relname, ...counts }) => [relname, counts]));
}

async function during(work: () => Promise<void>): Promise<(table: string) => Reads> {
  const before = await reads();
  await work();
  const after = await reads();
  const none = { seq_scan: 0, fetched: 0, written: 0 };
  return (table) => {
    const [a, b] = [before.get(table) ?? none, after.get(table) ?? none];
    return { seq_scan: b.seq_scan - a.seq_scan, fetched: b.fetched - a.fetched, written: b.written - a.written };
  };
}

it('one changed label expands exactly the sets that it concerns, and reads and writes no other row', async () => {
  const of = (group: number): string[] =>
    Array.from({ length: SETS }, (_, index) => index)
      .filter((index) => index % GROUPS === group)
      .map((index) => `set-${String(index)}`);
  let expanded: string[] = [];
  const spent = await during(async () => {
    await clusters.patch('c7', { labels: { group: 'group-8' } });
    expanded = await expandWoken();
  });
  const concerned = [...of(7), ...of(8)].sort();
  expect(expanded).toEqual(concerned);
  const { rows } = await store.pool.query<{ name: string }>(
    `SELECT s.name FROM applications a JOIN application_sets s ON s.id = a.set_id
     WHERE a.name LIKE '%-c7' AND a.deletion_requested_at IS NULL ORDER BY s.name`,
  );
  expect(rows.map(({ name }) => name)).toEqual(of(8).sort());
  for (const table of ['application_sets', 'application_set_status', 'set_dependencies', 'applications', 'clusters'])
    expect({ table, ...spent(table) }).toMatchObject({ table, seq_scan: 0 });
  // 8 sets, 2 or 3 spokes and Applications in each: some statements look at a row, or at an old version of it, more than once.
  expect(spent('application_sets').fetched).toBeLessThanOrEqual(30 * concerned.length);
  expect(spent('set_dependencies').fetched).toBeLessThanOrEqual(30 * concerned.length);
  expect(spent('clusters').fetched).toBeLessThanOrEqual(60 * concerned.length);
  expect(spent('applications').fetched).toBeLessThanOrEqual(60 * concerned.length);
  expect(spent('clusters').written).toBe(1);
  // 4 come and 4 go; those that go are marked.
  expect(spent('applications').written).toBe(8);
  // Each is marked as due with the change, and written when it was expanded.
  expect(spent('application_set_status').written).toBeLessThanOrEqual(2 * concerned.length);
  expect(spent('set_dependencies').written).toBe(0);
});

it('a label that no selector reads expands only the sets whose spokes have it, and then writes nothing of them', async () => {
  const spent = await during(async () => {
    await clusters.patch('c9', { labels: { note: 'seen' } });
    expect(await expandWoken()).toHaveLength(SETS / GROUPS);
  });
  expect(spent('applications').written).toBe(0);
  for (const table of ['application_sets', 'set_dependencies', 'applications', 'clusters'])
    expect({ table, ...spent(table) }).toMatchObject({ table, seq_scan: 0 });
});
