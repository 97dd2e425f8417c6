// Where the Prisma CLI finds the schema, the migrations, and a schema engine that needs no download.
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'prisma/config';

if (process.platform !== 'win32') {
  process.env['PRISMA_SCHEMA_ENGINE_BINARY'] ??= fileURLToPath(new URL('./tools/schema-engine.mjs', import.meta.url));
}

export default defineConfig({
  schema: 'prisma/schema.prisma',
  migrations: { path: 'prisma/migrations' },
  datasource: { url: process.env['DATABASE_URL'] ?? 'postgresql://none@127.0.0.1:1/none' },
});
