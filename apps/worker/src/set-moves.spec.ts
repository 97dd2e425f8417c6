// A spoke that changes its label leaves one set and comes to another: its Application moves, and nothing on the spoke is deleted for it.
import { SetExpander } from '@wheelwright/expand/adapters';
import type { ApplicationSet } from '@wheelwright/intent';
import { Catalogue } from '@wheelwright/intent/adapters';
import { ApplicationSetId } from '@wheelwright/kernel';
import type { Store } from '@wheelwright/platform-store';
import { deniedApplications } from '@wheelwright/policy/adapters';
import { ClusterStore, KeyRing } from '@wheelwright/registry/adapters';
import { createTestStore, eventually, insertCluster, type TestStore } from '@wheelwright/testing';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';

let test: TestStore;
let store: Store;
let clusters: ClusterStore;
let expander: SetExpander;
const catalogue = new Catalogue();
const nobody = (): Promise<never> => Promise.reject(new Error('nobody is asked'));

beforeAll(async () => {
  test = await createTestStore();
  store = test.store;
  clusters = new ClusterStore(store, new KeyRing([{ id: 'test', bytes: new Uint8Array(32).fill(7) }]));
  expander = new SetExpander({
    store,
    catalogue,
    revisions: { tree: nobody, files: nobody },
    askers: { repositories: nobody, pullRequests: nobody, plugin: nobody, decisions: nobody },
    admission: { check: deniedApplications },
    clock: { nowMs: () => Date.now() },
  });
});
afterAll(() => test.drop());
beforeEach(async () => {
  await store.pool.query(`TRUNCATE clusters, applications, application_sets, repositories, outbox CASCADE`);
  for (const name of ['c1', 'c2']) await insertCluster(store.pool, { name, labels: { tier: 'canary' } });
  await declare('canary', 'prod');
  // Some time passed since they were declared.
  await store.pool.query(`UPDATE application_sets SET updated_at = now() - interval '1 hour'`);
});

/** Sets of one tier each, that give their Applications the same names; expanded. */
async function declare(...tiers: readonly string[]): Promise<void> {
  const objects = tiers.map((tier) => ({ kind: 'ApplicationSet' as const, object: setOf(tier) }));
  await store.tx((client) => catalogue.applyObjects(client, objects, { dryRun: false }));
  for (const tier of tiers) await expand(tier);
}

function setOf(tier: string): ApplicationSet {
  return {
    metadata: { name: tier, namespace: 'argocd', labels: {}, annotations: {}, finalizers: [] },
    spec: {
      goTemplate: false,
      generators: [{ clusters: { selector: { matchLabels: { tier } } } }],
      template: {
        metadata: { name: '{{name}}-web' },
        spec: {
          destination: { name: '{{name}}', namespace: 'web' },
          source: { repoURL: 'https://git.example.com/fleet.git', path: tier },
        },
      },
    },
  };
}

async function expand(name: string): Promise<void> {
  const { rows } = await store.pool.query<{ id: string }>('SELECT id FROM application_sets WHERE name = $1', [name]);
  expect(await expander.expandSet(ApplicationSetId(rows[0]?.id ?? ''))).toEqual({ kind: 'done' });
}

/** `name set path`, and ` !` while it is being deleted. */
async function applications(): Promise<readonly string[]> {
  const { rows } = await store.pool.query<{ text: string }>(
    `SELECT a.name || ' ' || s.name || ' ' || a.source_path || CASE WHEN a.deletion_requested_at IS NULL THEN '' ELSE ' !' END AS text
     FROM applications a JOIN application_sets s ON s.id = a.set_id ORDER BY a.name`,
  );
  return rows.map(({ text }) => text);
}

it.each([
  ['the old set is expanded first', ['canary', 'prod']],
  ['the new set is expanded first', ['prod', 'canary']],
])('moves where %s', async (_what, order) => {
  expect(await applications()).toEqual(['c1-web canary canary', 'c2-web canary canary']);
  const ids = await store.pool.query('SELECT id FROM applications ORDER BY name');
  await clusters.patch('c1', { labels: { tier: 'prod' } });
  for (const name of order) await expand(name);
  expect((await applications())[0]).not.toContain('!');
  const moved = await eventually(
    async () => {
      for (const name of order) await expand(name);
      return applications();
    },
    ([first]) => first === 'c1-web prod prod',
  );
  expect(moved).toEqual(['c1-web prod prod', 'c2-web canary canary']);
  expect((await store.pool.query('SELECT id FROM applications ORDER BY name')).rows).toEqual(ids.rows);
});

it('deletes what no set wants any more, once those that were asked have answered', async () => {
  await clusters.patch('c1', { labels: { tier: 'lab' } });
  const gone = await eventually(
    async () => {
      for (const name of ['canary', 'prod']) await expand(name);
      return applications();
    },
    ([first]) => first?.endsWith('!') === true,
  );
  expect(gone).toEqual(['c1-web canary canary !', 'c2-web canary canary']);
});
