// What one run of the fleet experiment leaves behind: the shape of its record, and the name of its file.
import { z } from 'zod';
import { spreadSchema } from './percentiles.js';

/** The processes whose cost is counted. `spokes` is the load generator: it is reported, and in no sum. */
export const PROCESS_KINDS = ['hub', 'worker', 'postgres', 'redis', 'spokes'] as const;
export type ProcessKind = (typeof PROCESS_KINDS)[number];

/** A number for each kind of process; a kind that does not run here, or whose process is on another machine, is left out. */
const byProcess = z.partialRecord(z.enum(PROCESS_KINDS), z.number());
export type ByProcess = z.infer<typeof byProcess>;

/** Where something was measured. */
export const machineSchema = z.object({
  cores: z.int(),
  model: z.string(),
  memoryBytes: z.number(),
  system: z.string(),
  /** Load average of one minute before the run: who else was busy. */
  loadBefore: z.number(),
});

const rowChanges = z.object({ inserted: z.int(), updated: z.int(), deleted: z.int() });
/** Row versions written, by table; tables without any are left out. */
const rowsByTable = z.record(z.string(), rowChanges);
export type RowsByTable = z.infer<typeof rowsByTable>;

/** What a phase cost. */
const costs = z.object({
  wallSeconds: z.number(),
  /** CPU seconds, user and system, with all child processes. */
  cpuSeconds: byProcess,
  /** Their sum without the spokes. */
  productCpuSeconds: z.number(),
  walBytes: z.number(),
  /** Requests that reached the spokes, by verb. */
  requests: z.record(z.string(), z.int()),
  rows: rowsByTable,
});
export type Costs = z.infer<typeof costs>;

export const phasesSchema = z.object({
  firstConvergence: z.object({
    costs,
    registerSeconds: z.number(),
    /** From the answer to the last `apply` until the hub calls every Application synced and healthy. */
    convergeSeconds: z.number(),
    applicationsPerSecond: z.number(),
    requestsPerApplication: z.record(z.string(), z.number()),
    cpuMsPerApplication: z.number(),
    /** Without the queue's tables and without the rows per spoke (leases, freshness). */
    rowsPerApplication: z.number(),
    walBytesPerApplication: z.number(),
    memoryBytes: byProcess,
  }),
  idleSweep: z.object({
    costs,
    sweepsOfSpokes: z.number(),
    requestsPerSpoke: z.record(z.string(), z.number()),
    /** All CPU of the product in the window over Applications times sweeps: also probes, ticks and polls that fell into it. */
    cpuMsPerApplicationAndSweep: z.number(),
    cpuMsPerApplicationAndHour: z.number(),
    /** Row versions in the tables that an unchanged Application must not touch. */
    rowsOfUnchanged: z.int(),
  }),
  commitToLive: z.object({
    costs,
    changedApplications: z.int(),
    /** Milliseconds from the webhook to the write on each spoke. */
    perClusterMs: spreadSchema,
    renders: z.int(),
    requestsPerChangedApplication: z.number(),
    /** Counted like `rowsPerApplication`. */
    rowsPerChangedApplication: z.number(),
    walBytesPerChangedApplication: z.number(),
  }),
  driftToRepair: z.object({
    costs,
    /** Milliseconds from the edit by hand to the write that takes it back. */
    perSpokeMs: spreadSchema,
  }),
  queries: z.object({
    /** Milliseconds per call. */
    fleetMs: spreadSchema,
    pageMs: spreadSchema,
    pageBytes: z.int(),
  }),
  end: z.object({
    /** Proportional set size of the process trees. */
    memoryBytes: byProcess,
    /** Largest resident set ever, of the Node processes. */
    peakResidentBytes: byProcess,
    databaseBytes: z.number(),
  }),
});
export type Phases = z.infer<typeof phasesSchema>;

/** One run of the fleet experiment. */
export const recordSchema = z.object({
  schema: z.literal(1),
  experiment: z.literal('fleet'),
  startedAt: z.iso.datetime(),
  flags: z.object({
    clusters: z.int(),
    apps: z.int(),
    objects: z.int(),
    seed: z.int(),
    workers: z.int(),
    sweep: z.string(),
  }),
  machine: machineSchema,
  versions: z.object({ node: z.string(), postgres: z.string(), redis: z.string().optional(), commit: z.string() }),
  /** Settings of the product that differ from its defaults, or matter to read the figures. */
  settings: z.record(z.string(), z.string()),
  phases: phasesSchema,
  /** Promises that this run found broken; empty in a good run. */
  violations: z.array(z.string()),
});
export type FleetRecord = z.infer<typeof recordSchema>;

/** File name of a record, of the day and the size: `2026-11-22-fleet-100x20x10.json`, with `-2`, `-3` … where the name is taken. */
export function recordFileName(record: Pick<FleetRecord, 'startedAt' | 'flags'>, taken: ReadonlySet<string>): string {
  const { clusters, apps, objects } = record.flags;
  return freeFileName(`${record.startedAt.slice(0, 10)}-fleet-${clusters}x${apps}x${objects}`, taken);
}

/** `<stem>.json`, with `-2`, `-3` … before the dot where the name is taken. */
export function freeFileName(stem: string, taken: ReadonlySet<string>): string {
  for (let at = 1; ; at += 1) {
    const name = `${stem}${at === 1 ? '' : `-${at}`}.json`;
    if (!taken.has(name)) return name;
  }
}

/** Only runs with equal flags are compared. */
export function isComparable(a: FleetRecord, b: FleetRecord): boolean {
  const keyOf = ({ flags }: FleetRecord): string => JSON.stringify(Object.entries(flags).sort());
  return keyOf(a) === keyOf(b);
}

/** Row versions written in all tables that `counts` says yes to. */
export function rowsIn(rows: RowsByTable, counts: (table: string) => boolean): number {
  return Object.entries(rows)
    .filter(([table]) => counts(table))
    .reduce((sum, [, { inserted, updated, deleted }]) => sum + inserted + updated + deleted, 0);
}

/** The tables of which an unchanged Application must not write a row. */
export const QUIET_TABLES: ReadonlySet<string> = new Set([
  'applications',
  'application_status',
  'application_details',
  'application_rollups',
  'application_due',
  'application_history',
  'cluster_kinds',
  'renders',
  'resources',
]);

/** Rows that every look at a spoke writes, whatever it finds: charged to spokes and time, not to Applications. */
const PER_SPOKE: ReadonlySet<string> = new Set(['cluster_leases', 'cluster_status']);

/** Whether rows of a table are charged to Applications: not those of the queue (`schema.table`), and not those per spoke. */
export const isPerApplication = (table: string): boolean => !table.includes('.') && !PER_SPOKE.has(table);
