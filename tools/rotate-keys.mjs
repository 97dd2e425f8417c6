// npm run rotate-keys: wraps every sealed record again with the first key of WHEELWRIGHT_ENCRYPTION_KEYS. The hub and the workers may go on running.
import path from 'node:path';
import { currentRun, ensureEncryptionKeys } from './lib/data-folder.mjs';
import { inRoot, progress } from './lib/project.mjs';
import { setup } from './lib/setup.mjs';

await setup();
const dataDir = path.resolve(inRoot(), process.env.WHEELWRIGHT_DATA_DIR || '.wheelwright');
const url = process.env.DATABASE_URL || currentRun(dataDir)?.databaseUrl;
if (url === undefined) throw new Error('no database: set DATABASE_URL, or run this while `npm start` runs');

const { loadWorkerConfig } = await import('../libs/platform/config/dist/index.js');
const { openStore } = await import('../libs/platform/store/dist/index.js');
const { KeyRing, rotateKeys } = await import('../libs/registry/dist/adapters/index.js');

const config = loadWorkerConfig({
  ...process.env,
  DATABASE_URL: url,
  WHEELWRIGHT_ENCRYPTION_KEYS: process.env.WHEELWRIGHT_ENCRYPTION_KEYS || ensureEncryptionKeys(dataDir),
});
const store = await openStore({ url, maxConnections: 2, applicationName: 'wheelwright-rotate-keys' });
try {
  const answer = await rotateKeys(store, new KeyRing(config.encryptionKeys.reveal()));
  progress(`rotated to key ${config.encryptionKeys.reveal()[0].id}: ${JSON.stringify(answer)}`);
} finally {
  await store.close();
}
