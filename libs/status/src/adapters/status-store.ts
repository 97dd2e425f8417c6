import {
  AppError,
  MANAGED_BY_LABEL,
  type ApplicationId,
  type ClusterId,
  type GroupVersionKind,
  type ResourceKey,
} from '@wheelwright/kernel';
import type { HealthStatus } from '@wheelwright/health';
import type { Attempt } from '@wheelwright/rollout';
import { enqueue, markSelectedDue, type Store } from '@wheelwright/platform-store';
import type { PoolClient } from 'pg';
import type { Condition, OperationPhase, OperationState, ResourceStatus, SyncStatus } from '../types.js';
import { addHistory, type HistoryEntry } from './history-rows.js';
import type { ClusterLease } from './leases.js';

/** The verdict on an Application, as lists and rollups read it. */
export interface Verdict {
  readonly sync: SyncStatus;
  readonly health: HealthStatus;
  readonly revision: string;
  readonly phase: OperationPhase | '';
}

/** What its own page shows beyond that. */
export interface Detail {
  readonly treeDigest: string;
  readonly renderKey: string;
  readonly desiredDigest: string;
  readonly healthMessage: string;
  readonly conditions: readonly Condition[];
  readonly operation: OperationState | null;
  readonly attempt: Attempt | null;
  readonly resourceCount: number;
}

/** Objects whose prune is past the deletion budget and waits for an approval. */
export interface HeldPrune {
  /** Resource keys, sorted. */
  readonly names: readonly string[];
  /** Digest of `names`: an approval holds for exactly these. */
  readonly digest: string;
  /** Objects that the Application has. */
  readonly total: number;
  readonly reason: string;
}

/** What one reconcile of one Application found out: the input of one batched write. */
export interface ReconcileResult {
  readonly applicationId: ApplicationId;
  /** The due row that was seen; it stays where it was raised meanwhile. */
  readonly seq: string;
  /** When to look again by itself; absent: when something changes. */
  readonly again?: { readonly afterMs: number; readonly reason: string };
  readonly verdict?: Verdict;
  readonly detail?: Detail;
  /** Rows that differ from what is stored. */
  readonly resources: readonly ResourceStatus[];
  readonly removed: readonly ResourceKey[];
  readonly kinds: readonly GroupVersionKind[];
  /** Absent: as it was; `null`: no prune waits any more. */
  readonly held?: HeldPrune | null;
  readonly history?: HistoryEntry;
  /** The held revision that holds no more. One that was made meanwhile is another one, and stays. */
  readonly pinOver?: string;
  /** Spokes that the Application has left and that may be cleared of its objects now. */
  readonly leave?: readonly ClusterId[];
  /** Requested operations that are finished. */
  readonly finished: readonly string[];
  /** The Application is gone: its rows go too. */
  readonly deleted: boolean;
}

/** Writes what reconciles found out: one transaction per batch, fenced by the lease, nothing written that did not change. */
export class StatusStore {
  constructor(private readonly store: Store) {}

  /**
   * Writes a batch. Throws `LeaseLost`, with nothing written, where the lease is over.
   * Answers the ids whose verdict or detail changed.
   */
  async write(lease: ClusterLease, results: readonly ReconcileResult[]): Promise<readonly ApplicationId[]> {
    if (results.length === 0) return [];
    return this.store.tx(async (client) => {
      await fence(client, lease);
      const changed = new Set<ApplicationId>();
      for (const id of await writeVerdicts(client, lease, results)) changed.add(id);
      for (const id of await writeDetails(client, results)) changed.add(id);
      await writeResources(client, lease, results);
      await removeResources(client, lease, results);
      await writeKinds(client, lease, results);
      for (const result of results)
        if (result.history !== undefined) await addHistory(client, result.applicationId, result.history);
      await writeHeld(client, results);
      await finishOperations(client, results);
      await endPins(client, results);
      await permitLeaving(client, results);
      await wakeMoved(client, lease, results);
      await settleDue(client, results);
      for (const id of await removeApplications(client, results)) changed.add(id);
      return [...changed];
    });
  }

