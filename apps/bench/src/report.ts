// Records in, one table out: the newest run beside the earlier ones of the same flags.
import { percentile } from './percentiles.js';
import { isComparable, type FleetRecord, type Phases } from './record.js';

interface Metric {
  readonly name: string;
  readonly unit: string;
  readonly of: (phases: Phases) => number | undefined;
}

const MB = 1_048_576;
const megabytes = (bytes: number | undefined): number | undefined => (bytes === undefined ? undefined : bytes / MB);
const total = (counts: Readonly<Record<string, number>>): number | undefined => counts['total'];

/** What the report compares. Of all of them, less is better but for the rate. */
export const METRICS: readonly Metric[] = [
  { name: 'first convergence', unit: 's', of: ({ firstConvergence: p }) => p.convergeSeconds },
  { name: 'first convergence, rate', unit: 'apps/s', of: ({ firstConvergence: p }) => p.applicationsPerSecond },
  { name: 'first convergence, CPU per app', unit: 'ms', of: ({ firstConvergence: p }) => p.cpuMsPerApplication },
  {
    name: 'first convergence, requests per app',
    unit: '',
    of: ({ firstConvergence: p }) => total(p.requestsPerApplication),
  },
  { name: 'first convergence, rows per app', unit: '', of: ({ firstConvergence: p }) => p.rowsPerApplication },
  {
    name: 'first convergence, WAL per app',
    unit: 'kB',
    of: ({ firstConvergence: p }) => p.walBytesPerApplication / 1024,
  },
  { name: 'idle sweep, CPU per app and sweep', unit: 'ms', of: ({ idleSweep: p }) => p.cpuMsPerApplicationAndSweep },
  { name: 'idle sweep, rows of unchanged apps', unit: '', of: ({ idleSweep: p }) => p.rowsOfUnchanged },
  { name: 'idle sweep, requests per spoke', unit: '', of: ({ idleSweep: p }) => total(p.requestsPerSpoke) },
  { name: 'commit to live, p50', unit: 'ms', of: ({ commitToLive: p }) => p.perClusterMs.p50 },
  { name: 'commit to live, p99', unit: 'ms', of: ({ commitToLive: p }) => p.perClusterMs.p99 },
  {
    name: 'commit to live, requests per changed app',
    unit: '',
    of: ({ commitToLive: p }) => p.requestsPerChangedApplication,
  },
  { name: 'commit to live, rows per changed app', unit: '', of: ({ commitToLive: p }) => p.rowsPerChangedApplication },
  {
    name: 'commit to live, WAL per changed app',
    unit: 'kB',
    of: ({ commitToLive: p }) => p.walBytesPerChangedApplication / 1024,
  },
  { name: 'commit to live, renders', unit: '', of: ({ commitToLive: p }) => p.renders },
  { name: 'drift to repair, p50', unit: 'ms', of: ({ driftToRepair: p }) => p.perSpokeMs.p50 },
  { name: 'drift to repair, p99', unit: 'ms', of: ({ driftToRepair: p }) => p.perSpokeMs.p99 },
  { name: 'fleet query, p50', unit: 'ms', of: ({ queries: p }) => p.fleetMs.p50 },
  { name: 'fleet query, p99', unit: 'ms', of: ({ queries: p }) => p.fleetMs.p99 },
  { name: 'page of 50, p50', unit: 'ms', of: ({ queries: p }) => p.pageMs.p50 },
  { name: 'page of 50, p99', unit: 'ms', of: ({ queries: p }) => p.pageMs.p99 },
  { name: 'page of 50, bytes', unit: 'B', of: ({ queries: p }) => p.pageBytes },
  { name: 'memory at the end, hub', unit: 'MB', of: ({ end: p }) => megabytes(p.memoryBytes.hub) },
  { name: 'memory at the end, workers', unit: 'MB', of: ({ end: p }) => megabytes(p.memoryBytes.worker) },
  { name: 'memory at the end, Postgres', unit: 'MB', of: ({ end: p }) => megabytes(p.memoryBytes.postgres) },
];

/** One line of the comparison. The ratio is the newest over the median of the earlier ones; undefined without any, or where that is 0. */
export interface Comparison {
  readonly name: string;
  readonly unit: string;
  readonly newest: number | undefined;
  readonly previous: number | undefined;
  readonly median: number | undefined;
  readonly ratio: number | undefined;
}

/** The newest record, and the earlier ones with its flags, oldest first. Undefined without records. */
export function select(
  records: readonly FleetRecord[],
): { readonly newest: FleetRecord; readonly earlier: readonly FleetRecord[] } | undefined {
  const sorted = [...records].sort((a, b) => (a.startedAt < b.startedAt ? -1 : 1));
  const newest = sorted.at(-1);
  if (newest === undefined) return undefined;
  return { newest, earlier: sorted.slice(0, -1).filter((record) => isComparable(record, newest)) };
}

/** Compares a record with earlier ones, metric by metric. */
export function compare(newest: FleetRecord, earlier: readonly FleetRecord[]): readonly Comparison[] {
  return METRICS.map(({ name, unit, of }) => {
    const now = of(newest.phases);
    const before = earlier.map(({ phases }) => of(phases)).filter((value) => value !== undefined);
    const median = before.length === 0 ? undefined : percentile(before, 0.5);
    const ratio = now === undefined || median === undefined || median === 0 ? undefined : now / median;
    return { name, unit, newest: now, previous: before.at(-1), median, ratio };
  });
}

/** The whole report as text: which runs, and the table. */
export function reportOf(records: readonly FleetRecord[]): string {
  const found = select(records);
  if (found === undefined) return 'no records yet: run `npm run bench -- fleet`';
  const { newest, earlier } = found;
  const { flags, machine, versions } = newest;
  const head = [
    `fleet, ${Object.entries(flags)
      .map(([name, value]) => `${name} ${value}`)
      .join(', ')}`,
    `newest  ${newest.startedAt}  commit ${versions.commit}  ${machine.cores} cores of ${machine.model}`,
    ...earlier.map((record) => `earlier ${record.startedAt}  commit ${record.versions.commit}`),
    ...newest.violations.map((violation) => `BROKEN: ${violation}`),
  ];
  const rows = compare(newest, earlier).map(({ name, unit, newest: now, previous, median, ratio }) => [
    name,
    unit,
    number(now),
    number(previous),
    number(median),
    ratio === undefined ? '-' : ratio.toFixed(2),
  ]);
  return `${head.join('\n')}\n\n${table([['METRIC', 'UNIT', 'NEWEST', 'PREVIOUS', 'MEDIAN', 'RATIO'], ...rows])}`;
}

function number(value: number | undefined): string {
  if (value === undefined) return '-';
  return Math.abs(value) >= 100 || Number.isInteger(value) ? value.toFixed(0) : value.toPrecision(3);
}

/** Columns under each other: the first two to the left, figures to the right. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => (column < 2 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
