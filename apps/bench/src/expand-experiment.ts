// The expand experiment: the real expander and catalogue on a real Postgres, in this process. No hub, no spoke and no queue run.
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { SetExpander } from '@wheelwright/expand/adapters';
import type { ApplicationSet } from '@wheelwright/intent';
import { Catalogue } from '@wheelwright/intent/adapters';
import { ApplicationSetId } from '@wheelwright/kernel';
import type { Store } from '@wheelwright/platform-store';
import { deniedApplications } from '@wheelwright/policy/adapters';
import { ClusterStore, KeyRing } from '@wheelwright/registry/adapters';
// eslint-disable-next-line @nx/enforce-module-boundaries -- a type only: the scripts under tools/ are no project that could be imported by name
import type { PostgresOptions, PostgresServer } from '../../../tools/lib/postgres.mjs';
import { between, ExpandDatabase } from './expand-database.js';
import type { ExpandPhase, ExpandRecord } from './expand-record.js';
import { benchClusters, groupSets, groupsOf, matrixSet, shardSets } from './expand-workload.js';
import type { ExpandFlags } from './flags.js';
import { commitOfCheckout, loadNow, machineOf } from './machine.js';
import { round } from './percentiles.js';
import { cpuSecondsOf } from './proc.js';
import { inRoot } from './product.js';
import { BenchError, progress } from './waiting.js';

/** Sets that are expanded at once: as many as a worker takes. */
const PARALLEL = 2;
const CONNECTIONS = 10;

