import { readFile, writeFile } from 'node:fs/promises';
import { GraphQLSchemaHost } from '@nestjs/graphql';
import { lexicographicSortSchema, printSchema } from 'graphql';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startGraphqlHub, type GraphqlHub } from '../testing/graphql-hub.js';

const COMMITTED = new URL('../../schema.graphql', import.meta.url);
const HEADER =
  '# Made from the code: `UPDATE_GOLDEN=1 npx vitest run apps/hub/src/graphql/schema.spec.ts` rewrites it.\n\n';

let hub: GraphqlHub;

beforeAll(async () => {
  hub = await startGraphqlHub();
});

afterAll(() => hub.stop());

it('is the schema that is committed', async () => {
  const schema = hub.app.get(GraphQLSchemaHost, { strict: false }).schema;
  const text = `${HEADER}${printSchema(lexicographicSortSchema(schema))}\n`;
  if (process.env['UPDATE_GOLDEN'] === '1') await writeFile(COMMITTED, text);
  expect(text).toBe(await readFile(COMMITTED, 'utf8'));
});

it('has no field that could hold a credential', () => {
  const schema = hub.app.get(GraphQLSchemaHost, { strict: false }).schema;
  expect(printSchema(schema)).not.toMatch(
    /\b(password|secret|token|credential|bearer|keyData|certData|caData|annotations)\w*\b *[(:]/i,
  );
});
