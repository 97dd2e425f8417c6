import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { insertProject } from '@wheelwright/testing';
import { buildSchema, getNamedType, isCompositeType, isNonNullType, type GraphQLField } from 'graphql';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startGraphqlHub, type GraphqlHub } from '../testing/graphql-hub.js';
import { askAs, roleToken } from '../testing/role-token.js';

const SCHEMA = fileURLToPath(new URL('../../schema.graphql', import.meta.url));

type Caller = 'readonly' | 'everything' | 'nothing';
/** A role with every policy, and one with none. What an answer holds is decided by rows; here is who gets one. */
const POLICIES: Readonly<Record<'everything' | 'nothing', readonly string[]>> = {
  everything: ['applications', 'applicationsets', 'clusters', 'repositories', 'logs', 'exec'],
  nothing: [],
};
const READERS: readonly Caller[] = ['readonly', 'everything'];
/** Every root field, and who gets past the guard beside administrators. A new field fails here until somebody has said who may ask. */
const MATRIX: Readonly<Record<string, readonly Caller[]>> = {
  'query application': READERS,
  'query applications': READERS,
  'query applicationSet': READERS,
  'query applicationSets': READERS,
  'query previewApplicationSet': READERS,
  'query fleet': READERS,
  'query project': ['readonly', 'everything', 'nothing'],
  'query projects': ['readonly', 'everything', 'nothing'],
  'query cluster': ['readonly'],
  'query clusters': ['readonly'],
  'mutation syncApplication': ['everything'],
  'mutation refreshApplication': ['everything'],
  'mutation approveDeletion': ['everything'],
  'mutation rollbackApplication': ['everything'],
  'mutation pinApplication': ['everything'],
  'mutation unpinApplication': ['everything'],
  'mutation pauseApplication': ['everything'],
  'mutation resumeApplication': ['everything'],
  'mutation terminateOperation': ['everything'],
  'mutation freezeFleet': [],
  'mutation unfreezeFleet': [],
  'mutation pauseCluster': [],
};

let hub: GraphqlHub;
let tokens: Readonly<Record<Caller, string>>;

beforeAll(async () => {
  hub = await startGraphqlHub();
  const roles = Object.entries(POLICIES).map(([name, resources]) => ({
    name,
    policies: resources.map((resource) => `p, proj:shop:${name}, ${resource}, *, shop/*, allow`),
  }));
  await insertProject(hub.parts.store.pool, { name: 'shop', spec: { roles } });
  tokens = {
    readonly: hub.tokens.readonly,
    everything: await roleToken(hub, 'proj:shop:everything'),
    nothing: await roleToken(hub, 'proj:shop:nothing'),
  };
});

afterAll(() => hub.stop());

/** The shortest question that asks a field something. */
function questionOf({ name, args, type }: GraphQLField<unknown, unknown>): string {
  const needed = args.filter((arg) => isNonNullType(arg.type) && arg.defaultValue === undefined);
  const given = needed.map((arg) => `${arg.name}: "no-such-thing"`).join(', ');
  return `${name}${given === '' ? '' : `(${given})`}${isCompositeType(getNamedType(type)) ? ' { __typename }' : ''}`;
}

it('Scope is enforced on every path: field x role', async () => {
  const schema = buildSchema(readFileSync(SCHEMA, 'utf8'));
  const fields = [
    ...Object.values(schema.getQueryType()?.getFields() ?? {}).map((field) => ({ operation: 'query', field })),
    ...Object.values(schema.getMutationType()?.getFields() ?? {}).map((field) => ({ operation: 'mutation', field })),
  ];
  expect(fields.map(({ operation, field }) => `${operation} ${field.name}`).sort()).toEqual(Object.keys(MATRIX).sort());
  for (const { operation, field } of fields) {
    const key = `${operation} ${field.name}`;
    const passed: string[] = [];
    for (const [caller, token] of Object.entries(tokens)) {
      const { errors } = await askAs(hub, token, `${operation} { ${questionOf(field)} }`);
      const codes = errors.map(({ extensions }) => extensions.code);
      expect([key, caller, codes.includes('Internal')]).toEqual([key, caller, false]);
      if (!codes.includes('Forbidden')) passed.push(caller);
    }
    expect([key, passed]).toEqual([key, MATRIX[key]]);
  }
});