/** Runs all phases and answers the record. Whatever was started is ended either way. */
export async function runExpand(flags: ExpandFlags): Promise<ExpandRecord> {
  const startedAt = new Date().toISOString();
  const loadBefore = loadNow();
  const folder = await mkdtemp(path.join(os.tmpdir(), 'wheelwright-bench-'));
  // The embedded database runs as another user where this process is root: it must be able to pass.
  await chmod(folder, 0o711);
  const server = await startServer(folder);
  const open: ExpandDatabase[] = [];
  const create = async (name: string): Promise<ExpandDatabase> => {
    const database = await ExpandDatabase.create((other) => server.url(other), name);
    open.push(database);
    return database;
  };
  try {
    const subject = { flags, server };
    const labels = await create('labels');
    const labelChange = await measureLabelChange(subject, labels);
    const oneSet = await create('one_set');
    const phases = {
      labelChange,
      oneSet: await measureCold(subject, oneSet, [matrixSet(flags, 'flat')]),
      unchanged: await measure(subject, oneSet, { connections: CONNECTIONS, work: expandAll }),
      oneGoSet: await measureCold(subject, await create('one_go_set'), [matrixSet(flags, 'go')]),
      manySets: await measureCold(subject, await create('many_sets'), shardSets(flags)),
    };
    const versions = {
      node: process.versions.node,
      postgres: await labels.version(),
      commit: await commitOfCheckout(),
    };
    return { schema: 1, experiment: 'expand', startedAt, flags, machine: machineOf(loadBefore), versions, phases };
  } finally {
    for (const database of open) await database.close().catch(() => undefined);
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

interface Subject {
  readonly flags: ExpandFlags;
  readonly server: PostgresServer;
}

async function startServer(folder: string): Promise<PostgresServer> {
  // Plain JavaScript outside of this project: known by its declaration, loaded from the checkout.
  const tool = (await import(pathToFileURL(inRoot('tools/lib/postgres.mjs')).href)) as {
    readonly startPostgres: (options: PostgresOptions) => Promise<PostgresServer>;
  };
  return tool.startPostgres({ dataDir: path.join(folder, 'postgres'), durable: true, maxConnections: 50 });
}

/** Everything is declared and expanded; then one label moves one spoke from one group to another. One connection, so that all is counted in order. */
async function measureLabelChange(subject: Subject, database: ExpandDatabase): Promise<ExpandPhase> {
  const { flags } = subject;
  progress(`phase labelChange: ${String(flags.sets)} sets, ${String(flags.clusters)} spokes`);
  await prepare(subject, database, groupSets(flags));
  await database.using(CONNECTIONS, (store) => expandAll(store));
  await database.using(1, (store) => settle(store));
  await database.analyse();
  const [first] = benchClusters(flags);
  if (first === undefined) throw new BenchError('there is no spoke');
  const group = (Number(first.labels['group']?.replace('group-', '')) + 1) % groupsOf(flags);
  return measure(subject, database, {
    connections: 1,
    work: async (store) => {
      const ring = new KeyRing([{ id: 'bench', bytes: new Uint8Array(32) }]);
      await new ClusterStore(store, ring).patch(first.name, { labels: { group: `group-${String(group)}` } });
      return expandWoken(store);
    },
  });
}

async function measureCold(
  subject: Subject,
  database: ExpandDatabase,
  sets: readonly ApplicationSet[],
): Promise<ExpandPhase> {
  progress(`phase cold: ${String(sets.length)} sets`);
  await prepare(subject, database, sets);
  await database.analyse();
  return measure(subject, database, { connections: CONNECTIONS, work: expandAll });
}

/** Declares the spokes and the sets. */
async function prepare({ flags }: Subject, database: ExpandDatabase, sets: readonly ApplicationSet[]): Promise<void> {
  await database.using(1, async (store) => {
    await store.pool.query(
      `WITH added AS (
         INSERT INTO clusters (name, server, labels) SELECT name, server, labels
         FROM jsonb_to_recordset($1::jsonb) AS c (name text, server text, labels jsonb) RETURNING id
       ) INSERT INTO cluster_status (cluster_id, state) SELECT id, 'Connected' FROM added`,
      [JSON.stringify(benchClusters(flags))],
    );
    const objects = sets.map((object) => ({ kind: 'ApplicationSet' as const, object }));
    await store.tx((client) => new Catalogue().applyObjects(client, objects, { dryRun: false }));
  });
}

/** For some minutes after a change, removals wait for sets that changed: let these be over, and nothing wait in the outbox. */
async function settle(store: Store): Promise<void> {
  await store.pool.query(`UPDATE application_sets SET updated_at = now() - interval '1 hour'`);
  await store.pool.query('DELETE FROM outbox');
}

interface Measured {
  readonly connections: number;
  /** Answers how many sets were expanded. */
  readonly work: (store: Store) => Promise<number>;
}

async function measure({ server }: Subject, database: ExpandDatabase, what: Measured): Promise<ExpandPhase> {
  const before = await database.totals();
  const done = await database.using(what.connections, async (store) => {
    const [own, postgres] = [process.cpuUsage(), cpuSecondsOf([server.pid])];
    const startedMs = performance.now();
    const setsExpanded = await what.work(store);
    const wallSeconds = (performance.now() - startedMs) / 1_000;
    const used = process.cpuUsage(own);
    const cpuSeconds = {
      expander: round((used.user + used.system) / 1e6, 2),
      postgres: round(cpuSecondsOf([server.pid]) - postgres, 2),
    };
    return { setsExpanded, wallSeconds: round(wallSeconds, 3), cpuSeconds };
  });
  const { tables, walBytes } = between(before, await database.totals());
  const { statements } = done;
  return { ...done.value, applications: await database.applications(), statements, walBytes, tables };
}

/** Expands what the outbox names, as a worker would. */
async function expandWoken(store: Store): Promise<number> {
  const { rows } = await store.pool.query<{ key: string }>(`DELETE FROM outbox WHERE queue = 'expand' RETURNING key`);
  return expandSets(store, [...new Set(rows.map(({ key }) => key))]);
}

async function expandAll(store: Store): Promise<number> {
  const { rows } = await store.pool.query<{ id: string }>('SELECT id FROM application_sets ORDER BY name');
  return expandSets(
    store,
    rows.map(({ id }) => id),
  );
}

async function expandSets(store: Store, ids: readonly string[]): Promise<number> {
  const expander = expanderOn(store);
  let next = 0;
  const work = async (): Promise<void> => {
    for (let id = ids[next++]; id !== undefined; id = ids[next++]) {
      const outcome = await expander.expandSet(ApplicationSetId(id));
      if (outcome.kind !== 'done')
        throw new BenchError(
          `a set came to ${outcome.kind}: ${'error' in outcome ? outcome.error.message : outcome.why}`,
        );
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, work));
  return ids.length;
}

function expanderOn(store: Store): SetExpander {
  const nobody = (): Promise<never> => Promise.reject(new BenchError('nobody is asked here'));
  return new SetExpander({
    store,
    catalogue: new Catalogue(),
    revisions: { tree: nobody, files: nobody },
    askers: { repositories: nobody, pullRequests: nobody, plugin: nobody, decisions: nobody },
    admission: { check: deniedApplications },
    clock: { nowMs: () => Date.now() },
  });
}
