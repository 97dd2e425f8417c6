// Writes a migration: what leads from the migrations that there are to prisma/schema.prisma. Usage: node tools/make-migration.mjs add_something
// SQL that the schema cannot say (triggers, storage settings, rows) is added to the file by hand afterwards.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { startPostgres } from './lib/postgres.mjs';
import { inRoot, progress } from './lib/project.mjs';

const FOLDER = 'prisma/migrations';

/** The script of the difference; undefined where there is none. The engine replays the migrations in a database of its own. */
async function scriptOfDifference() {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'wheelwright-migration-'));
  fs.chmodSync(folder, 0o755);
  const server = await startPostgres({ dataDir: path.join(folder, 'postgres'), durable: false, maxConnections: 20 });
  try {
    const argv = ['migrate', 'diff', '--from-migrations', FOLDER, '--to-schema', 'prisma/schema.prisma', '--script'];
    const result = spawnSync(process.execPath, [inRoot('node_modules/prisma/build/index.js'), ...argv], {
      cwd: inRoot(),
      env: { ...process.env, DATABASE_URL: server.url() },
      encoding: 'utf8',
      timeout: 60_000,
    });
    if (result.status !== 0) throw new Error(`prisma migrate diff failed: ${result.stderr}${result.stdout}`);
    return /^(?:CREATE|ALTER|DROP)/m.test(result.stdout) ? result.stdout.trimStart() : undefined;
  } finally {
    await server.stop();
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

const [name] = process.argv.slice(2);
if (name === undefined || !/^[a-z][a-z0-9_]*$/.test(name)) {
  throw new Error('Name the migration, in lower case: node tools/make-migration.mjs add_something');
}
const script = await scriptOfDifference();
if (script === undefined) {
  progress('the migrations lead to the schema already');
} else {
  const stamp = new Date().toISOString().replace(/\D/g, '').slice(0, 14);
  const target = `${FOLDER}/${stamp}_${name}/migration.sql`;
  fs.mkdirSync(inRoot(target, '..'), { recursive: true });
  fs.writeFileSync(inRoot(target), script);
  progress(`wrote ${target}`);
}
