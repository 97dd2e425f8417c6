// What a phase costs: CPU, WAL, requests to the spokes and rows, between two points in time.
import { rowsBetween } from './database.js';
import { round } from './percentiles.js';
import { cpuSecondsOf } from './proc.js';
import type { Product } from './product.js';
import { PROCESS_KINDS, type ByProcess, type Costs, type ProcessKind, type RowsByTable } from './record.js';
import type { Spokes } from './spokes.js';

/** Enough for the work of the largest phase to end, and for all backends to report. */
const SETTLE_MS = 120_000;

/** What is measured. */
export interface Subject {
  readonly product: Product;
  readonly spokes: Spokes;
}

/** Applies `measure` to the processes of each kind that runs on this machine. */
export function byProcess({ product, spokes }: Subject, measure: (pids: readonly number[]) => number): ByProcess {
  const pids: Partial<Record<ProcessKind, readonly number[]>> = { ...product.pids(), spokes: spokes.pids };
  return Object.fromEntries(
    PROCESS_KINDS.flatMap((kind) => {
      const roots = pids[kind];
      return roots === undefined ? [] : [[kind, measure(roots)]];
    }),
  );
}

/** Everything but the load generator. */
export function productSum(values: ByProcess): number {
  return Object.entries(values).reduce((sum, [kind, value]) => (kind === 'spokes' ? sum : sum + value), 0);
}

/** Runs `work` as a phase and answers what it cost. CPU, WAL and requests end with the work; rows are read once all backends have reported. */
export async function metered<T>(subject: Subject, work: () => Promise<T>): Promise<{ value: T; costs: Costs }> {
  const meter = await Meter.start(subject);
  const value = await work();
  const costs = await meter.stop();
  return { value, costs };
}

class Meter {
  private constructor(
    private readonly subject: Subject,
    private readonly rows: RowsByTable,
    private readonly wal: number,
    private readonly cpu: ByProcess,
    private readonly startedMs: number,
  ) {}

  static async start(subject: Subject): Promise<Meter> {
    const { database } = subject.product;
    const rows = await database.settledRows(SETTLE_MS);
    await subject.spokes.resetCounts();
    return new Meter(subject, rows, await database.walBytes(), byProcess(subject, cpuSecondsOf), performance.now());
  }

  async stop(): Promise<Costs> {
    const { product, spokes } = this.subject;
    const wallSeconds = (performance.now() - this.startedMs) / 1000;
    const now = byProcess(this.subject, cpuSecondsOf);
    const walBytes = (await product.database.walBytes()) - this.wal;
    const requests = await spokes.counts();
    const used = Object.fromEntries(
      Object.entries(now).map(([kind, seconds]) => [kind, round(seconds - (this.cpu[kind as ProcessKind] ?? 0), 2)]),
    ) as ByProcess;
    return {
      wallSeconds: round(wallSeconds, 2),
      cpuSeconds: used,
      productCpuSeconds: round(productSum(used), 2),
      walBytes,
      requests,
      rows: rowsBetween(this.rows, await product.database.settledRows(SETTLE_MS)),
    };
  }
}
