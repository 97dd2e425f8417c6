// The migrations lead to the schema: a change of the one without the other fails here.
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { createTestDatabase, type TestDatabase } from '@wheelwright/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const ROOT = path.resolve(import.meta.dirname, '..');

describe('prisma, without a downloaded engine', () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());

  async function prisma(...argv: readonly string[]): Promise<string> {
    const cli = path.join(ROOT, 'node_modules/prisma/build/index.js');
    const env = { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', DATABASE_URL: database.url };
    const { stdout } = await promisify(execFile)(process.execPath, [cli, ...argv], { cwd: ROOT, env });
    return stdout;
  }

  it('finds the schema that the migrations lead to', async () => {
    const diff = ['--from-migrations', 'prisma/migrations', '--to-schema', 'prisma/schema.prisma'];
    expect(await prisma('migrate', 'diff', ...diff, '--exit-code')).toContain('No difference detected');
  });

  it('agrees with our own runner about what is applied', async () => {
    expect(await prisma('migrate', 'status')).toContain('Database schema is up to date');
  });
});
