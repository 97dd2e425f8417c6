import { BUILT_IN_JUDGE, type Judge } from '@wheelwright/health/adapters';
import {
  AppError,
  ApplicationId,
  done,
  parseTrackingId,
  toAppError,
  type ClusterId,
  type GroupVersionKind,
  type Outcome,
} from '@wheelwright/kernel';
import { compareSweep, type KnownObject, type Observed, type SweepComparison } from '@wheelwright/observe';
import { sweep, type SweepKind, type SweptKind } from '@wheelwright/observe/adapters';
import type { SpokeClient } from '@wheelwright/platform-kube';
import { enqueue, type Store } from '@wheelwright/platform-store';
import { markDue, type ClusterLease, type Leases } from '@wheelwright/status/adapters';
import type { PoolClient } from 'pg';

export interface ObserveParts {
  readonly store: Store;
  readonly leases: Leases;
  readonly connect: (clusterId: ClusterId) => Promise<SpokeClient>;
  /** The rules of health, with the checks of users as they are now: which kinds are read in full. */
  readonly health: () => Promise<Judge>;
}

export interface ObserveOptions {
  readonly sweepMs: number;
  /** The hub itself: where Applications have children, their parents see what became of them within {@link HUB_SWEEP_MS}. */
  readonly hubId?: ClusterId;
  readonly installationId: string;
}

/** A sweep of the hub is SQL only, so it may come often. */
const HUB_SWEEP_MS = 5_000;

/** Sweeps of one spoke are this far apart at most from their interval, so that a fleet that started together drifts apart. */
const JITTER = 0.2;

/**
 * Sweeps one spoke: a metadata-only list per kind in use. Where every list has the digest that was stored, one row is written (the freshness of
 * the spoke) and none is read; where one differs, the Applications concerned become due. A digest is stored only once its list agrees with the
 * inventory, so a difference that was not dealt with is found again by the next sweep.
 */
export class ObserveProcessor {
  constructor(
    private readonly parts: ObserveParts,
    private readonly options: ObserveOptions,
  ) {}

  async run(clusterId: ClusterId, signal: AbortSignal): Promise<Outcome> {
    const lease = await this.parts.leases.acquire(clusterId);
    // A slice is at work: the sweep stays due, and the next tick asks again.
    if (lease === undefined) return done;
    try {
      const kinds = await this.kindsOf(clusterId);
      const client = await this.parts.connect(clusterId);
      const swept = await sweep(client, kinds, { installationId: this.options.installationId, signal });
      // What is unchanged costs no query.
      const isMoved = swept.kinds.some(({ isChanged }) => isChanged);
      const health = isMoved ? await this.parts.health() : BUILT_IN_JUDGE;
      await this.parts.store.tx((tx) => this.conclude(tx, lease, { swept: swept.kinds, health }));
      return done;
    } catch (error) {
      return await this.failed(clusterId, toAppError(error, 'ObserveFailed', 'the sweep failed'));
    } finally {
      await lease.release().catch(() => undefined);
    }
  }

  private async kindsOf(clusterId: ClusterId): Promise<readonly SweepKind[]> {
    const { rows } = await this.parts.store.pool.query<SweepKind>(
      `SELECT api_group AS "group", kind, version, digest AS "knownDigest" FROM cluster_kinds WHERE cluster_id = $1 ORDER BY api_group, kind`,
      [clusterId],
    );
    return rows;
  }

  private async conclude(
    tx: PoolClient,
    lease: ClusterLease,
    { swept, health }: { readonly swept: readonly SweptKind[]; readonly health: Judge },
  ): Promise<void> {
    const held = await tx.query(
      `UPDATE cluster_status SET observed_at = now(), next_sweep_at = now() + $3 * interval '1 millisecond'
       WHERE cluster_id = $1
         AND EXISTS (SELECT 1 FROM cluster_leases WHERE cluster_id = $1 AND generation = $2 AND expires_at > now() FOR SHARE)`,
      [lease.clusterId, lease.generation, jittered(this.intervalMs(lease.clusterId, swept))],
    );
    if (held.rowCount !== 1)
      throw new AppError(
        'LeaseLost',
        `the lease of cluster ${lease.clusterId} ended during its sweep: nothing was written`,
      );
    const moved = swept.filter(({ isChanged }) => isChanged);
    if (moved.length === 0) return;
    const known = (await inventoryOf(tx, lease.clusterId, moved)).map((object) => ({
      ...object,
      watchBody: health.needsBody(object.key.group, object.key.kind),
    }));
    for (const list of moved) {
      const rows = known.filter(({ key }) => key.group === list.group && key.kind === list.kind);
      const comparison = compareSweep(list.items, rows);
      await this.markTouched(tx, lease.clusterId, comparison);
      const adopted = await adopt(tx, lease.clusterId, { list, strays: comparison.strays });
      if (comparison.touched.size === 0 && adopted === 0)
        await storeDigest(tx, lease.clusterId, { list, inUse: rows.length > 0 || list.items.length > 0 });
    }
  }

