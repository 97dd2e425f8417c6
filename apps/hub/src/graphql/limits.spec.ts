import { insertApplication } from '@wheelwright/testing';
import { parse } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startGraphqlHub, type GraphqlHub } from '../testing/graphql-hub.js';

let hub: GraphqlHub;

beforeAll(async () => {
  hub = await startGraphqlHub();
  await insertApplication(hub.parts.store.pool, { name: 'shop' });
});

afterAll(() => hub.stop());

interface Answer {
  readonly data?: unknown;
  readonly errors?: readonly { readonly message: string; readonly extensions: { readonly code: string } }[];
}

async function send(init: RequestInit & { readonly path?: string }): Promise<{ status: number; body: Answer }> {
  const answer = await fetch(`${hub.url}${init.path ?? '/graphql'}`, init);
  return { status: answer.status, body: (await answer.json()) as Answer };
}

const json = (token: string | undefined, body: unknown): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/json', ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) },
  body: JSON.stringify(body),
});

describe('documents', () => {
  it.each([
    [
      'too deep',
      `{ applications { edges { node { set { ${'... on ApplicationSet { '.repeat(10)} name ${'}'.repeat(10)} } } } } }`,
      'depth',
    ],
    [
      'too many aliases',
      `{ ${Array.from({ length: 31 }, (_, index) => `a${index}: __typename`).join(' ')} }`,
      'aliases',
    ],
    ['too many root fields', `{ ${'__typename '.repeat(21)} }`, 'root fields'],
    ['too many fields', `{ fleet { clusters { ${'total '.repeat(501)} } } }`, 'fields'],
    ['too many tokens', `{ fleet { clusters { ${'total '.repeat(4_001)} } } }`, 'tokens'],
    [
      'too dear',
      `{ applications(first: 200) { nodes { resources(first: 200) { nodes { name } } } } }`,
      'smaller pages',
    ],
    [
      'too dear by a fragment',
      `{ applications(first: 200) { nodes { ...F } } } fragment F on Application { history(first: 200) { nodes { id } } }`,
      'smaller pages',
    ],
    ['too many live comparisons', `{ applications(first: 20) { nodes { diff { reason } } } }`, 'smaller pages'],
    ['not GraphQL', `{ fleet { `, 'Syntax Error'],
    ['an unknown field', `{ fleet { nothing } }`, 'Cannot query field "nothing"'],
    ['a cyclic fragment', `{ ...F } fragment F on Query { ...F }`, 'spread'],
  ])('%s: refused', async (_case, query, words) => {
    const { status, data, errors } = await hub.ask(query);
    expect([status, data]).toEqual([400, null]);
    expect(errors[0]?.extensions.code).toBe('InvalidRequest');
    expect(errors.map(({ message }) => message).join('\n')).toContain(words);
  });

  it('weighs page sizes that come as variables', async () => {
    const query = `query ($n: Int!) { applications(first: $n) { nodes { resources(first: $n) { nodes { name } } } } }`;
    expect((await hub.ask(query, { variables: { n: 10 } })).errors).toEqual([]);
    expect((await hub.ask(query, { variables: { n: 150 } })).errors).toMatchObject([
      { extensions: { code: 'InvalidRequest' } },
    ]);
    expect((await hub.ask(query, { variables: { n: 10 } })).errors).toEqual([]);
  });

  it('says which variable is wrong', async () => {
    const { status, errors } = await hub.ask(`query ($n: Int!) { applications(first: $n) { totalCount } }`, {
      variables: { n: 'ten' },
    });
    expect(status).toBe(400);
    expect(errors[0]).toMatchObject({ message: expect.stringContaining('$n'), extensions: { code: 'InvalidRequest' } });
  });
});

describe('callers', () => {
  const query = { query: '{ __schema { queryType { name } } }' };

  it.each([
    ['without a token', undefined],
    ['with an unknown token', 'wwt_unknown'],
    ['with something that is no token', 'x'],
  ])('%s: refused before anything is read, introspection too', async (_case, token) => {
    const { status, body } = await send(json(token, query));
    expect(status).toBe(401);
    expect(body).toMatchObject({ data: null, errors: [{ extensions: { code: 'Unauthenticated' } }] });
  });

  it('may introspect with a token', async () => {
    expect((await hub.ask(query.query, { role: 'readonly' })).data).toEqual({
      __schema: { queryType: { name: 'Query' } },
    });
  });
});

describe('requests', () => {
  it('do not mutate over GET', async () => {
    const path = `/graphql?query=${encodeURIComponent('mutation { refreshApplication(name: "shop") { __typename } }')}`;
    const { status, body } = await send({ path, headers: { authorization: `Bearer ${hub.tokens.admin}` } });
    expect(status).toBe(400);
    expect(body.errors).toMatchObject([{ extensions: { code: 'InvalidRequest' } }]);
    expect((await hub.parts.store.pool.query('SELECT 1 FROM application_operations')).rowCount).toBe(0);
  });

  it('are not batched', async () => {
    const { status, body } = await send(
      json(hub.tokens.admin, [{ query: '{ __typename }' }, { query: '{ __typename }' }]),
    );
    expect(status).toBe(400);
    expect(body.errors).toMatchObject([{ extensions: { code: 'InvalidRequest' } }]);
  });

  it('are not larger than 256 KiB', async () => {
    const { status, body } = await send(json(hub.tokens.admin, { query: `{ __typename } #${'x'.repeat(300_000)}` }));
    expect(status).toBe(413);
    expect(body.errors).toMatchObject([{ extensions: { code: 'PayloadTooLarge' } }]);
  });

  it.each(['5', '{"a": 1}', ' {}', '[]', '"x"', 'null', JSON.stringify(parse('{ __typename }'))])(
    'are GraphQL and no parsed document: %s',
    async (text) => {
      const { status, body } = await send(json(hub.tokens.admin, { query: text }));
      expect(status).toBe(400);
      expect(body.errors).toMatchObject([{ extensions: { code: 'InvalidRequest' } }]);
    },
  );

  it('need a query', async () => {
    expect((await send(json(hub.tokens.admin, {}))).status).toBe(400);
  });
});

describe('failures of the hub', () => {
  it('are masked, named by the request and logged once', async () => {
    const { pool } = hub.parts.store;
    await pool.query('ALTER TABLE application_rollups RENAME TO gone');
    try {
      const { data, errors } = await hub.ask(`{ fleet { applications { total } } }`);
      expect(data).toBeNull();
      expect(errors).toMatchObject([{ extensions: { code: 'Internal', requestId: expect.any(String) } }]);
      expect(JSON.stringify(errors)).not.toMatch(/application_rollups|relation/);
      expect(hub.failures.map(({ requestId, code }) => ({ requestId, code }))).toEqual([
        { requestId: errors[0]?.extensions.requestId, code: 'Internal' },
      ]);
    } finally {
      await pool.query('ALTER TABLE gone RENAME TO application_rollups');
    }
  });
});
