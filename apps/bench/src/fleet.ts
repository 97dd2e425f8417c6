// The fleet experiment: start everything, run the phases, write the record, end everything.
import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseDurationMs } from '@wheelwright/kernel';
import type { Bench } from './bench.js';
import type { FleetFlags } from './flags.js';
import { HubClient } from './hub-client.js';
import { commitOfCheckout, loadNow, machineOf } from './machine.js';
import {
  atTheEnd,
  commitToLive,
  costLine,
  driftToRepair,
  firstConvergence,
  idleSweep,
  queries,
  untilSwept,
} from './phases.js';
import { isMeasurable } from './proc.js';
import { inRoot, startProduct, type Product } from './product.js';
import type { FleetRecord, Phases } from './record.js';
import { PROFILE_VARIABLE } from './profile-variable.js';
import { Repository } from './repository.js';
import { Spokes } from './spokes.js';
import { BenchError, progress } from './waiting.js';
import { repositoryFiles, workloadDigest } from './workload.js';

/** How a run ends besides its record: where its logs are as long as they are kept, and what stops it early. */
export interface FleetOptions {
  readonly flags: FleetFlags;
  /** Folder for CPU profiles of the hub and the workers; undefined for none, as figures with profiles are no figures. */
  readonly profile: string | undefined;
  readonly signal: AbortSignal;
}

/**
 * Runs it all and answers the record. Throws where a phase fails or misses its deadline; the logs of the product then stay, and the message says
 * where. Whatever was started is ended either way.
 */
export async function runFleet(options: FleetOptions): Promise<FleetRecord> {
  if (!isMeasurable())
    throw new BenchError('this experiment reads CPU and memory from /proc (Linux 4.14 or newer): run it there');
  const folder = await mkdtemp(path.join(os.tmpdir(), 'wheelwright-bench-'));
  // The embedded database runs as another user where this process is root: it must be able to pass.
  await chmod(folder, 0o711);
  const stops: (() => Promise<void>)[] = [];
  let isGood = false;
  try {
    const record = await measured(options, folder, stops);
    isGood = true;
    return record;
  } catch (error) {
    progress(`logs: ${path.join(folder, 'logs')}`);
    throw error;
  } finally {
    for (const stop of stops.reverse())
      await stop().catch((error: unknown) => progress(`while stopping: ${String(error)}`));
    if (isGood) await rm(folder, { recursive: true, force: true });
  }
}

async function measured(options: FleetOptions, folder: string, stops: (() => Promise<void>)[]): Promise<FleetRecord> {
  const { flags, signal } = options;
  const startedAt = new Date().toISOString();
  const loadBefore = loadNow();
  const bench = await open(options, folder, stops);
  const interrupted = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(new BenchError('interrupted')), { once: true });
    void bench.product.all.failed.then((reason) => reject(new BenchError(reason)));
  });
  const phases = await Promise.race([runPhases(bench), interrupted]);
  const { database, redis } = bench.product;
  return {
    schema: 1,
    experiment: 'fleet',
    startedAt,
    flags,
    machine: machineOf(loadBefore),
    versions: {
      node: process.versions.node,
      postgres: await database.version(),
      ...(redis === undefined ? {} : { redis: redis.version }),
      commit: await commitOfCheckout(),
    },
    settings: {
      ...settingsOf(flags),
      queue: redis === undefined ? 'postgres' : 'redis',
      workload: workloadDigest(repositoryFiles(flags)),
    },
    phases,
    violations: bench.violations,
  };
}

/** What is set over the product's defaults. */
function settingsOf({ sweep }: FleetFlags): Record<string, string> {
  return {
    WHEELWRIGHT_SWEEP_INTERVAL: sweep,
    WHEELWRIGHT_ALLOW_INSECURE_REPOS: 'true',
    WHEELWRIGHT_ALLOWED_NETWORKS: '127.0.0.0/8',
  };
}

async function open(
  { flags, profile, signal }: FleetOptions,
  folder: string,
  stops: (() => Promise<void>)[],
): Promise<Bench> {
  progress(`start ${String(flags.clusters)} simulated spokes`);
  const spokes = await Spokes.start(flags.clusters, inRoot('libs/spoke-sim/dist/main.js'));
  stops.push(() => spokes.stop());
  const repository = await Repository.create(path.join(folder, 'fleet'), repositoryFiles(flags));
  const webhookSecret = randomBytes(24).toString('base64url');
  const product = await startProduct({
    env: { ...environment(flags, folder, profile), WHEELWRIGHT_WEBHOOK_SECRET: webhookSecret },
    workers: flags.workers,
    durable: true,
    logFolder: path.join(folder, 'logs'),
    signal,
  });
  stops.push(() => product.stop());
  const hub = await HubClient.login(product.all.url, passwordOf(product));
  stops.push(() => hub.close());
  return {
    flags,
    applications: flags.clusters * flags.apps,
    sweepMs: parseDurationMs(flags.sweep) ?? 0,
    product,
    spokes,
    repository,
    hub,
    webhookSecret,
    violations: [],
  };
}

function environment(flags: FleetFlags, folder: string, profile: string | undefined): Record<string, string> {
  const env = {
    ...settingsOf(flags),
    PORT: '0',
    WHEELWRIGHT_DATA_DIR: path.join(folder, 'data'),
    WHEELWRIGHT_ADMIN_PASSWORD: randomBytes(12).toString('base64url'),
  };
  if (profile === undefined) return env;
  const script = pathToFileURL(inRoot('dist/apps/bench/profile.js')).href;
  return { ...env, NODE_OPTIONS: `--import=${script}`, [PROFILE_VARIABLE]: path.resolve(profile) };
}

function passwordOf({ all }: Product): string {
  if (all.adminPassword === undefined)
    throw new BenchError('the administrator has a password that this run does not know');
  return all.adminPassword;
}

async function runPhases(bench: Bench): Promise<Phases> {
  const phase = async <Name extends keyof Phases>(
    name: Name,
    work: (bench: Bench) => Promise<Phases[Name]>,
  ): Promise<Phases[Name]> => {
    progress(`phase ${name}`);
    const result = await work(bench);
    if ('costs' in result) progress(`phase ${name}: ${costLine(result.costs)}`);
    process.stdout.write(`${JSON.stringify({ phase: name, ...result })}\n`);
    return result;
  };
  const first = await phase('firstConvergence', firstConvergence);
  // The first sweep after a change still compares, and notes that all is as it should be; only the next one is idle.
  progress('wait for two sweeps of the fleet to settle');
  await untilSwept(bench, 2);
  return {
    firstConvergence: first,
    idleSweep: await phase('idleSweep', idleSweep),
    commitToLive: await phase('commitToLive', commitToLive),
    driftToRepair: await phase('driftToRepair', driftToRepair),
    queries: await phase('queries', queries),
    end: await phase('end', atTheEnd),
  };
}
