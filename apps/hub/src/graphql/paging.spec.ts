import { insertApplication, insertApplicationSet, insertCluster, insertResource } from '@wheelwright/testing';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startGraphqlHub, type GraphqlHub } from '../testing/graphql-hub.js';
import { Reader } from './reader.js';

let hub: GraphqlHub;

beforeAll(async () => {
  hub = await startGraphqlHub();
  const { pool } = hub.parts.store;
  for (let index = 0; index < 60; index += 1) {
    const number = String(index).padStart(2, '0');
    const clusterId = await insertCluster(pool, { name: `cluster-${number}` });
    const setId = await insertApplicationSet(pool, { name: `set-${number}` });
    const applicationId = await insertApplication(pool, {
      name: `app-${number}`,
      clusterId,
      setId,
      healthMessage: number,
    });
    await insertResource(pool, { applicationId, clusterId, kind: 'Service', name: number });
  }
});

afterAll(() => hub.stop());

interface Page {
  readonly edges: readonly { readonly cursor: string; readonly node: { readonly name: string } }[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

async function page(list: string, first: number, after: string | null): Promise<Page> {
  const { data, errors } = await hub.ask(
    `query ($first: Int, $after: String) { ${list}(first: $first, after: $after) { edges { cursor node { name } } pageInfo { hasNextPage endCursor } } }`,
    { variables: { first, after } },
  );
  expect(errors).toEqual([]);
  return data?.[list] as Page;
}

describe('pages', () => {
  it.each(['clusters', 'applications', 'applicationSets'])('%s: read all, each once, in order', async (list) => {
    const names: string[] = [];
    let after: string | null = null;
    for (let more = true; more;) {
      const { edges, pageInfo } = await page(list, 25, after);
      names.push(...edges.map(({ node }) => node.name));
      [after, more] = [pageInfo.endCursor, pageInfo.hasNextPage];
    }
    expect(names).toHaveLength(60);
    expect(names).toEqual([...new Set(names)].sort());
  });

  it('do not shift when rows come and go before them', async () => {
    const { pool } = hub.parts.store;
    const { pageInfo } = await page('applications', 10, null);
    await insertApplication(pool, { name: 'aaa' });
    await pool.query(`DELETE FROM applications WHERE name = 'app-09'`);
    const { edges } = await page('applications', 2, pageInfo.endCursor);
    expect(edges.map(({ node }) => node.name)).toEqual(['app-10', 'app-11']);
    await pool.query(`DELETE FROM applications WHERE name = 'aaa'`);
  });

  it('may be empty', async () => {
    const { data } = await hub.ask(`{ projects { totalCount nodes { name } pageInfo { hasNextPage endCursor } } }`);
    expect(data).toEqual({ projects: { totalCount: 0, nodes: [], pageInfo: { hasNextPage: false, endCursor: null } } });
  });

  it.each([
    ['first: 0', 'between 1 and 200'],
    ['first: 201', 'between 1 and 200'],
    ['after: "nonsense"', 'cursor'],
    [`after: "${Buffer.from('["a","b"]').toString('base64url')}"`, 'cursor'],
  ])('are refused with %s', async (argument, words) => {
    const { errors } = await hub.ask(`{ applications(${argument}) { nodes { name } } }`);
    expect(errors).toMatchObject([{ extensions: { code: 'InvalidRequest' } }]);
    expect(errors[0]?.message).toContain(words);
  });

  it('refuse a cursor of another list', async () => {
    const cursor = Buffer.from('["x"]').toString('base64url');
    const { errors } = await hub.ask(`{ application(name: "app-00") { history(after: "${cursor}") { totalCount } } }`);
    expect(errors).toMatchObject([{ extensions: { code: 'InvalidRequest' } }]);
  });
});

describe('statements', () => {
  const FIELDS = `name sync { status } health { status message } cluster { name state applications { total } } set { name counts { total } heldDeletion { total } }
    conditions { type } operation { phase } observedAt destination { name } sources { path } heldDeletion { total }
    resources(first: 3) { totalCount nodes { name } } history(first: 3) { totalCount nodes { revision } }`;

  async function countStatements(query: string): Promise<number> {
    const rows = vi.spyOn(hub.app.get(Reader, { strict: false }), 'rows');
    try {
      const { errors } = await hub.ask(query);
      expect(errors).toEqual([]);
      return rows.mock.calls.length;
    } finally {
      rows.mockRestore();
    }
  }

  it('are as many for a page of fifty as for a page of one', async () => {
    const one = await countStatements(`{ applications(first: 1) { nodes { ${FIELDS} } } }`);
    const fifty = await countStatements(`{ applications(first: 50) { nodes { ${FIELDS} } } }`);
    expect([one, fifty]).toEqual([13, 13]);
  });

  it('are one for the columns of a list, and one more for its total', async () => {
    expect(
      await countStatements(
        `{ applications { nodes { name project sync { status revision } health { status } } pageInfo { endCursor } } }`,
      ),
    ).toBe(1);
    expect(await countStatements(`{ applications { totalCount } }`)).toBe(1);
    expect(await countStatements(`{ applications { totalCount edges { node { name } } } }`)).toBe(2);
    expect(await countStatements(`{ clusters { nodes { name state applications { total sync { synced } } } } }`)).toBe(
      2,
    );
    expect(await countStatements(`{ fleet { clusters { total } oldestObservation applications { total } } }`)).toBe(2);
  });
});
