import { performance } from 'node:perf_hooks';
import { AppError, type ClusterId } from '@wheelwright/kernel';
import { enqueue, type Store } from '@wheelwright/platform-store';

/** Nothing is written to a spoke when less than this is left of its lease: a request sent now may land that much later. */
const MARGIN_MS = 2_000;
/** Of a short lease at most this share is margin, so that it can be used at all between two renewals. */
const MARGIN_SHARE = 0.25;

export interface LeaseOptions {
  /** Name of this process, unique among all that run. */
  readonly holder: string;
  readonly durationMs: number;
}

/**
 * The right to write to one spoke, with its generation (law 3). Time left is counted on this process's monotonic clock from before the
 * database was asked, so that a process that was stopped, or a slow answer, can only make it shorter.
 */
export class ClusterLease {
  private deadlineMs: number;
  private lost = false;
  private readonly marginMs: number;

  constructor(
    private readonly store: Store,
    readonly clusterId: ClusterId,
    private readonly grant: { readonly generation: string; readonly durationMs: number; readonly askedAtMs: number },
  ) {
    this.deadlineMs = grant.askedAtMs + grant.durationMs;
    this.marginMs = Math.min(MARGIN_MS, grant.durationMs * MARGIN_SHARE);
  }

  /** Decimal text of the generation. */
  get generation(): string {
    return this.grant.generation;
  }

  /** Throws `LeaseLost` unless the lease is held and has time left. Synchronous: called right before each write to the spoke. */
  assertHeld(): void {
    if (this.lost || performance.now() > this.deadlineMs - this.marginMs) throw this.lostError();
  }

  /** Extends the lease where it is still ours; throws `LeaseLost` where it is not. */
  async renew(): Promise<void> {
    const askedAtMs = performance.now();
    const { rowCount } = await this.store.pool.query(
      `UPDATE cluster_leases SET expires_at = now() + $3 * interval '1 millisecond'
       WHERE cluster_id = $1 AND generation = $2 AND expires_at > now()`,
      [this.clusterId, this.generation, this.grant.durationMs],
    );
    if (rowCount !== 1) {
      this.lost = true;
      throw this.lostError();
    }
    this.deadlineMs = askedAtMs + this.grant.durationMs;
  }

  /**
   * Gives the lease back, and wakes the next slice where Applications became due meanwhile. Where it is no longer ours, does nothing.
   */
  async release(): Promise<void> {
    this.lost = true;
    // Not one transaction: what becomes due after the first statement finds the lease free, what became due before it is seen by the second,
    // and what a crash between them leaves is found by the next tick.
    const { rowCount } = await this.store.pool.query(
      `UPDATE cluster_leases SET expires_at = now() WHERE cluster_id = $1 AND generation = $2 AND expires_at > now()`,
      [this.clusterId, this.generation],
    );
    if (rowCount !== 1) return;
    const due = await this.store.pool.query(
      `SELECT 1 FROM application_due d JOIN cluster_status s USING (cluster_id)
       WHERE d.cluster_id = $1 AND d.due_at <= now() AND s.state = 'Connected' LIMIT 1`,
      [this.clusterId],
    );
    if (due.rowCount === 1) await this.store.tx((client) => enqueue(client, 'deploy', [this.clusterId]));
  }

  private lostError(): AppError {
    this.lost = true;
    return new AppError(
      'LeaseLost',
      `the lease of cluster ${this.clusterId} (generation ${this.generation}) is over: another worker may hold it now`,
    );
  }
}

/** Takes leases of spokes. */
export class Leases {
  constructor(
    private readonly store: Store,
    private readonly options: LeaseOptions,
  ) {}

  /** The lease of a spoke with the next generation, or `undefined` while somebody else holds it. */
  async acquire(clusterId: ClusterId): Promise<ClusterLease | undefined> {
    const askedAtMs = performance.now();
    const { rows } = await this.store.pool.query<{ generation: string }>(
      `INSERT INTO cluster_leases AS l (cluster_id, holder, generation, expires_at)
       SELECT id, $2, 1, now() + $3 * interval '1 millisecond' FROM clusters WHERE id = $1
       ON CONFLICT (cluster_id) DO UPDATE SET holder = excluded.holder, generation = l.generation + 1, expires_at = excluded.expires_at
       WHERE l.expires_at <= now()
       RETURNING generation::text`,
      [clusterId, this.options.holder, this.options.durationMs],
    );
    const row = rows[0];
    if (row === undefined) return undefined;
    return new ClusterLease(this.store, clusterId, {
      generation: row.generation,
      durationMs: this.options.durationMs,
      askedAtMs,
    });
  }
}