  /**
   * Writes what became of the objects that moved Applications left on this spoke. Where none is left, the Application is looked at once more on
   * its own spoke, which may be waiting for that.
   */
  async writeLeftovers(lease: ClusterLease, results: readonly ReconcileResult[]): Promise<void> {
    if (results.length === 0) return;
    await this.store.tx(async (client) => {
      await fence(client, lease);
      await writeResources(client, lease, results);
      await removeResources(client, lease, results);
      const ended = results.filter(({ deleted }) => deleted).map(({ applicationId }) => applicationId);
      await client.query(`DELETE FROM resources WHERE cluster_id = $1 AND application_id = ANY ($2::uuid[])`, [
        lease.clusterId,
        ended,
      ]);
      await client.query(
        `DELETE FROM application_leftovers WHERE cluster_id = $1 AND application_id = ANY ($2::uuid[])`,
        [lease.clusterId, ended],
      );
      await client.query(
        `UPDATE application_leftovers l SET due_at = now() + r.ms * interval '1 millisecond'
         FROM jsonb_to_recordset($2::jsonb) AS r (id uuid, ms double precision) WHERE l.cluster_id = $1 AND l.application_id = r.id`,
        [
          lease.clusterId,
          JSON.stringify(results.map(({ applicationId, again }) => ({ id: applicationId, ms: again?.afterMs ?? 0 }))),
        ],
      );
      await markSelectedDue(
        client,
        `SELECT id, cluster_id, 'nothing is left on the other spoke' AS reason FROM applications WHERE id = ANY ($1::uuid[])`,
        [ended],
      );
    });
  }

  /** Nothing is known of the Applications of a spoke that does not answer: one statement, only the rows that said otherwise. */
  async markUnknown(lease: ClusterLease): Promise<readonly ApplicationId[]> {
    return this.store.tx(async (client) => {
      await fence(client, lease);
      const { rows } = await client.query<{ id: ApplicationId }>(
        `UPDATE application_status SET sync = 'Unknown', health = 'Unknown', changed_at = now()
         WHERE cluster_id = $1 AND (sync, health) IS DISTINCT FROM ('Unknown', 'Unknown') RETURNING application_id AS id`,
        [lease.clusterId],
      );
      return rows.map((row) => row.id);
    });
  }
}

async function fence(client: PoolClient, lease: ClusterLease): Promise<void> {
  const { rowCount } = await client.query(
    `SELECT 1 FROM cluster_leases WHERE cluster_id = $1 AND generation = $2 AND expires_at > now() FOR SHARE`,
    [lease.clusterId, lease.generation],
  );
  if (rowCount !== 1) {
    throw new AppError(
      'LeaseLost',
      `the lease of cluster ${lease.clusterId} (generation ${lease.generation}) is over: nothing was written`,
    );
  }
}

/** Where the Application has moved to another spoke meanwhile, the verdict is that spoke's to give. */
async function writeVerdicts(
  client: PoolClient,
  lease: ClusterLease,
  results: readonly ReconcileResult[],
): Promise<readonly ApplicationId[]> {
  const rows = results.flatMap(({ applicationId, verdict }) =>
    verdict === undefined ? [] : [{ id: applicationId, ...verdict }],
  );
  if (rows.length === 0) return [];
  const written = await client.query<{ id: ApplicationId }>(
    `UPDATE application_status s
     SET sync = r.sync, health = r.health, revision = r.revision, phase = r.phase, changed_at = now()
     FROM jsonb_to_recordset($1::jsonb) AS r (id uuid, sync text, health text, revision text, phase text)
     WHERE s.application_id = r.id AND s.cluster_id = $2
       AND (s.sync, s.health, s.revision, s.phase) IS DISTINCT FROM (r.sync, r.health, r.revision, r.phase)
     RETURNING s.application_id AS id`,
    [JSON.stringify(rows), lease.clusterId],
  );
  const ids = written.rows.map((row) => row.id);
  await wakeParents(client, ids);
  return ids;
}

/** Applications that others declare from Git: their parents, which are on the hub itself, look at what became of them. */
async function wakeParents(client: PoolClient, ids: readonly ApplicationId[]): Promise<void> {
  if (ids.length === 0) return;
  const { rows } = await client.query<{ id: string }>(
    `SELECT c.id FROM clusters c WHERE c.is_hub
       AND EXISTS (SELECT 1 FROM applications a WHERE a.id = ANY ($1::uuid[]) AND a.labels ->> '${MANAGED_BY_LABEL}' IS NOT NULL)`,
    [ids],
  );
  await enqueue(
    client,
    'observe',
    rows.map(({ id }) => id),
  );
}

