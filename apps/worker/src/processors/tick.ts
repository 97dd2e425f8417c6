import { done, type Outcome } from '@wheelwright/kernel';
import type { QueuePort } from '@wheelwright/platform-queue';
import type { Store } from '@wheelwright/platform-store';

export interface TickOptions {
  /** How often each set is expanded again although nothing asked for it: the safety net for lost wake-ups. */
  readonly resyncMs: number;
  /** Between two searches of a spoke for orphans. */
  readonly orphanMs: number;
}

/** More keys than this are left to the next tick: no statement and no batch grows with the fleet. */
const BATCH = 2_000;

/**
 * Finds in Postgres everything that is due and puts its key on the queue: the one place that makes a lost queue whole again (law 1).
 * Keys are deduplicated by the queue, so a tick that finds the same work twice adds it once.
 */
export class TickProcessor {
  private resyncedToMs: number | undefined;

  constructor(
    private readonly store: Store,
    private readonly queue: QueuePort,
    private readonly options: TickOptions,
  ) {}

  async run(): Promise<Outcome> {
    await this.queue.addMany('deploy', await this.keys(DUE_CLUSTERS));
    await this.queue.addMany('deploy', await this.keys(DUE_LEFTOVERS));
    await this.queue.addMany('deploy', await this.keys(SILENT_CLUSTERS));
    await this.queue.addMany('observe', await this.keys(DUE_SWEEPS));
    await this.queue.addMany('probe', await this.keys(DUE_PROBES));
    await this.queue.addMany('source', await this.keys(DUE_POLLS));
    await this.queue.addMany('expand', await this.keys(CHANGED_SETS));
    await this.queue.addMany('expand', await this.resyncSets());
    return done;
  }

  /**
   * Applications that are to be deleted while their spoke is not registered (any more). Objects that they left on spokes which are, go first where
   * that was asked for; the others nobody can delete, so only the rows go.
   */
  async removeStranded(): Promise<void> {
    await this.store.pool.query(
      `WITH stranded AS (
         SELECT id, deletion_cascade FROM applications WHERE deletion_requested_at IS NOT NULL AND cluster_id IS NULL
       ), reachable AS (
         SELECT DISTINCT r.application_id, r.cluster_id FROM stranded s
         JOIN resources r ON r.application_id = s.id JOIN clusters c ON c.id = r.cluster_id WHERE s.deletion_cascade
       ), permitted AS (
         INSERT INTO application_leftovers (application_id, cluster_id) SELECT application_id, cluster_id FROM reachable ORDER BY 1, 2
         ON CONFLICT DO NOTHING
       )
       DELETE FROM applications a USING stranded s
       WHERE a.id = s.id AND NOT EXISTS (SELECT 1 FROM reachable r WHERE r.application_id = a.id)`,
    );
  }

  /**
   * Spokes that are to be searched for orphans: one search per interval, and one soon after a project changed. Without a project that asks for it
   * this reads the projects and nothing else.
   */
  async searchOrphans(): Promise<void> {
    const { rows } = await this.store.pool.query<{ key: string }>(DUE_SEARCHES, [BATCH, this.options.orphanMs]);
    await this.queue.addMany(
      'orphans',
      rows.map((row) => row.key),
    );
  }

  private async keys(sql: string): Promise<string[]> {
    const { rows } = await this.store.pool.query<{ key: string }>(sql, [BATCH]);
    return rows.map((row) => row.key);
  }

  /** The sets whose phase in the resync interval lies between the last tick and this one. Nothing is written to remember it. */
  private async resyncSets(): Promise<string[]> {
    const nowMs = Date.now();
    const fromMs = Math.max(this.resyncedToMs ?? nowMs - this.options.resyncMs, nowMs - this.options.resyncMs);
    const { rows } = await this.store.pool.query<{ key: string }>(
      `SELECT id AS key FROM application_sets
       WHERE ($2::bigint - (hashtext(id::text)::bigint + 2147483648)) / $3::bigint
          <> ($1::bigint - (hashtext(id::text)::bigint + 2147483648)) / $3::bigint
       ORDER BY id LIMIT $4`,
      [Math.floor(fromMs), Math.floor(nowMs), this.options.resyncMs, BATCH],
    );
    this.resyncedToMs = nowMs;
    return rows.map((row) => row.key);
  }
}

const DUE_CLUSTERS = `
  SELECT s.cluster_id AS key FROM cluster_status s LEFT JOIN cluster_leases l ON l.cluster_id = s.cluster_id AND l.expires_at > now()
  WHERE s.state = 'Connected' AND l.cluster_id IS NULL
    AND EXISTS (SELECT 1 FROM application_due d WHERE d.cluster_id = s.cluster_id AND d.due_at <= now())
  LIMIT $1`;

/** Spokes that do not answer while some of their Applications still show a verdict. */
const SILENT_CLUSTERS = `
  SELECT s.cluster_id AS key FROM cluster_status s
  WHERE s.state IN ('Unreachable', 'Unauthorized')
    AND EXISTS (SELECT 1 FROM application_rollups r
                WHERE r.cluster_id = s.cluster_id AND r.count > 0 AND (r.sync <> 'Unknown' OR r.health <> 'Unknown'))
  LIMIT $1`;

/** Spokes with objects of Applications that were moved away, and that may go now. */
const DUE_LEFTOVERS = `
  SELECT DISTINCT s.cluster_id AS key FROM application_leftovers l JOIN cluster_status s ON s.cluster_id = l.cluster_id
  WHERE s.state = 'Connected' AND l.due_at <= now() AND NOT EXISTS (SELECT 1 FROM freezes) LIMIT $1`;

const DUE_SWEEPS = `
  SELECT cluster_id AS key FROM cluster_status WHERE state = 'Connected' AND next_sweep_at <= now() ORDER BY next_sweep_at LIMIT $1`;

const DUE_PROBES = `
  SELECT cluster_id AS key FROM cluster_status WHERE state <> 'Paused' AND next_probe_at <= now() ORDER BY next_probe_at LIMIT $1`;

const DUE_SEARCHES = `
  SELECT DISTINCT s.cluster_id AS key FROM projects p
  JOIN applications a ON a.project = p.name JOIN clusters c ON c.id = a.cluster_id JOIN cluster_status s ON s.cluster_id = c.id
  WHERE jsonb_typeof(p.spec->'orphanedResources') = 'object' AND s.state = 'Connected' AND NOT c.is_hub
    AND (s.next_orphan_scan_at IS NULL OR s.next_orphan_scan_at <= now()
         OR s.next_orphan_scan_at - $2 * interval '1 millisecond' < p.updated_at)
  LIMIT $1`;

const DUE_POLLS = `SELECT id AS key FROM repositories WHERE next_poll_at <= now() ORDER BY next_poll_at LIMIT $1`;

const CHANGED_SETS = `
  SELECT s.id AS key FROM application_sets s LEFT JOIN application_set_status t ON t.set_id = s.id
  WHERE coalesce(t.observed_generation, 0) <> s.generation OR t.next_expand_at <= now()
  LIMIT $1`;