  private intervalMs(clusterId: ClusterId, swept: readonly SweptKind[]): number {
    const { sweepMs, hubId } = this.options;
    return clusterId === hubId && swept.length > 0 ? Math.min(sweepMs, HUB_SWEEP_MS) : sweepMs;
  }

  private async markTouched(tx: PoolClient, clusterId: ClusterId, { touched }: SweepComparison): Promise<void> {
    await markDue(
      tx,
      clusterId,
      [...touched].map(([id, reasons]) => ({ id, reason: `observe: ${reasons.join(', ')}` })),
    );
  }

  /** The spoke did not give a complete answer: nothing is concluded from it, and its connection is probed. */
  private async failed(clusterId: ClusterId, error: AppError): Promise<Outcome> {
    if (error.code === 'LeaseLost') return done;
    await this.parts.store.tx(async (tx) => {
      await tx.query(
        `UPDATE cluster_status SET next_sweep_at = now() + $2 * interval '1 millisecond' WHERE cluster_id = $1`,
        [clusterId, jittered(Math.min(this.options.sweepMs, RETRY_MS))],
      );
      await enqueue(tx, 'probe', [clusterId]);
    });
    return { kind: 'stalled', error };
  }
}

/**
 * An object that says it belongs to an Application of this spoke, and is in no inventory, was made by a pass that ended before it could record it.
 * It enters the inventory, and its Application is looked at: it stays or is pruned like any other. Answers how many were adopted.
 */
async function adopt(
  tx: PoolClient,
  clusterId: ClusterId,
  { list, strays }: { readonly list: SweptKind; readonly strays: readonly Observed[] },
): Promise<number> {
  const found = strays.flatMap(({ key, uid, trackingId }) => {
    const application = parseTrackingId(trackingId)?.application;
    return application === undefined ? [] : [{ application, ...key, uid }];
  });
  if (found.length === 0) return 0;
  const { rows } = await tx.query<{ id: ApplicationId }>(
    `INSERT INTO resources (application_id, cluster_id, api_group, version, kind, namespace, name, uid)
     SELECT a.id, $1, r."group", $3, r.kind, r.namespace, r.name, r.uid
     FROM jsonb_to_recordset($2::jsonb) AS r (application text, "group" text, kind text, namespace text, name text, uid text)
     JOIN applications a ON a.name = r.application AND a.cluster_id = $1
     ORDER BY 3, 5, 6, 7
     ON CONFLICT DO NOTHING RETURNING application_id AS id`,
    [clusterId, JSON.stringify(found), list.version],
  );
  const ids = [...new Set(rows.map(({ id }) => id))];
  await markDue(
    tx,
    clusterId,
    ids.map((id) => ({ id, reason: 'observe: found' })),
  );
  return rows.length;
}

const RETRY_MS = 10_000;

function jittered(ms: number): number {
  return ms * (1 + JITTER * (2 * Math.random() - 1));
}

async function inventoryOf(
  tx: PoolClient,
  clusterId: ClusterId,
  kinds: readonly Pick<GroupVersionKind, 'group' | 'kind'>[],
): Promise<readonly Omit<KnownObject, 'watchBody'>[]> {
  const { rows } = await tx.query<{
    id: string;
    group: string;
    kind: string;
    namespace: string;
    name: string;
    uid: string;
    fingerprint: string;
    version: string;
  }>(
    `SELECT application_id AS id, api_group AS "group", kind, namespace, name, uid, fingerprint, resource_version AS version
     FROM resources WHERE cluster_id = $1 AND (api_group, kind) IN (SELECT * FROM unnest($2::text[], $3::text[]))`,
    [clusterId, kinds.map(({ group }) => group), kinds.map(({ kind }) => kind)],
  );
  return rows.map(({ id, group, kind, namespace, name, uid, fingerprint, version }) => ({
    applicationId: ApplicationId(id),
    key: { group, kind, namespace, name },
    uid,
    fingerprint,
    resourceVersion: version,
  }));
}

/** A kind that nobody has any more, and of which nothing is left, is not listed again. */
async function storeDigest(
  tx: PoolClient,
  clusterId: ClusterId,
  { list, inUse }: { readonly list: SweptKind; readonly inUse: boolean },
): Promise<void> {
  if (!inUse) {
    await tx.query(`DELETE FROM cluster_kinds WHERE cluster_id = $1 AND api_group = $2 AND kind = $3`, [
      clusterId,
      list.group,
      list.kind,
    ]);
    return;
  }
  await tx.query(
    `UPDATE cluster_kinds SET digest = $4, object_count = $5 WHERE cluster_id = $1 AND api_group = $2 AND kind = $3`,
    [clusterId, list.group, list.kind, list.digest, list.objectCount],
  );
}
