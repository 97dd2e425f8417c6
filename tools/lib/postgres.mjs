// Starts and stops a private Postgres server: for `npm start` where DATABASE_URL is not set, and for the tests.
import { spawn, spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import { freePort } from './ports.mjs';
import { isRoot, NOBODY, postgresBinaries, publicFolder, reachableByOthers } from './postgres-binaries.mjs';
import { isAlive, stopPid, waitUntil } from './processes.mjs';

const USER = 'wheelwright';
const START_DEADLINE_MS = 60_000;
const STOP_DEADLINE_MS = 5_000;
const PORT_ATTEMPTS = 5;

/** Settings for a server whose data nobody will miss: a crash may lose everything. */
const THROWAWAY = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  wal_level: 'minimal',
  max_wal_senders: '0',
  autovacuum_naptime: '10s',
};

/**
 * Starts a server on its own free port of 127.0.0.1, creating its data folder at first use.
 * @param {{ dataDir: string, durable: boolean, maxConnections: number }} options
 *   `durable: false` switches fsync off (tests only).
 * @returns {Promise<import('./postgres.d.mts').PostgresServer>}
 */
export async function startPostgres({ dataDir, durable, maxConnections }) {
  const binaries = postgresBinaries();
  const folder = placeFor(dataDir);
  const password = readPassword(folder);
  if (!fs.existsSync(path.join(folder, 'PG_VERSION'))) initialise(binaries.initdb, folder, password);
  await stopOrphan(folder);
  const settings = {
    listen_addresses: '127.0.0.1',
    // No Unix sockets: their path would be limited to 107 bytes.
    unix_socket_directories: '',
    max_connections: String(maxConnections),
    ...(durable ? {} : THROWAWAY),
  };
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort();
    try {
      const child = await launch(binaries.postgres, folder, { ...settings, port: String(port) });
      const server = describe({ child, port, password, folder });
      await ensureDatabase(server.url('postgres'), USER);
      return server;
    } catch (error) {
      // Between asking for a free port and binding it, somebody else may take it.
      if (attempt >= PORT_ATTEMPTS || !/Address already in use/.test(String(error.message))) throw error;
    }
  }
}

/** The data folder as asked for; as root under a private home it moves to a place that `nobody` can enter. */
function placeFor(dataDir) {
  const wanted = path.resolve(dataDir);
  fs.mkdirSync(path.dirname(wanted), { recursive: true });
  if (!isRoot || reachableByOthers(path.dirname(wanted))) return wanted;
  const name = createHash('sha256').update(wanted).digest('hex').slice(0, 16);
  return path.join(publicFolder(`wheelwright-data-${name}`), 'postgres');
}

/** The server's password, kept beside the data folder, readable by its owner only. */
function readPassword(folder) {
  const file = `${folder}.password`;
  if (fs.existsSync(file)) return fs.readFileSync(file, 'utf8');
  const password = randomBytes(24).toString('base64url');
  fs.writeFileSync(file, password, { mode: 0o600 });
  return password;
}

function initialise(initdb, folder, password) {
  // A run that died half-way leaves a folder that initdb refuses; without PG_VERSION it holds no data.
  fs.rmSync(folder, { recursive: true, force: true });
  fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
  const passwordFile = `${folder}.initial`;
  fs.writeFileSync(passwordFile, password, { mode: 0o600 });
  if (isRoot) {
    for (const file of [folder, passwordFile]) fs.chownSync(file, NOBODY.uid, NOBODY.gid);
  }
  try {
    const argv = ['-D', folder, '-U', USER, '--pwfile', passwordFile, '--auth=scram-sha-256'];
    const result = spawnSync(initdb, [...argv, '--encoding=UTF8', '--locale=C', '--no-sync', '--no-instructions'], {
      ...identity(),
      encoding: 'utf8',
    });
    if (result.status !== 0) {
      throw new Error(`initdb failed in ${folder}: ${result.error?.message ?? result.stderr}`, { cause: result.error });
    }
  } finally {
    fs.rmSync(passwordFile, { force: true });
  }
}

/** Who runs the server, and from where: `nobody` cannot stay in root's current folder. */
function identity() {
  return { cwd: '/', env: { LC_ALL: 'C', TZ: 'UTC', PATH: process.env.PATH ?? '' }, ...(isRoot ? NOBODY : {}) };
}

/** A server left behind by a script that was killed is stopped first. The caller holds the data folder's lock. */
async function stopOrphan(folder) {
  const pidFile = path.join(folder, 'postmaster.pid');
  if (!fs.existsSync(pidFile)) return;
  const [pidLine, dataLine] = fs.readFileSync(pidFile, 'utf8').split('\n');
  const pid = Number(pidLine);
  if (dataLine === folder && isAlive(pid) && runsPostgres(pid))
    await stopPid(pid, ['SIGINT', 'SIGQUIT'], STOP_DEADLINE_MS);
  // The pid may be another program's by now, and Postgres would then refuse to start.
  if (!isAlive(pid) || !runsPostgres(pid)) fs.rmSync(pidFile, { force: true });
}

function runsPostgres(pid) {
  try {
    return fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('postgres');
  } catch {
    // No /proc on this system: Postgres itself decides whether its lock file is stale.
    return process.platform !== 'linux';
  }
}

/** Spawns the server and answers when it takes connections; throws with its last lines where it does not. */
async function launch(postgres, folder, settings) {
  const argv = ['-D', folder, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])];
  // Its own process group: Ctrl-C in the terminal must not stop the database before its clients.
  const child = spawn(postgres, argv, { ...identity(), detached: true, stdio: ['ignore', 'ignore', 'pipe'] });
  const lines = [];
  let failure;
  child.once('error', (error) => (failure = error));
  child.stderr.setEncoding('utf8').on('data', (chunk) => {
    lines.push(...chunk.trimEnd().split('\n'));
    lines.splice(0, Math.max(0, lines.length - 50));
  });
  const ready = () => lines.some((line) => line.includes('ready to accept connections'));
  const ended = () => failure !== undefined || child.exitCode !== null || child.signalCode !== null;
  await waitUntil(() => ready() || ended(), START_DEADLINE_MS);
  if (ready() && !ended()) return child;
  child.kill('SIGQUIT');
  throw new Error(`Postgres did not start in ${folder}: ${failure?.message ?? lines.join('\n')}`);
}

function describe({ child, port, password, folder }) {
  let stopping;
  return {
    port,
    pid: child.pid,
    folder,
    url: (database = USER) => `postgresql://${USER}:${password}@127.0.0.1:${port}/${database}`,
    exited: new Promise((resolve) => child.once('exit', resolve)),
    stop: () => (stopping ??= stopPid(child.pid, ['SIGINT', 'SIGQUIT', 'SIGKILL'], STOP_DEADLINE_MS)),
  };
}

async function ensureDatabase(adminUrl, name) {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  try {
    const found = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [name]);
    if (found.rowCount === 0) await client.query(`CREATE DATABASE ${pg.escapeIdentifier(name)}`);
  } finally {
    await client.end();
  }
}
