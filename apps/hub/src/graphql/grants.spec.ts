import { decide, projectGrants, type Actor, type ProjectRights } from '@wheelwright/access';
import { createTestStore, type TestStore } from '@wheelwright/testing';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { grantsPredicate } from './grants.js';
import { Params } from './reader.js';

let test: TestStore;

beforeAll(async () => {
  test = await createTestStore();
});
afterAll(() => test.drop());

interface Row {
  readonly name: string;
  readonly namespace: string;
  readonly project: string;
}

const actorOf = (grants: ProjectRights['grants']): Actor => ({
  id: '1',
  name: 'token:ci',
  role: 'proj:shop:ci',
  via: 'token',
  rights: { project: 'shop', namespace: 'argocd', role: 'ci', grants },
});

/** The names of the rows that the predicate picks. */
async function picked(actor: Actor, rows: readonly Row[]): Promise<readonly string[]> {
  const params = new Params();
  const table = `jsonb_to_recordset(${params.bind(JSON.stringify(rows))}::jsonb) AS a (name text, namespace text, project text)`;
  const where = grantsPredicate(actor).applications(params);
  const found = await test.store.pool.query<Row>(`SELECT a.* FROM ${table} WHERE ${where}`, params.values);
  return found.rows.map(textOf).sort();
}

const textOf = ({ project, namespace, name }: Row): string => `${project}|${namespace}|${name}`;

describe('the predicate of a project role', () => {
  it.each([
    ['shop/*', ['shop|argocd|api', 'shop|argocd|web', 'shop|team-a|web']],
    ['shop/web', ['shop|argocd|web']],
    ['shop/team-a/*', ['shop|team-a|web']],
    ['shop/argocd/web', []],
    ['shop/{web}', ['shop|argocd|web']],
    ['shop/[!a-v]??', ['shop|argocd|web']],
    ['shop/[', []],
    ['shop/w.b', []],
  ])('%s', async (object, names) => {
    const rows = [
      { project: 'shop', namespace: 'argocd', name: 'web' },
      { project: 'shop', namespace: 'argocd', name: 'api' },
      { project: 'shop', namespace: 'team-a', name: 'web' },
      { project: 'bank', namespace: 'argocd', name: 'web' },
    ];
    const grants = projectGrants('shop', [
      { name: 'ci', policies: [`p, proj:shop:ci, applications, get, ${object}, allow`] },
    ]);
    expect(await picked(actorOf(grants), rows)).toEqual(names);
  });

  it('picks exactly what decide permits (property)', async () => {
    const glob = fc
      .array(
        fc.constantFrom('a', 'b', 'ü', '.', '*', '?', '/', '[ab]', '[!a]', '[a-b]', '{a,b*}', '{,a}', '\\*', '[', '-'),
        {
          maxLength: 5,
        },
      )
      .map((parts) => `shop/${parts.join('')}`);
    const grant = fc.record({
      role: fc.constantFrom('ci', 'ci', 'other'),
      resource: fc.constantFrom('applications', '*', 'applicationsets'),
      action: fc.constantFrom('get', '*', 'sync', 'g?t'),
      object: fc.oneof(glob, fc.constant('shop/*')),
      effect: fc.constantFrom('allow' as const, 'allow' as const, 'deny' as const),
    });
    const name = fc.string({ unit: fc.constantFrom('a', 'b', 'ü', '.', '*', '-'), minLength: 1, maxLength: 4 });
    const row = fc.record({
      project: fc.constantFrom('shop', 'shop', 'bank'),
      namespace: fc.constantFrom('argocd', 'a'),
      name,
    });
    await fc.assert(
      fc.asyncProperty(fc.array(grant, { maxLength: 4 }), fc.array(row, { maxLength: 30 }), async (grants, rows) => {
        const actor = actorOf(grants);
        const permitted = rows.filter((each) => decide(actor, 'applications:read', each).allowed);
        expect(await picked(actor, rows)).toEqual(permitted.map(textOf).sort());
      }),
      { numRuns: 300 },
    );
  });

  it('is false for a role without rights, and true for the roles of the hub', () => {
    const { rights: _none, ...bare } = actorOf([]);
    expect(grantsPredicate(bare).applications(new Params())).toBe('false');
    expect(grantsPredicate(actorOf([])).sets(new Params())).toBe('false');
    expect(grantsPredicate({ ...bare, role: 'readonly' }).applications(new Params())).toBe('true');
  });
});
