// Schemas of the API description, made from the schemas that check the requests.
import { z } from 'zod';
import type { ApiResponseSchemaHost } from '@nestjs/swagger';

type SchemaObject = Extract<ApiResponseSchemaHost['schema'], { readonly type?: unknown }>;

/** The JSON schema of what a zod schema takes (`input`). */
export function inputSchema(schema: z.ZodType): SchemaObject {
  return jsonSchema(schema, 'input');
}

/** The JSON schema of what a zod schema gives. */
export function outputSchema(schema: z.ZodType): SchemaObject {
  return jsonSchema(schema, 'output');
}

function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): SchemaObject {
  const {
    $schema: _dialect,
    '~standard': _standard,
    ...rest
  } = z.toJSONSchema(schema, { io, target: 'openapi-3.0', unrepresentable: 'any' });
  return rest as SchemaObject;
}
