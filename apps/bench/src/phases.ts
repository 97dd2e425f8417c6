// The phases of the fleet experiment, each: do it, wait for it with a deadline, say what it cost.
import { percentile, round, spreadOf } from './percentiles.js';
import type { Bench } from './bench.js';
import { FLEET_QUERY, PAGE_QUERY, type FleetCounts } from './hub-client.js';
import { byProcess, metered, productSum } from './meter.js';
import { peakResidentBytesOf, pssBytesOf } from './proc.js';
import { isPerApplication, QUIET_TABLES, rowsIn, type Costs, type Phases } from './record.js';
import type { Spoke } from './spokes.js';
import { eventually, inParallel, progress, type Patience } from './waiting.js';
import { appName, applicationSets, labelsOf, randomFrom, SETTINGS, settingsFile } from './workload.js';

const WIDTH = 8;
/** Documents in one `apply`. */
const SETS_AT_ONCE = 20;
const MINUTE_MS = 60_000;
/** What one Application may take at the very most, with everything on one core. */
const APPLICATION_MS = 500;
const DRIFTED_SPOKES = 20;
const CALLS = 300;
const WARM_UP_CALLS = 20;
const MS_PER_HOUR = 3_600_000;

/** Often enough for the figure, rarely enough not to be one: each look at the fleet costs the hub some milliseconds. */
const LOOK_MS = 500;

function patience(bench: Bench, extraMs = 0): Patience {
  return { deadlineMs: 2 * MINUTE_MS + extraMs + bench.applications * APPLICATION_MS, everyMs: LOOK_MS };
}

/** Register all spokes, declare everything, wait until all of it is live. */
export async function firstConvergence(bench: Bench): Promise<Phases['firstConvergence']> {
  const { value, costs } = await metered(bench, async () => {
    const startedMs = performance.now();
    await inParallel(bench.spokes.all, WIDTH, (spoke, at) => bench.hub.register(registrationOf(spoke, at)));
    const registeredMs = performance.now();
    progress(`registered ${String(bench.flags.clusters)} spokes`);
    const sets = applicationSets(bench.flags, bench.repository.url);
    for (let at = 0; at < sets.length; at += SETS_AT_ONCE)
      await bench.hub.apply(sets.slice(at, at + SETS_AT_ONCE).join('---\n'));
    const appliedMs = performance.now();
    await untilLive(bench);
    return { registerMs: registeredMs - startedMs, convergeMs: performance.now() - appliedMs };
  });
  const per = (amount: number): number => round(amount / bench.applications, 2);
  return {
    costs,
    registerSeconds: round(value.registerMs / 1000, 2),
    convergeSeconds: round(value.convergeMs / 1000, 2),
    applicationsPerSecond: round((bench.applications * 1000) / value.convergeMs, 1),
    requestsPerApplication: mapValues(costs.requests, per),
    cpuMsPerApplication: per(costs.productCpuSeconds * 1000),
    rowsPerApplication: per(rowsIn(costs.rows, isPerApplication)),
    walBytesPerApplication: per(costs.walBytes),
    memoryBytes: byProcess(bench, pssBytesOf),
  };
}

function registrationOf({ name, url, token, caData }: Spoke, at: number): unknown {
  return { name, server: url, labels: labelsOf(at), tls: { caData }, credentials: { bearerToken: token } };
}

async function untilLive(bench: Bench): Promise<void> {
  let shown = 0;
  await eventually('the fleet is synced and healthy', patience(bench), async () => {
    const { applications } = await bench.hub.fleet();
    const done = Math.min(applications.total, applications.sync.synced, applications.health.healthy);
    if (performance.now() - shown > 10_000) {
      shown = performance.now();
      progress(`${String(done)} of ${String(bench.applications)} Applications are synced and healthy`);
    }
    return applications.total === bench.applications && done === bench.applications ? true : undefined;
  });
}

/** Waits until every spoke was swept completely after this moment, `times` times over, and no work waits. */
export async function untilSwept(bench: Bench, times: number): Promise<void> {
  for (let round = 0; round < times; round += 1) {
    const since = Date.now();
    const extra = 2 * bench.sweepMs;
    await eventually('every spoke is swept', { ...patience(bench, extra), everyMs: 1_000 }, async () =>
      isObservedSince(await bench.hub.fleet(), since) ? true : undefined,
    );
  }
  await untilQuiet(bench);
}

function isObservedSince({ oldestObservation, neverObserved }: FleetCounts, sinceMs: number): boolean {
  return neverObserved === 0 && oldestObservation !== null && Date.parse(oldestObservation) > sinceMs;
}

async function untilQuiet(bench: Bench): Promise<void> {
  await eventually('no work waits', patience(bench), async () =>
    (await bench.product.database.waiting()) === 0 ? true : undefined,
  );
}

/** Nothing changes; every spoke is swept at least once. */
export async function idleSweep(bench: Bench): Promise<Phases['idleSweep']> {
  const { costs } = await metered(bench, () => untilSwept(bench, 1));
  // Every sweep lists every kind in use on its spoke once, and nothing else lists.
  const sweepsOfFleet = (costs.requests['list'] ?? 0) / (await bench.product.database.kindsInUse());
  const rowsOfUnchanged = rowsIn(costs.rows, (table) => QUIET_TABLES.has(table));
  if (rowsOfUnchanged !== 0)
    bench.violations.push(`an idle sweep wrote ${String(rowsOfUnchanged)} rows of unchanged Applications`);
  const cpuMs = (costs.productCpuSeconds * 1000) / bench.applications;
  return {
    costs,
    sweepsOfSpokes: round(sweepsOfFleet * bench.flags.clusters, 1),
    requestsPerSpoke: mapValues(costs.requests, (number) => round(number / bench.flags.clusters, 2)),
    cpuMsPerApplicationAndSweep: round(cpuMs / sweepsOfFleet, 3),
    cpuMsPerApplicationAndHour: round((cpuMs * MS_PER_HOUR) / (costs.wallSeconds * 1000), 1),
    rowsOfUnchanged,
  };
}

