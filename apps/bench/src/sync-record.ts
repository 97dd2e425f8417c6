// What one run of the sync experiment leaves behind, and how it is shown beside its aims.
import { z } from 'zod';
import { freeFileName, machineSchema } from './record.js';
import { table } from './report.js';

const phase = z.object({
  /** Applications that had something to do. */
  applications: z.int(),
  /** Objects that were created, changed or deleted, without namespaces. */
  objects: z.int(),
  wallSeconds: z.number(),
  /** User and system, of hub, workers and Postgres together. */
  cpuSeconds: z.number(),
  /** Requests to the API server by verb, as it counts them itself; dry runs are `DRY`. Probes and sweeps that fell into the phase are among them. */
  requests: z.record(z.string(), z.int()),
});
export type SyncPhase = z.infer<typeof phase>;

/** One run on one real API server. Phases follow each other on one database. */
export const syncRecordSchema = z.object({
  schema: z.literal(1),
  experiment: z.literal('sync'),
  startedAt: z.iso.datetime(),
  flags: z.object({ apps: z.int(), objects: z.int(), large: z.int(), seed: z.int() }),
  machine: machineSchema,
  versions: z.object({ node: z.string(), postgres: z.string(), kubernetes: z.string(), commit: z.string() }),
  phases: z.object({
    create: phase,
    unchanged: phase,
    change: phase,
    prune: phase,
    createLarge: phase,
    changeLarge: phase,
  }),
});
export type SyncRecord = z.infer<typeof syncRecordSchema>;

/** File name of a record, of the day and the size. */
export function syncFileName({ startedAt, flags }: SyncRecord, taken: ReadonlySet<string>): string {
  return freeFileName(`${startedAt.slice(0, 10)}-sync-${flags.apps}x${flags.objects}-${flags.large}`, taken);
}

const TITLES: Readonly<Record<keyof SyncRecord['phases'], string>> = {
  create: 'create all',
  unchanged: 'sweep, nothing changed',
  change: 'one object of each changes',
  prune: 'one object of each goes',
  createLarge: 'create the large one',
  changeLarge: 'one object of the large one changes',
};

/** Objects and one request more for each Application: what a phase should need at most. */
function aimOf({ applications, objects }: SyncPhase): number {
  return objects + applications;
}

/** The phases under each other, with the requests by verb. */
export function syncTable({ phases }: SyncRecord): string {
  const names = Object.keys(TITLES) as (keyof SyncRecord['phases'])[];
  const rows = names.map((name) => {
    const { applications, objects, wallSeconds, cpuSeconds, requests } = phases[name];
    const total = Object.values(requests).reduce((sum, count) => sum + count, 0);
    return [
      TITLES[name],
      String(applications),
      String(objects),
      wallSeconds.toFixed(2),
      applications === 0 ? '-' : (applications / wallSeconds).toFixed(1),
      cpuSeconds.toFixed(2),
      applications === 0 ? '-' : ((cpuSeconds * 1000) / applications).toFixed(1),
      String(total),
      String(aimOf(phases[name])),
      Object.entries(requests)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([verb, count]) => `${verb} ${String(count)}`)
        .join(', '),
    ];
  });
  const head = ['PHASE', 'APPS', 'OBJECTS', 'SECONDS', 'APPS/s', 'CPU s', 'CPU ms/APP', 'REQUESTS', 'AIM', 'BY VERB'];
  return table([head, ...rows]);
}