async function writeDetails(
  client: PoolClient,
  results: readonly ReconcileResult[],
): Promise<readonly ApplicationId[]> {
  const rows = results.flatMap(({ applicationId, detail }) =>
    detail === undefined ? [] : [{ id: applicationId, ...detail }],
  );
  if (rows.length === 0) return [];
  const written = await client.query<{ id: ApplicationId }>(
    `UPDATE application_details d
     SET tree_digest = r."treeDigest", render_key = r."renderKey", desired_digest = r."desiredDigest", health_message = r."healthMessage",
         conditions = r.conditions, operation = r.operation, attempt = r.attempt,
         resource_count = r."resourceCount", compared_at = now()
     FROM jsonb_to_recordset($1::jsonb) AS r (id uuid, "treeDigest" text, "renderKey" text, "desiredDigest" text, "healthMessage" text,
       conditions jsonb, operation jsonb, attempt jsonb, "resourceCount" int)
     WHERE d.application_id = r.id
       AND (d.tree_digest, d.render_key, d.desired_digest, d.health_message, d.conditions, d.operation, d.attempt, d.resource_count)
         IS DISTINCT FROM (r."treeDigest", r."renderKey", r."desiredDigest", r."healthMessage", r.conditions,
           r.operation, r.attempt, r."resourceCount")
     RETURNING d.application_id AS id`,
    [JSON.stringify(rows)],
  );
  return written.rows.map((row) => row.id);
}

async function writeResources(
  client: PoolClient,
  lease: ClusterLease,
  results: readonly ReconcileResult[],
): Promise<void> {
  const rows = results.flatMap(({ applicationId, resources }) =>
    resources.map(({ key, ...rest }) => ({ id: applicationId, ...key, ...rest })),
  );
  if (rows.length === 0) return;
  await client.query(
    `INSERT INTO resources AS t (application_id, cluster_id, api_group, version, kind, namespace, name, wave, desired_digest, applied_digest,
       uid, fingerprint, resource_version, sync, health, health_message, message)
     SELECT r.id, $2, r."group", r.version, r.kind, r.namespace, r.name, r.wave, r."desiredDigest", r."appliedDigest",
       r.uid, r.fingerprint, r."resourceVersion", r.sync, r.health, r."healthMessage", r.message
     FROM jsonb_to_recordset($1::jsonb) AS r (id uuid, "group" text, version text, kind text, namespace text, name text, wave int,
       "desiredDigest" text, "appliedDigest" text, uid text, fingerprint text, "resourceVersion" text, sync text, health text,
       "healthMessage" text, message text)
     ORDER BY r.id, r."group", r.kind, r.namespace, r.name
     ON CONFLICT (application_id, api_group, kind, namespace, name, cluster_id) DO UPDATE
     SET version = excluded.version, wave = excluded.wave, desired_digest = excluded.desired_digest,
         applied_digest = excluded.applied_digest, uid = excluded.uid, fingerprint = excluded.fingerprint,
         resource_version = excluded.resource_version, sync = excluded.sync, health = excluded.health,
         health_message = excluded.health_message, message = excluded.message
     WHERE (t.version, t.wave, t.desired_digest, t.applied_digest, t.uid, t.fingerprint, t.resource_version, t.sync, t.health,
            t.health_message, t.message)
       IS DISTINCT FROM (excluded.version, excluded.wave, excluded.desired_digest, excluded.applied_digest, excluded.uid,
            excluded.fingerprint, excluded.resource_version, excluded.sync, excluded.health, excluded.health_message, excluded.message)`,
    [JSON.stringify(rows), lease.clusterId],
  );
}

async function removeResources(
  client: PoolClient,
  lease: ClusterLease,
  results: readonly ReconcileResult[],
): Promise<void> {
  const rows = results.flatMap(({ applicationId, removed }) => removed.map((key) => ({ id: applicationId, ...key })));
  if (rows.length === 0) return;
  await client.query(
    `DELETE FROM resources t USING jsonb_to_recordset($1::jsonb) AS r (id uuid, "group" text, kind text, namespace text, name text)
     WHERE t.cluster_id = $2
       AND (t.application_id, t.api_group, t.kind, t.namespace, t.name) = (r.id, r."group", r.kind, r.namespace, r.name)`,
    [JSON.stringify(rows), lease.clusterId],
  );
}

async function writeKinds(client: PoolClient, lease: ClusterLease, results: readonly ReconcileResult[]): Promise<void> {
  const kinds = new Map(results.flatMap((result) => result.kinds).map((gvk) => [`${gvk.group}/${gvk.kind}`, gvk]));
  if (kinds.size === 0) return;
  await client.query(
    `INSERT INTO cluster_kinds AS t (cluster_id, api_group, kind, version)
     SELECT $2, r."group", r.kind, r.version FROM jsonb_to_recordset($1::jsonb) AS r ("group" text, kind text, version text)
     ORDER BY 2, 3
     ON CONFLICT (cluster_id, api_group, kind) DO UPDATE SET version = excluded.version WHERE t.version IS DISTINCT FROM excluded.version`,
    [JSON.stringify([...kinds.values()]), lease.clusterId],
  );
}

