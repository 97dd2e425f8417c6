// The sync experiment: the whole product against one real API server. What does it ask of the server, and what does it cost, to create, to leave alone,
// to change and to prune?
import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { SyncFlags } from './flags.js';
import { HubClient } from './hub-client.js';
import { commitOfCheckout, loadNow, machineOf } from './machine.js';
import { round } from './percentiles.js';
import { cpuSecondsOf, isMeasurable } from './proc.js';
import { startProduct, type Product } from './product.js';
import { RealSpoke, requestsBetween } from './real-spoke.js';
import { Repository } from './repository.js';
import type { SyncPhase, SyncRecord } from './sync-record.js';
import { changedFiles, LARGE, largeFiles, lastFiles, syncFiles, syncName, syncSet } from './sync-workload.js';
import { BenchError, eventually, progress } from './waiting.js';

const LOOK_MS = 250;
const MINUTE_MS = 60_000;
/** What one object may take at the very most. */
const OBJECT_MS = 100;

interface Run {
  readonly flags: SyncFlags;
  readonly spoke: RealSpoke;
  readonly product: Product;
  readonly hub: HubClient;
  readonly repository: Repository;
  readonly secret: string;
}

/** Runs all phases and answers the record. Whatever was started is ended either way; the logs stay where a phase failed. */
export async function runSync(flags: SyncFlags, signal: AbortSignal): Promise<SyncRecord> {
  if (!isMeasurable())
    throw new BenchError('this experiment reads CPU and memory from /proc (Linux 4.14 or newer): run it there');
  const folder = await mkdtemp(path.join(os.tmpdir(), 'wheelwright-bench-'));
  // The embedded database runs as another user where this process is root: it must be able to pass.
  await chmod(folder, 0o711);
  const stops: (() => Promise<void>)[] = [];
  let isGood = false;
  try {
    const startedAt = new Date().toISOString();
    const loadBefore = loadNow();
    const run = await open({ flags, folder, signal }, stops);
    const phases = await runPhases(run);
    const versions = {
      node: process.versions.node,
      postgres: await run.product.database.version(),
      kubernetes: await run.spoke.version(),
      commit: await commitOfCheckout(),
    };
    isGood = true;
    return { schema: 1, experiment: 'sync', startedAt, flags, machine: machineOf(loadBefore), versions, phases };
  } catch (error) {
    progress(`logs: ${path.join(folder, 'logs')}`);
    throw error;
  } finally {
    for (const stop of stops.reverse())
      await stop().catch((error: unknown) => progress(`while stopping: ${String(error)}`));
    if (isGood) await rm(folder, { recursive: true, force: true });
  }
}

async function open(
  { flags, folder, signal }: { readonly flags: SyncFlags; readonly folder: string; readonly signal: AbortSignal },
  stops: (() => Promise<void>)[],
): Promise<Run> {
  progress('start a real API server');
  const spoke = await RealSpoke.start();
  stops.push(() => spoke.stop());
  const repository = await Repository.create(path.join(folder, 'fleet'), syncFiles(flags));
  const secret = randomBytes(24).toString('base64url');
  const product = await startProduct({
    env: {
      PORT: '0',
      WHEELWRIGHT_DATA_DIR: path.join(folder, 'data'),
      WHEELWRIGHT_ADMIN_PASSWORD: randomBytes(12).toString('base64url'),
      WHEELWRIGHT_ALLOW_INSECURE_REPOS: 'true',
      WHEELWRIGHT_ALLOWED_NETWORKS: '127.0.0.0/8',
      WHEELWRIGHT_WEBHOOK_SECRET: secret,
    },
    workers: 1,
    durable: true,
    logFolder: path.join(folder, 'logs'),
    signal,
  });
  stops.push(() => product.stop());
  const { adminPassword, url } = product.all;
  if (adminPassword === undefined) throw new BenchError('the administrator has a password that this run does not know');
  const hub = await HubClient.login(url, adminPassword);
  stops.push(() => hub.close());
  await hub.register(spoke.registration);
  return { flags, spoke, product, hub, repository, secret };
}

