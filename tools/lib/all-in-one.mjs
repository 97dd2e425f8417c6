// Everything in one place: embedded Postgres unless DATABASE_URL is set, migrations, first keys, one hub, workers.
// `npm start`, the demo, the end-to-end tests and the benchmark all start the product through this.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import { claimDataFolder, ensureEncryptionKeys, openDataFolder, recordRun, releaseDataFolder } from './data-folder.mjs';
import { freePort } from './ports.mjs';
import { startPostgres } from './postgres.mjs';
import { isAlive, stopPid, waitUntil } from './processes.mjs';
import { inRoot, step } from './project.mjs';

const READY_DEADLINE_MS = 60_000;
/** Children and then the database must be gone within ten seconds of a SIGTERM. */
const DRAIN_MS = 7_500;
const LAST_WORDS = 20;

/**
 * Starts everything and answers when the hub is ready. The workspace must be built.
 * @param {import('./all-in-one.d.mts').AllInOneOptions} options
 * @returns {Promise<import('./all-in-one.d.mts').AllInOne>}
 */
export async function startAllInOne(options = {}) {
  const run = new Run(options);
  const onAbort = () => run.fail('stopped while it started');
  options.signal?.addEventListener('abort', onAbort, { once: true });
  try {
    await run.start();
    if (options.signal?.aborted) throw new Error('stopped while it started');
    return run;
  } catch (error) {
    await run.stop();
    throw error;
  } finally {
    options.signal?.removeEventListener('abort', onAbort);
  }
}

class Run {
  #options;
  #env;
  #children = new Map();
  #stopping;
  #fail;

  constructor(options) {
    this.#options = options;
    const env = { ...process.env, ...options.env };
    this.dataDir = path.resolve(inRoot(), env.WHEELWRIGHT_DATA_DIR || '.wheelwright');
    this.#env = { ...env, NODE_ENV: env.NODE_ENV ?? 'production', WHEELWRIGHT_DATA_DIR: this.dataDir };
    this.adminPassword = env.WHEELWRIGHT_ADMIN_PASSWORD || undefined;
    this.generatedPassword = undefined;
    this.failed = new Promise((resolve) => (this.#fail = resolve));
  }

  fail(reason) {
    this.#fail(reason);
  }

  async start() {
    openDataFolder(this.dataDir);
    await claimDataFolder(this.dataDir);
    this.claimed = true;
    await this.#prepareDatabase();
    await step('migrate the database', async () => {
      const { migrate } = await import('../../libs/platform/store/dist/index.js');
      await migrate(this.databaseUrl);
    });
    this.#env.DATABASE_URL = this.databaseUrl;
    this.#env.WHEELWRIGHT_ENCRYPTION_KEYS ||= ensureEncryptionKeys(this.dataDir);
    await this.#prepareAdministrator();
    const port = Number(this.#env.PORT || 8080) || (await freePort());
    this.url = `http://127.0.0.1:${port}`;
    this.#env.PORT = String(port);
    await step('start the hub', () => this.#startHub());
    await step('start the workers', () => {
      for (let at = 0; at < (this.#options.workers ?? 1); at += 1) this.addWorker();
    });
  }

  get workers() {
    return [...this.#children.values()].filter(({ name }) => name === 'worker');
  }

  addWorker(env = {}) {
    return this.#spawn('worker', env);
  }

  async restartHub() {
    await this.hub.stop();
    await this.#startHub();
  }

  async #startHub() {
    this.hub = this.#spawn('hub', { WHEELWRIGHT_ADMIN_PASSWORD: this.adminPassword ?? '' });
    await this.#waitUntilReady();
  }

  stop() {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop() {
    const running = [...this.#children.keys()];
    await Promise.all(running.map((pid) => stopPid(pid, ['SIGTERM', 'SIGKILL'], DRAIN_MS)));
    await this.postgres?.stop();
    if (this.claimed) releaseDataFolder(this.dataDir);
  }

  async #prepareDatabase() {
    if (this.#env.DATABASE_URL) {
      this.databaseUrl = this.#env.DATABASE_URL;
      return;
    }
    await step('start the embedded Postgres', async () => {
      const dataDir = path.join(this.dataDir, 'postgres');
      this.postgres = await startPostgres({ dataDir, durable: this.#options.durable ?? true, maxConnections: 200 });
      this.databaseUrl = this.postgres.url();
    });
    void this.postgres.exited.then(() => this.#lost('the embedded Postgres ended'));
  }

  /** Makes a password where there is no administrator yet and none was given: the caller shows it once. */
  async #prepareAdministrator() {
    if (this.adminPassword !== undefined) return;
    const client = new pg.Client({ connectionString: this.databaseUrl });
    await client.connect();
    try {
      const { rowCount } = await client.query(`SELECT 1 FROM users WHERE username = 'admin'`);
      if (rowCount === 0) this.generatedPassword = this.adminPassword = randomBytes(15).toString('base64url');
    } finally {
      await client.end();
    }
  }

  #spawn(name, env) {
    const file = inRoot('dist', 'apps', name, 'main.js');
    if (!fs.existsSync(file)) throw new Error(`${file} is missing: run \`npm run build\``);
    const log = this.#openLog(name);
    // Its own process group: Ctrl-C reaches only this script, which then stops things in order.
    const child = spawn(process.execPath, ['--enable-source-maps', file], {
      cwd: inRoot(),
      env: { ...this.#env, ...env },
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const lines = [];
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        log.write(chunk);
        lines.push(...chunk.toString('utf8').trimEnd().split('\n'));
        lines.splice(0, Math.max(0, lines.length - LAST_WORDS));
      });
    }
    const entry = {
      name,
      pid: child.pid,
      process: child,
      stop: (signals = ['SIGTERM', 'SIGKILL']) => this.#stopOne(child.pid, signals),
    };
    child.once('error', (error) => this.#lost(`the ${name} cannot be started: ${error.message}`));
    child.once('exit', (code, signal) => {
      const expected = !this.#children.delete(child.pid);
      this.#record();
      if (!expected) this.#lost(`the ${name} ended (${signal ?? `code ${code}`}): ${lines.join('\n')}`);
    });
    this.#children.set(child.pid, entry);
    this.#record();
    return entry;
  }

  /** Ends one child on purpose; the rest goes on. */
  async #stopOne(pid, signals) {
    this.#children.delete(pid);
    await stopPid(pid, signals, DRAIN_MS);
  }

  #openLog(name) {
    const folder = this.#options.logFolder;
    if (folder === undefined) return process.stderr;
    fs.mkdirSync(folder, { recursive: true });
    return fs.createWriteStream(path.join(folder, `${name}.log`), { flags: 'a' });
  }

  #record() {
    if (this.#stopping !== undefined) return;
    recordRun(this.dataDir, { children: [...this.#children.keys()], databaseUrl: this.databaseUrl });
  }

  #lost(reason) {
    if (this.#stopping === undefined) this.#fail(reason);
  }

  async #waitUntilReady() {
    let failure;
    void this.failed.then((reason) => (failure = reason));
    const isReady = async () => {
      if (failure !== undefined) return true;
      const answer = await fetch(`${this.url}/readyz`, { signal: AbortSignal.timeout(2_000) }).catch(() => undefined);
      return answer?.status === 200;
    };
    const ready = await waitUntil(isReady, READY_DEADLINE_MS);
    if (failure !== undefined) throw new Error(failure);
    if (!ready || !isAlive(this.hub.pid)) throw new Error(`the hub was not ready within ${READY_DEADLINE_MS / 1000} s`);
  }
}
