// A worker in this process, with a real database, queue, Git repository and spokes: what its specs stand on.
import 'reflect-metadata';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { Condition, OperationState } from '@wheelwright/status';
import { markDue } from '@wheelwright/status/adapters';
import { parseDocuments } from '@wheelwright/intent';
import type { ApplicationId, ClusterId } from '@wheelwright/kernel';
import { rejudgeKinds } from '@wheelwright/health/adapters';
import { recompareKinds } from '@wheelwright/plan/adapters';
import { Catalogue, GeneratorInputs } from '@wheelwright/intent/adapters';
import type { CatalogueObject } from '@wheelwright/intent';
import { loadWorkerConfig } from '@wheelwright/platform-config';
import { addressPolicy, SpokeClients } from '@wheelwright/platform-kube';
import { openQueue, openSignals, type QueuePort, type Signals } from '@wheelwright/platform-queue';
import type { Store } from '@wheelwright/platform-store';
import { createLogger, Metrics } from '@wheelwright/platform-telemetry';
import { ClusterStore, KeyRing, SpokeDirectory } from '@wheelwright/registry/adapters';
import { createTestStore, TestRepo, type TestStore } from '@wheelwright/testing';
import { WorkerModule } from '../worker.module.js';

/** Where a spoke is and how to talk to it. */
export interface TestSpoke {
  readonly name: string;
  readonly url: string;
  readonly token: string;
  readonly caData?: string;
}

export interface TestFleetOptions {
  /** Queue and signals on this Redis; absent: on Postgres. */
  readonly redisUrl?: string;
  readonly env?: Readonly<Record<string, string>>;
}

const FLUSH_COUNTS = 'SELECT pg_stat_force_next_flush(), pg_sleep(0.05)';
const KEY = `k1:${Buffer.from(Array.from({ length: 32 }, (_, at) => (at * 37 + 11) % 251)).toString('base64')}`;

/** One hub's worth of state, and any number of workers on it. */
export class TestFleet {
  private readonly apps: { readonly app: INestApplicationContext; readonly close: () => Promise<void> }[] = [];
  private readonly clients = new SpokeClients({ addressPolicy: addressPolicy(['127.0.0.0/8']) });

  private constructor(
    readonly database: TestStore,
    readonly repo: TestRepo,
    private readonly folder: string,
    private readonly options: TestFleetOptions,
  ) {}

  static async create(options: TestFleetOptions = {}): Promise<TestFleet> {
    const folder = await mkdtemp(path.join(tmpdir(), 'wheelwright-worker-'));
    return new TestFleet(await createTestStore(), await TestRepo.create(), folder, options);
  }

  get store(): Store {
    return this.database.store;
  }

  /** Starts a worker; many may run at once. */
  async startWorker(
    env: Readonly<Record<string, string>> = {},
  ): Promise<{ readonly queue: QueuePort; readonly stop: () => Promise<void> }> {
    const config = loadWorkerConfig({
      DATABASE_URL: this.database.url,
      ...(this.options.redisUrl === undefined ? {} : { REDIS_URL: this.options.redisUrl }),
      WHEELWRIGHT_ENCRYPTION_KEYS: KEY,
      WHEELWRIGHT_DATA_DIR: this.folder,
      WHEELWRIGHT_ALLOW_INSECURE_REPOS: 'true',
      WHEELWRIGHT_ALLOWED_NETWORKS: '127.0.0.0/8',
      WHEELWRIGHT_POLL_INTERVAL: '1s',
      WHEELWRIGHT_SWEEP_INTERVAL: '500ms',
      WHEELWRIGHT_PROBE_INTERVAL: '500ms',
      WHEELWRIGHT_RESYNC_INTERVAL: '2s',
      LOG_LEVEL: 'error',
      ...this.options.env,
      ...env,
    });
    const redisUrl = config.redisUrl?.reveal();
    const queue = await openQueue({ databaseUrl: this.database.url, ...(redisUrl === undefined ? {} : { redisUrl }) });
    const signals: Signals = await openSignals(this.store, redisUrl);
    const parts = {
      config,
      store: this.store,
      queue,
      signals,
      logger: createLogger('worker', config.logLevel),
      metrics: new Metrics('worker'),
      clock: { nowMs: () => Date.now() },
      holder: `test-${this.apps.length}`,
    };
    const app = await NestFactory.createApplicationContext(WorkerModule.register(parts), {
      logger: false,
      abortOnError: false,
    });
    let closing: Promise<void> | undefined;
    const stop = (): Promise<void> =>
      (closing ??= (async () => {
        await app.close();
        await signals.close();
        await queue.close();
      })());
    this.apps.push({ app, close: stop });
    return { queue, stop };
  }