/** An approval is kept as long as it is for the same objects. */
async function writeHeld(client: PoolClient, results: readonly ReconcileResult[]): Promise<void> {
  const ended = results.filter(({ held }) => held === null).map(({ applicationId }) => applicationId);
  if (ended.length > 0)
    await client.query(`DELETE FROM held_deletions WHERE application_id = ANY ($1::uuid[])`, [ended]);
  for (const { applicationId, held } of results) {
    if (held === undefined || held === null) continue;
    await client.query(
      `INSERT INTO held_deletions AS h (application_id, names, digest, total, reason) VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT (application_id) DO UPDATE
       SET names = excluded.names, digest = excluded.digest, total = excluded.total, reason = excluded.reason,
           approved_at = NULL, approved_by = NULL, created_at = now()
       WHERE h.digest <> excluded.digest`,
      [applicationId, JSON.stringify(held.names), held.digest, held.total, held.reason],
    );
  }
}

async function finishOperations(client: PoolClient, results: readonly ReconcileResult[]): Promise<void> {
  const ids = results.flatMap((result) => result.finished);
  if (ids.length > 0) await client.query(`DELETE FROM application_operations WHERE id = ANY ($1::uuid[])`, [ids]);
}

async function endPins(client: PoolClient, results: readonly ReconcileResult[]): Promise<void> {
  const ids = results.flatMap(({ pinOver }) => (pinOver === undefined ? [] : [pinOver]));
  if (ids.length > 0) await client.query(`DELETE FROM application_pins WHERE id = ANY ($1::uuid[])`, [ids]);
}

async function permitLeaving(client: PoolClient, results: readonly ReconcileResult[]): Promise<void> {
  const rows = results.flatMap(({ applicationId, leave = [] }) =>
    leave.map((cluster) => ({ id: applicationId, cluster })),
  );
  if (rows.length === 0) return;
  await client.query(
    `INSERT INTO application_leftovers (application_id, cluster_id)
     SELECT r.id, r.cluster FROM jsonb_to_recordset($1::jsonb) AS r (id uuid, cluster uuid) ORDER BY 1, 2
     ON CONFLICT DO NOTHING`,
    [JSON.stringify(rows)],
  );
  await enqueue(client, 'deploy', [...new Set(rows.map(({ cluster }) => cluster))]);
}

/** An Application that moved away during the pass: its new spoke must see the rows that were just written for the old one. */
async function wakeMoved(client: PoolClient, lease: ClusterLease, results: readonly ReconcileResult[]): Promise<void> {
  const ids = results.filter(({ resources }) => resources.length > 0).map(({ applicationId }) => applicationId);
  if (ids.length === 0) return;
  await markSelectedDue(
    client,
    `SELECT id, cluster_id, 'moved' AS reason FROM applications WHERE id = ANY ($1::uuid[]) AND cluster_id <> $2`,
    [ids, lease.clusterId],
  );
}

async function settleDue(client: PoolClient, results: readonly ReconcileResult[]): Promise<void> {
  const rows = results.map(({ applicationId, seq, again }) => ({
    id: applicationId,
    seq,
    afterMs: again?.afterMs,
    reason: again?.reason,
  }));
  await client.query(
    `WITH r AS (SELECT * FROM jsonb_to_recordset($1::jsonb) AS r (id uuid, seq bigint, "afterMs" double precision, reason text)),
     later AS (
       UPDATE application_due d SET due_at = now() + r."afterMs" * interval '1 millisecond', reason = r.reason
       FROM r WHERE d.application_id = r.id AND d.seq = r.seq AND r."afterMs" IS NOT NULL)
     DELETE FROM application_due d USING r WHERE d.application_id = r.id AND d.seq = r.seq AND r."afterMs" IS NULL`,
    [JSON.stringify(rows)],
  );
}

async function removeApplications(
  client: PoolClient,
  results: readonly ReconcileResult[],
): Promise<readonly ApplicationId[]> {
  const ids = results.filter((result) => result.deleted).map((result) => result.applicationId);
  if (ids.length === 0) return [];
  await client.query(`DELETE FROM applications WHERE id = ANY ($1::uuid[]) AND deletion_requested_at IS NOT NULL`, [
    ids,
  ]);
  return ids;
}