const settingsKey = `/${SETTINGS.kind}/${appName(1)}/${SETTINGS.name}`;

/** When a spoke carried out its first change of the settings of the first directory since the counts began; undefined if not yet. */
async function writtenAtMs(bench: Bench, name: string): Promise<number | undefined> {
  const writes = await bench.spokes.writes(name);
  return writes.find(({ key, changed }) => changed && key === settingsKey)?.atMs;
}

/** Waits until all given spokes carried out that write; answers when each did. */
async function untilWritten(bench: Bench, names: readonly string[], extraMs: number): Promise<readonly number[]> {
  const times = new Map<string, number>();
  await eventually('the write reached every spoke', patience(bench, extraMs), async () => {
    const open = names.filter((name) => !times.has(name));
    await inParallel(open, WIDTH, async (name) => {
      const atMs = await writtenAtMs(bench, name);
      if (atMs !== undefined) times.set(name, atMs);
    });
    return times.size === names.length ? true : undefined;
  });
  return [...times.values()];
}

/** One commit that touches one directory, told by webhook, until it is live on every spoke. */
export async function commitToLive(bench: Bench): Promise<Phases['commitToLive']> {
  const text = `changed ${String(Math.floor(randomFrom(bench.flags.seed)() * 1e9))}`;
  const { value: perClusterMs, costs } = await metered(bench, async () => {
    const commit = await bench.repository.commit('Change one directory', [settingsFile(1, text)]);
    const startedMs = Date.now();
    await bench.hub.push(bench.repository.url, commit, bench.webhookSecret);
    const names = bench.spokes.all.map(({ name }) => name);
    const times = await untilWritten(bench, names, 0);
    await untilQuiet(bench);
    return times.map((atMs) => atMs - startedMs);
  });
  const changed = bench.flags.clusters;
  const per = (amount: number): number => round(amount / changed, 2);
  return {
    costs,
    changedApplications: changed,
    perClusterMs: spreadOf(perClusterMs, 0),
    renders: costs.rows['renders']?.inserted ?? 0,
    requestsPerChangedApplication: per(costs.requests['total'] ?? 0),
    rowsPerChangedApplication: per(rowsIn(costs.rows, isPerApplication)),
    walBytesPerChangedApplication: per(costs.walBytes),
  };
}

/** Somebody edits an object by hand on up to twenty spokes at once; the next sweep of each finds it. */
export async function driftToRepair(bench: Bench): Promise<Phases['driftToRepair']> {
  const names = bench.spokes.all.slice(0, DRIFTED_SPOKES).map(({ name }) => name);
  const { value: perSpokeMs, costs } = await metered(bench, async () => {
    const edited = await inParallel(names, WIDTH, async (name) => {
      await bench.spokes.edit(name, { ...SETTINGS, namespace: appName(1) }, { data: { text: 'edited by hand' } });
      return Date.now();
    });
    const times = await inParallel(names, WIDTH, async (name, at) => {
      const [atMs] = await untilWritten(bench, [name], 2 * bench.sweepMs);
      return (atMs ?? Number.NaN) - (edited[at] ?? Number.NaN);
    });
    await untilQuiet(bench);
    return times;
  });
  return { costs, perSpokeMs: spreadOf(perSpokeMs, 0) };
}

/** Two queries that a dashboard makes, one call after the other. */
export async function queries(bench: Bench): Promise<Phases['queries']> {
  const bytes: number[] = [];
  const series = async (query: string): Promise<number[]> => {
    const times: number[] = [];
    for (let call = -WARM_UP_CALLS; call < CALLS; call += 1) {
      const startedMs = performance.now();
      const answer = await bench.hub.query(query);
      if (call < 0) continue;
      times.push(performance.now() - startedMs);
      bytes.push(Buffer.byteLength(answer));
    }
    return times;
  };
  const fleetMs = spreadOf(await series(FLEET_QUERY), 2);
  bytes.length = 0;
  const pageMs = spreadOf(await series(PAGE_QUERY), 2);
  return { fleetMs, pageMs, pageBytes: percentile(bytes, 1) };
}

/** Memory after everything. */
export async function atTheEnd(bench: Bench): Promise<Phases['end']> {
  // The peaks of Postgres' many processes fall at different times, and share their largest part.
  const { postgres: _, ...rest } = byProcess(bench, peakResidentBytesOf);
  return {
    memoryBytes: byProcess(bench, pssBytesOf),
    peakResidentBytes: rest,
    databaseBytes: await bench.product.database.sizeBytes(),
  };
}

/** One line for people about what a phase cost. */
export function costLine({ wallSeconds, cpuSeconds, requests, walBytes }: Costs): string {
  const cpu = Object.entries(cpuSeconds).map(([kind, seconds]) => `${kind} ${String(seconds)} s`);
  return `${String(wallSeconds)} s; CPU ${cpu.join(', ')} (product ${productSum(cpuSeconds).toFixed(2)} s); ${String(requests['total'] ?? 0)} requests; ${(walBytes / 1e6).toFixed(1)} MB of WAL`;
}

function mapValues(
  values: Readonly<Record<string, number>>,
  change: (value: number) => number,
): Readonly<Record<string, number>> {
  return Object.fromEntries(
    Object.entries(values)
      .filter(([, value]) => value !== 0)
      .map(([name, value]) => [name, change(value)]),
  );
}