async function runPhases(run: Run): Promise<SyncRecord['phases']> {
  const { apps, objects, large } = run.flags;
  const names = Array.from({ length: apps }, (_, at) => syncName(at + 1));
  const create = await phase(run, { applications: apps, objects: apps * objects }, async () => {
    await run.hub.apply(syncSet(run.repository.url));
    await untilLive(run, apps);
  });
  await untilSwept(run);
  const unchanged = await phase(run, { applications: 0, objects: 0 }, () => untilSwept(run));
  const change = await phase(run, { applications: apps, objects: apps }, () =>
    untilCommitted(run, apps, () => run.repository.commit('Change', changedFiles(names, 'changed'))),
  );
  const prune = await phase(run, { applications: apps, objects: apps }, () =>
    untilCommitted(run, apps, () => run.repository.remove('Prune', lastFiles(names, objects))),
  );
  const createLarge = await phase(run, { applications: 1, objects: large }, () =>
    untilCommitted(run, apps + 1, () => run.repository.commit('Large', largeFiles(run.flags))),
  );
  const changeLarge = await phase(run, { applications: 1, objects: 1 }, () =>
    untilCommitted(run, apps + 1, () => run.repository.commit('Change', changedFiles([LARGE], 'changed'))),
  );
  return { create, unchanged, change, prune, createLarge, changeLarge };
}

async function phase(
  run: Run,
  size: Pick<SyncPhase, 'applications' | 'objects'>,
  work: () => Promise<void>,
): Promise<SyncPhase> {
  const [requests, cpu, startedMs] = [await run.spoke.requests(), cpuOf(run.product), performance.now()];
  await work();
  const wallSeconds = round((performance.now() - startedMs) / 1000, 2);
  const result = {
    ...size,
    wallSeconds,
    cpuSeconds: round(cpuOf(run.product) - cpu, 2),
    requests: requestsBetween(requests, await run.spoke.requests()),
  };
  process.stdout.write(`${JSON.stringify(result)}\n`);
  return result;
}

function cpuOf(product: Product): number {
  return Object.values(product.pids()).reduce((sum, pids) => sum + cpuSecondsOf(pids), 0);
}

/** Commits, tells the hub, and waits until the commit is what every Application was compared with. */
async function untilCommitted(run: Run, applications: number, make: () => Promise<string>): Promise<void> {
  const commit = await make();
  await run.hub.push(run.repository.url, commit, run.secret);
  await untilLive(run, applications, commit);
}

interface Page {
  readonly data: {
    readonly applications: {
      readonly nodes: readonly { readonly sync: { readonly revision: string } }[];
      readonly pageInfo: { readonly endCursor: string | null; readonly hasNextPage: boolean };
    };
  };
}

/** Waits until all are synced and healthy and no work waits; with a commit: those whose directory it touched were compared with it. */
async function untilLive({ flags, hub, product }: Run, applications: number, commit?: string): Promise<void> {
  const deadlineMs = 2 * MINUTE_MS + (flags.apps * flags.objects + flags.large) * OBJECT_MS;
  await eventually('everything is live', { deadlineMs, everyMs: LOOK_MS }, async () => {
    const { applications: counts } = await hub.fleet();
    const done = Math.min(counts.sync.synced, counts.health.healthy);
    if (counts.total !== applications || done !== applications || (await product.database.waiting()) > 0)
      return undefined;
    return commit === undefined || (await isCompared(hub, commit)) ? true : undefined;
  });
}

/** Whether some Application was compared with a commit: only those that it touches are. */
async function isCompared(hub: HubClient, commit: string): Promise<boolean> {
  for (let after: string | null = null; ;) {
    const cursor: string = after === null ? '' : `, after: "${after}"`;
    const text = await hub.query(
      `{ applications(first: 100${cursor}) { nodes { sync { revision } } pageInfo { endCursor hasNextPage } } }`,
    );
    const { nodes, pageInfo } = (JSON.parse(text) as Page).data.applications;
    if (nodes.some(({ sync }) => sync.revision === commit)) return true;
    if (!pageInfo.hasNextPage) return false;
    after = pageInfo.endCursor;
  }
}

/** Waits until the spoke was swept completely after this moment. */
async function untilSwept({ hub, product }: Run): Promise<void> {
  const since = Date.now();
  await eventually('the spoke is swept', { deadlineMs: 5 * MINUTE_MS, everyMs: 1_000 }, async () => {
    const { oldestObservation } = await hub.fleet();
    const isSwept = oldestObservation !== null && Date.parse(oldestObservation) > since;
    return isSwept && (await product.database.waiting()) === 0 ? true : undefined;
  });
}
