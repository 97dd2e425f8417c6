// Vitest's global setup: one private Postgres per run, started when the first test asks for it and stopped at the end.
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { startPostgres } from './postgres.mjs';
import { isAlive, stopPid } from './processes.mjs';

const PREFIX = 'wheelwright-test-';
const MAX_CONNECTIONS = 300;

/** Answers its teardown. Tests reach the server through `createTestDatabase` of @wheelwright/testing. */
export default async function setup({ provide }) {
  let starting;
  const start = () => (starting ??= startServer());
  const token = randomBytes(16).toString('hex');
  const broker = http.createServer((request, response) => {
    if (request.url !== `/${token}`) {
      response.writeHead(404).end();
      return;
    }
    start().then(
      ({ server }) => response.end(server.url('postgres')),
      (error) => response.writeHead(500).end(String(error.message)),
    );
  });
  await new Promise((resolve) => broker.listen(0, '127.0.0.1', resolve));
  provide('postgresBroker', process.env.DATABASE_URL ? '' : `http://127.0.0.1:${broker.address().port}/${token}`);
  return async () => {
    broker.closeAllConnections();
    broker.close();
    const started = await starting?.catch(() => undefined);
    if (started === undefined) return;
    await started.server.stop();
    fs.rmSync(started.folder, { recursive: true, force: true });
  };
}

async function startServer() {
  await sweep();
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), `${PREFIX}${process.pid}-`));
  // The server may run as another user; its own folder inside stays private.
  fs.chmodSync(folder, 0o711);
  const dataDir = path.join(folder, 'postgres');
  const server = await startPostgres({ dataDir, durable: false, maxConnections: MAX_CONNECTIONS });
  return { server, folder };
}

/** Removes what runs left behind that were killed: the folder's name says whose it was. */
async function sweep() {
  for (const name of fs.readdirSync(os.tmpdir())) {
    const owner = Number(/^wheelwright-test-(\d+)-/.exec(name)?.[1]);
    if (Number.isNaN(owner) || isAlive(owner)) continue;
    const folder = path.join(os.tmpdir(), name);
    try {
      const [pid, dataDir] = fs.readFileSync(path.join(folder, 'postgres', 'postmaster.pid'), 'utf8').split('\n');
      if (dataDir === path.join(folder, 'postgres')) await stopPid(Number(pid), ['SIGQUIT', 'SIGKILL'], 2_000);
    } catch (error) {
      if (error.code !== 'ENOENT') continue;
    }
    fs.rmSync(folder, { recursive: true, force: true });
  }
}