  /** Registers a spoke with labels, as the hub does. */
  async register(spoke: TestSpoke, labels: Readonly<Record<string, string>> = {}): Promise<string> {
    const clusters = new ClusterStore(this.store, new KeyRing(loadKeys()));
    const directory = new SpokeDirectory(this.store, clusters, this.clients, { intervalMs: 500 });
    const { id } = await directory.register(
      {
        name: spoke.name,
        server: spoke.url,
        labels,
        annotations: {},
        project: '',
        namespaces: [],
        clusterResources: true,
        tls: { insecure: false, ...(spoke.caData === undefined ? {} : { caData: spoke.caData }) },
        credentials: { kind: 'bearerToken', token: spoke.token },
      },
      { verify: false },
    );
    return id;
  }

  /** Changes the credentials of a spoke, as the hub does. */
  async rotate(cluster: string, token: string): Promise<void> {
    const clusters = new ClusterStore(this.store, new KeyRing(loadKeys()));
    await clusters.patch(cluster, { credentials: { kind: 'bearerToken', token } });
  }

  /** Applies documents, as the hub does. */
  async apply(yaml: string): Promise<void> {
    const { objects, faults } = parseDocuments(yaml);
    if (faults.length > 0) throw new Error(JSON.stringify(faults));
    const declared: CatalogueObject[] = [];
    await this.store.tx(async (client) => {
      for (const object of objects) {
        if (object.kind === 'GeneratorInput') {
          const { rows } = await client.query<{ data: Readonly<Record<string, string>> }>(
            'SELECT data FROM generator_inputs WHERE name = $1',
            [object.input.metadata.name],
          );
          await new GeneratorInputs(new KeyRing(loadKeys())).apply(client, object.input);
          const settings = { before: rows[0]?.data ?? {}, after: object.input.data };
          await rejudgeKinds(client, settings);
          await recompareKinds(client, settings);
        } else if (object.kind !== 'ClusterSecret') declared.push(object);
      }
      await new Catalogue().applyObjects(client, declared, { dryRun: false });
    });
  }

  /** Asks for a sync, as a person does through the API. */
  async requestSync(name: string, options: Readonly<Record<string, unknown>> = {}): Promise<void> {
    await this.store.tx(async (client) => {
      const { rows } = await client.query<{ id: ApplicationId; cluster: ClusterId }>(
        `INSERT INTO application_operations (application_id, kind, options, requested_by)
         SELECT id, 'sync', $2, 'ada' FROM applications WHERE name = $1
         RETURNING application_id AS id, (SELECT cluster_id FROM applications WHERE name = $1) AS cluster`,
        [name, JSON.stringify(options)],
      );
      for (const { id, cluster } of rows) await markDue(client, cluster, [{ id, reason: 'sync asked for by ada' }]);
    });
  }

  /** The verdicts of all Applications, by name. */
  async verdicts(): Promise<Readonly<Record<string, string>>> {
    const { rows } = await this.store.pool.query<{ name: string; sync: string; health: string }>(
      `SELECT a.name, s.sync, s.health FROM applications a JOIN application_status s ON s.application_id = a.id ORDER BY a.name`,
    );
    return Object.fromEntries(rows.map(({ name, sync, health }) => [name, `${sync} ${health}`]));
  }

  /** The commit that an Application was last compared with. */
  async revisionOf(name: string): Promise<string> {
    const { rows } = await this.store.pool.query<{ revision: string }>(
      `SELECT s.revision FROM applications a JOIN application_status s ON s.application_id = a.id WHERE a.name = $1`,
      [name],
    );
    return rows[0]?.revision ?? '';
  }

  /** The last or running operation of an Application. */
  async operationOf(name: string): Promise<OperationState | undefined> {
    const { rows } = await this.store.pool.query<{ operation: OperationState | null }>(
      `SELECT d.operation FROM applications a JOIN application_details d ON d.application_id = a.id WHERE a.name = $1`,
      [name],
    );
    return rows[0]?.operation ?? undefined;
  }

