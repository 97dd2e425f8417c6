import { createTestStore, insertCluster, type TestStore } from '@wheelwright/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { grantsPredicate } from './grants.js';
import { cursorOf, pageWindow } from './paging.js';
import { resourcePages } from './queries/application-details.queries.js';
import { verdictsBySet } from './queries/application-sets.queries.js';
import { applicationCount, applicationPage } from './queries/applications.queries.js';
import type { Statement } from './reader.js';

let test: TestStore;
const grants = grantsPredicate({ id: '', name: '', role: 'admin', via: 'token' });

beforeAll(async () => {
  test = await createTestStore();
  const { pool } = test.store;
  for (let index = 0; index < 100; index += 1) {
    await insertCluster(pool, { name: `cluster-${index}`, labels: { region: index < 10 ? 'eu' : 'us' } });
  }
  await pool.query(
    `INSERT INTO application_sets (name, spec, digest) SELECT 'set-' || n, '{}', '' FROM generate_series(1, 200) n`,
  );
  await pool.query(`INSERT INTO applications (name, spec, digest, project, cluster_id, set_id)
    SELECT 'app-' || lpad(n::text, 5, '0'), '{}', '', 'project-' || n % 50,
      (SELECT id FROM clusters WHERE name = 'cluster-' || n % 100), (SELECT id FROM application_sets WHERE name = 'set-' || n % 200 + 1)
    FROM generate_series(1, 10000) n`);
  await pool.query(`INSERT INTO application_status (application_id, cluster_id, project, sync, health)
    SELECT id, cluster_id, project, CASE WHEN right(name, 3) = '777' THEN 'OutOfSync' ELSE 'Synced' END, 'Healthy' FROM applications`);
  await pool.query('ANALYZE');
});

afterAll(() => test.drop());

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly Plans?: readonly PlanNode[];
}

/** Rows of Applications and of their status that a statement touched. */
async function rowsTouched({ text, values }: Statement): Promise<number> {
  const { rows } = await test.store.pool.query<{ 'QUERY PLAN': readonly [{ readonly Plan: PlanNode }] }>(
    `EXPLAIN (ANALYZE, FORMAT JSON) ${text}`,
    [...values],
  );
  const [row] = rows;
  if (row === undefined) throw new Error('no plan');
  return touched(row['QUERY PLAN'][0].Plan);
}

function touched(node: PlanNode): number {
  const own = /^(applications|application_status|resources)$/.test(node['Relation Name'] ?? '')
    ? (node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0)) * node['Actual Loops']
    : 0;
  return (node.Plans ?? []).reduce((sum, child) => sum + touched(child), own);
}

const first50 = pageWindow({ first: 50 }, 1);
const middle = pageWindow({ first: 50, after: cursorOf(['app-05000']) }, 1);

it.each([
  ['no filter', {}, first50, 110],
  ['no filter, in the middle', {}, middle, 110],
  ['a cluster', { cluster: 'cluster-7' }, first50, 210],
  // Walking the names and skipping the other projects may be cheaper than fifty jumps: the planner knows.
  ['a project', { project: 'project-7' }, first50, 3_000],
  ['a set', { set: 'set-7' }, first50, 210],
  ['a rare verdict', { sync: ['OutOfSync' as const] }, first50, 210],
  ['a frequent verdict', { sync: ['Synced' as const] }, first50, 210],
  ['a selector', { clusterSelector: 'region=eu' }, first50, 2_500],
])('a page with %s touches few of 10,000 Applications', async (_case, filter, window, most) => {
  expect(await rowsTouched(applicationPage(grants, filter, window))).toBeLessThanOrEqual(most);
});

it.each([
  ['everything', {}],
  ['a cluster', { cluster: 'cluster-7' }],
  [
    'a selector, a project and a verdict',
    { clusterSelector: 'region=eu', project: 'project-7', sync: ['Synced' as const] },
  ],
])('the total of %s touches none', async (_case, filter) => {
  expect(await rowsTouched(applicationCount(grants, filter))).toBe(0);
});

it.each([1, 5])('the counters of %i sets touch their Applications only', async (sets) => {
  const { rows } = await test.store.pool.query<{ id: string }>(
    'SELECT id FROM application_sets ORDER BY name LIMIT $1',
    [sets],
  );
  const statement = verdictsBySet(
    grants,
    rows.map(({ id }) => id),
  );
  // Fifty each, and the verdict of each.
  expect(await rowsTouched(statement)).toBeLessThanOrEqual(sets * 100);
});

it('a page of objects stops at its size', async () => {
  const { pool } = test.store;
  await pool.query(`INSERT INTO resources (application_id, cluster_id, api_group, version, kind, namespace, name)
    SELECT a.id, a.cluster_id, '', 'v1', 'ConfigMap', 'default', 'c' || n FROM applications a, generate_series(1, 2000) n WHERE a.name IN ('app-00001', 'app-00002')`);
  await pool.query('ANALYZE resources');
  const { rows } = await pool.query<{ id: string }>(
    `SELECT id FROM applications WHERE name IN ('app-00001', 'app-00002')`,
  );
  const statement = resourcePages(
    rows.map(({ id }) => id),
    {},
    pageWindow({ first: 20 }, 4),
  );
  expect(await rowsTouched(statement)).toBeLessThanOrEqual(50);
});
