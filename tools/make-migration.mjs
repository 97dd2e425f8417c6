// Rewrites the first migration from prisma/schema.prisma. Only while no installation depends on it: afterwards, a change of the schema is a migration
// of its own (`npx prisma migrate dev --create-only --name verb_noun`). SQL that the schema cannot say stands in migrations written by hand.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { startPostgres } from './lib/postgres.mjs';
import { inRoot, progress } from './lib/project.mjs';

const TARGET = 'prisma/migrations/20261122000000_init/migration.sql';

/** The script that makes an empty database into the schema. The engine wants a server to connect to, though it changes nothing there. */
async function scriptOfSchema() {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'wheelwright-migration-'));
  fs.chmodSync(folder, 0o755);
  const server = await startPostgres({ dataDir: path.join(folder, 'postgres'), durable: false, maxConnections: 20 });
  try {
    const argv = ['migrate', 'diff', '--from-empty', '--to-schema', 'prisma/schema.prisma', '--script'];
    const result = spawnSync(process.execPath, [inRoot('node_modules/prisma/build/index.js'), ...argv], {
      cwd: inRoot(),
      env: { ...process.env, DATABASE_URL: server.url() },
      encoding: 'utf8',
      timeout: 60_000,
    });
    if (result.status === 0 && result.stdout.includes('CREATE TABLE')) return result.stdout.trimStart();
    throw new Error(`prisma migrate diff failed: ${result.stderr}${result.stdout}`);
  } finally {
    await server.stop();
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

const script = await scriptOfSchema();
fs.mkdirSync(inRoot(TARGET, '..'), { recursive: true });
fs.writeFileSync(inRoot(TARGET), script);
progress(`wrote ${TARGET}`);
