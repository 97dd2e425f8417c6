// Rewrites the first migration from prisma/schema.prisma. Only while no installation depends on it: afterwards, a change of the schema is a migration
// of its own (`npx prisma migrate dev --create-only --name verb_noun`). SQL that the schema cannot say stands in migrations written by hand.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { inRoot, progress } from './lib/project.mjs';

const TARGET = 'prisma/migrations/20261122000000_init/migration.sql';

const argv = ['migrate', 'diff', '--from-empty', '--to-schema', 'prisma/schema.prisma', '--script'];
const result = spawnSync(process.execPath, [inRoot('node_modules/prisma/build/index.js'), ...argv], {
  cwd: inRoot(),
  encoding: 'utf8',
});
if (result.status !== 0 || !result.stdout.includes('CREATE TABLE')) {
  throw new Error(`prisma migrate diff failed: ${result.stderr}${result.stdout}`);
}
fs.mkdirSync(inRoot(TARGET, '..'), { recursive: true });
fs.writeFileSync(inRoot(TARGET), result.stdout.trimStart());
progress(`wrote ${TARGET}`);