  /** The types and messages of the conditions of an Application, `Type: message`. */
  async conditionsOf(name: string): Promise<readonly string[]> {
    const { rows } = await this.store.pool.query<{ conditions: readonly Condition[] }>(
      `SELECT d.conditions FROM applications a JOIN application_details d ON d.application_id = a.id WHERE a.name = $1`,
      [name],
    );
    return (rows[0]?.conditions ?? []).map(({ type, message }) => `${type}: ${message}`);
  }

  /** `Kind name` of every object in the inventory of an Application, on whatever spoke, sorted. */
  async inventoryOf(name: string): Promise<readonly string[]> {
    const { rows } = await this.store.pool.query<{ text: string }>(
      `SELECT r.kind || ' ' || r.name AS text FROM resources r JOIN applications a ON a.id = r.application_id WHERE a.name = $1 ORDER BY 1`,
      [name],
    );
    return rows.map(({ text }) => text);
  }

  /** Waits until a condition holds; fails with what is known of the Applications. */
  async until(what: string, holds: () => boolean | Promise<boolean>, deadlineMs = 20_000): Promise<void> {
    const endsAt = performance.now() + deadlineMs;
    while (performance.now() < endsAt) {
      if (await holds()) return;
      await delay(25);
    }
    const { rows } = await this.store.pool.query(
      `SELECT a.name, s.sync, s.health, s.phase, d.conditions, d.operation, u.reason, u.due_at FROM applications a JOIN application_status s ON s.application_id = a.id
       JOIN application_details d ON d.application_id = a.id LEFT JOIN application_due u ON u.application_id = a.id LIMIT 5`,
    );
    throw new Error(`not in time: ${what}\n${JSON.stringify(rows, null, 1)}`);
  }

  /** Waits until these Applications, and no others, are there and synced and healthy. */
  async converged(...names: readonly string[]): Promise<void> {
    const wanted = JSON.stringify(Object.fromEntries([...names].sort().map((name) => [name, 'Synced Healthy'])));
    await this.until(
      `${names.join(', ')} synced and healthy`,
      async () => JSON.stringify(await this.verdicts()) === wanted,
    );
  }

  /** Counters of the rows that were written so far to everything that must not move while nothing changes. */
  async rowsWritten(): Promise<unknown> {
    // Each connection keeps its own counts for up to ten seconds. All of them are busy at once here, so each is asked.
    const { pool } = this.store;
    const connections = Array.from({ length: pool.options.max }, () => pool.query(FLUSH_COUNTS));
    await Promise.all(connections);
    const { rows } = await this.store.pool.query(
      `SELECT relname, n_tup_ins, n_tup_upd, n_tup_del FROM pg_stat_user_tables
       WHERE relname IN ('applications', 'application_status', 'application_details', 'application_due', 'resources', 'cluster_kinds', 'renders') ORDER BY 1`,
    );
    return rows;
  }

  /** Waits until so many sweeps ended, one after another; the first may have begun before. */
  async swept(times: number): Promise<void> {
    const observedAt = async (): Promise<number> => {
      const { rows } = await this.store.pool.query<{ at: Date | null }>(
        'SELECT min(observed_at) AS at FROM cluster_status',
      );
      return rows[0]?.at?.getTime() ?? 0;
    };
    for (let time = 0; time < times; time += 1) {
      const before = await observedAt();
      await this.until('a sweep ended', async () => (await observedAt()) > before);
    }
  }

  /** Waits until two sweeps in a row wrote no row: whatever happened before has been dealt with. */
  async settled(): Promise<void> {
    let before: string;
    let after = JSON.stringify(await this.rowsWritten());
    do {
      before = after;
      await this.swept(2);
      after = JSON.stringify(await this.rowsWritten());
    } while (before !== after);
  }

  async close(): Promise<void> {
    for (const { close } of this.apps.reverse()) await close();
    await this.clients.close();
    await this.database.drop();
    await this.repo.remove();
    await rm(this.folder, { recursive: true, force: true });
  }
}

function loadKeys(): ConstructorParameters<typeof KeyRing>[0] {
  return loadWorkerConfig({
    DATABASE_URL: 'postgresql://none',
    WHEELWRIGHT_ENCRYPTION_KEYS: KEY,
  }).encryptionKeys.reveal();
}
