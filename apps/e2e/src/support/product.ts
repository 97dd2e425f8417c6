// The whole product, as it is deployed: a hub, workers and their stores as processes of their own, and spokes beside them.
import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTestDatabase, type TestDatabase } from '@wheelwright/testing';
import { startAllInOne, type AllInOne, type Child } from '../../../../tools/lib/all-in-one.mjs';
import type { Backend, StartedBackend } from './backends.js';
import { Hub } from './hub.js';
import { Spokes, type Spoke } from './spokes.js';

export interface ProductOptions {
  readonly backend: Backend;
  /** Default 1. */
  readonly workers?: number;
  readonly env?: Readonly<Record<string, string>>;
}

/** Short where a scenario waits for a schedule; as in production where an event must do the work (polls, expansions). */
const ENV = {
  PORT: '0',
  WHEELWRIGHT_ALLOW_INSECURE_REPOS: 'true',
  WHEELWRIGHT_ALLOWED_NETWORKS: '127.0.0.0/8,::1/128',
  WHEELWRIGHT_SWEEP_INTERVAL: '1s',
  WHEELWRIGHT_PROBE_INTERVAL: '1s',
  WHEELWRIGHT_SLICE: '2s',
  WHEELWRIGHT_LEASE: '3s',
  LOG_LEVEL: 'info',
};

interface Parts {
  readonly all: AllInOne;
  readonly hub: Hub;
  readonly spokes: Spokes;
  readonly database: TestDatabase;
  readonly backend: StartedBackend;
  readonly webhookSecret: string;
  readonly adminPassword: string;
  readonly folder: string;
}

/** A running product. `stop()` leaves nothing behind. */
export class Product {
  /** Why a process ended that should run; undefined where none did. */
  lost: string | undefined;

  private constructor(private readonly parts: Parts) {
    void parts.all.failed.then((reason) => (this.lost = reason));
  }

  static async start({ backend, workers = 1, env = {} }: ProductOptions): Promise<Product> {
    const folder = await mkdtemp(join(tmpdir(), 'wheelwright-e2e-'));
    const [webhookSecret, adminPassword] = [secret('webhook'), secret('password')];
    const [database, started, spokes] = await Promise.all([createTestDatabase(), backend.start(), Spokes.start()]);
    const all = await startAllInOne({
      env: {
        ...ENV,
        DATABASE_URL: database.url,
        REDIS_URL: started.redisUrl ?? '',
        WHEELWRIGHT_DATA_DIR: join(folder, 'data'),
        WHEELWRIGHT_WEBHOOK_SECRET: webhookSecret,
        WHEELWRIGHT_ADMIN_PASSWORD: adminPassword,
        ...env,
      },
      workers,
      logFolder: join(folder, 'logs'),
    });
    const hub = new Hub(all.url);
    await hub.login('admin', adminPassword);
    return new Product({ all, hub, spokes, database, backend: started, webhookSecret, adminPassword, folder });
  }

  get hub(): Hub {
    return this.parts.hub;
  }

  /** The hub's process. */
  get hubProcess(): Child {
    return this.parts.all.hub;
  }

  get workers(): readonly Child[] {
    return this.parts.all.workers;
  }

  get databaseUrl(): string {
    return this.parts.database.url;
  }

  /** Absent: the queue is on Postgres. */
  get redisUrl(): string | undefined {
    return this.parts.backend.redisUrl;
  }

  get webhookSecret(): string {
    return this.parts.webhookSecret;
  }

  get adminPassword(): string {
    return this.parts.adminPassword;
  }

  addWorker(): Child {
    return this.parts.all.addWorker();
  }

  async restartHub(): Promise<void> {
    await this.parts.all.restartHub();
  }

  /** A spoke that nobody has registered. */
  async spoke(name: string): Promise<Spoke> {
    return this.parts.spokes.add(name);
  }

  /** A spoke, registered over REST. */
  async register(name: string, labels: Readonly<Record<string, string>>): Promise<Spoke> {
    const spoke = await this.spoke(name);
    const { status, text } = await this.hub.rest('POST /api/v1/clusters', { body: spoke.registration(labels) });
    if (status !== 201) throw new Error(`the registration was refused: ${text}`);
    return spoke;
  }

  /** Everything that the processes have logged. */
  async logs(): Promise<string> {
    const folder = join(this.parts.folder, 'logs');
    const files = await readdir(folder);
    return (await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')))).join('\n');
  }

  async stop(): Promise<void> {
    const { all, spokes, backend, database, folder } = this.parts;
    await all.stop();
    await Promise.all([spokes.stop(), backend.stop()]);
    await database.drop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** A text that is found again wherever it leaks to. */
export function secret(what: string): string {
  return `canary-${what}-${randomBytes(12).toString('hex')}`;
}
