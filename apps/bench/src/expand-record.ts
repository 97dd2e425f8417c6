// What one run of the expand experiment leaves behind, and how it is shown beside its aims.
import { z } from 'zod';
import { freeFileName, machineSchema } from './record.js';
import { table } from './report.js';

const tableCounts = z.object({
  sequentialScans: z.int(),
  rowsFetched: z.int(),
  rowsWritten: z.int(),
});

const phase = z.object({
  setsExpanded: z.int(),
  /** Of the sets that were expanded, when the phase ended. */
  applications: z.int(),
  wallSeconds: z.number(),
  /** User and system, of this process and of Postgres with all its backends. */
  cpuSeconds: z.object({ expander: z.number(), postgres: z.number() }),
  statements: z.int(),
  walBytes: z.number(),
  /** What was scanned, fetched over an index, and written, by table. Tables that were not touched are left out. */
  tables: z.record(z.string(), tableCounts),
});
export type ExpandPhase = z.infer<typeof phase>;
export type TableCounts = z.infer<typeof tableCounts>;

/** One run. All phases are cold but `labelChange`, and each has a database of its own. */
export const expandRecordSchema = z.object({
  schema: z.literal(1),
  experiment: z.literal('expand'),
  startedAt: z.iso.datetime(),
  flags: z.object({ sets: z.int(), clusters: z.int(), seed: z.int() }),
  machine: machineSchema,
  versions: z.object({ node: z.string(), postgres: z.string(), commit: z.string() }),
  phases: z.object({ labelChange: phase, oneSet: phase, oneGoSet: phase, manySets: phase, unchanged: phase }),
});
export type ExpandRecord = z.infer<typeof expandRecordSchema>;

/** File name of a record, of the day and the size. */
export function expandFileName({ startedAt, flags }: ExpandRecord, taken: ReadonlySet<string>): string {
  return freeFileName(`${startedAt.slice(0, 10)}-expand-${flags.sets}x${flags.clusters}`, taken);
}

/** What issue and design ask for, in seconds; undefined where they ask for nothing. */
const AIM_SECONDS: Readonly<Record<keyof ExpandRecord['phases'], number | undefined>> = {
  labelChange: 1,
  oneSet: 10,
  oneGoSet: 10,
  manySets: 10,
  unchanged: undefined,
};
const TITLES: Readonly<Record<keyof ExpandRecord['phases'], string>> = {
  labelChange: 'one label of one spoke changes',
  oneSet: 'cold, one set (matrix)',
  oneGoSet: 'cold, one set (matrix, Go templates)',
  manySets: 'cold, many sets',
  unchanged: 'the same again, nothing changed',
};

/** The phases under each other, the aim beside the time, and the tables that the label change touched. */
export function expandTable({ phases }: ExpandRecord): string {
  const names = Object.keys(TITLES) as (keyof ExpandRecord['phases'])[];
  const rows = names.map((name) => {
    const { setsExpanded, applications, wallSeconds, cpuSeconds, statements, walBytes } = phases[name];
    const aim = AIM_SECONDS[name];
    return [
      TITLES[name],
      aim === undefined ? '-' : `< ${String(aim)} s`,
      wallSeconds.toFixed(2),
      cpuSeconds.expander.toFixed(2),
      cpuSeconds.postgres.toFixed(2),
      String(setsExpanded),
      String(applications),
      String(statements),
      String(Math.round(walBytes / 1024)),
    ];
  });
  const touched = Object.entries(phases.labelChange.tables).map(([name, counts]) => [
    name,
    '',
    String(counts.sequentialScans),
    String(counts.rowsFetched),
    String(counts.rowsWritten),
  ]);
  const head = ['PHASE', 'AIM', 'SECONDS', 'CPU', 'CPU PG', 'SETS', 'APPLICATIONS', 'STATEMENTS', 'WAL kB'];
  return `${table([head, ...rows])}\n\n${table([['ONE LABEL, BY TABLE', '', 'SEQ SCANS', 'FETCHED', 'WRITTEN'], ...touched])}`;
}
