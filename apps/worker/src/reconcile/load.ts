import type { Application, ApplicationSpec, AppProject } from '@wheelwright/intent';
import { ApplicationId, type ClusterId, type ResourceKey } from '@wheelwright/kernel';
import type { Store } from '@wheelwright/platform-store';
import type { Attempt, Pause, Pin, RequestedSync } from '@wheelwright/rollout';
import type { Condition, OperationState, ResourceStatus } from '@wheelwright/status';
import type { Verdict } from '@wheelwright/status/adapters';

/** A request of a person that no worker has finished yet. */
export interface Requested {
  readonly id: string;
  readonly kind: 'sync' | 'refresh' | 'hardRefresh' | 'terminate';
  readonly sync: RequestedSync;
}

/** Everything that Postgres knows of one due Application. */
export interface DueApplication {
  readonly id: ApplicationId;
  readonly seq: string;
  readonly reason: string;
  readonly application: Application;
  readonly deletion: { readonly cascade: boolean } | undefined;
  readonly verdict: Verdict;
  readonly treeDigest: string;
  readonly renderKey: string;
  readonly desiredDigest: string;
  readonly healthMessage: string;
  readonly conditions: readonly Condition[];
  readonly operation: OperationState | null;
  readonly attempt: Attempt | undefined;
  /** The revision that somebody holds it at. */
  readonly pin: Pin | undefined;
  /** Somebody lets no sync of it begin or go on. */
  readonly pause: Pause | undefined;
  readonly requested: readonly Requested[];
  /** Its operation was ended just now, at a request. */
  readonly isEnding?: true;
  /** Keys of the objects whose prune somebody approved, where a prune was held. */
  readonly held: { readonly digest: string; readonly approved: boolean } | undefined;
  /** The inventory: one row per object that is, or was, ours on the spoke. */
  readonly resources: readonly ResourceStatus[];
  /** What the Application has on other spokes that are still registered: it was there before it was moved. */
  readonly leftovers: readonly Leftover[];
  /** Objects in its destination namespace that no Application manages, as the last search for its project found them. */
  readonly orphans: number;
}

/** An object on a spoke that its Application has left. */
export interface Leftover {
  readonly clusterId: ClusterId;
  readonly cluster: string;
  readonly key: ResourceKey;
}

/** The destination of a slice. */
export interface SliceCluster {
  readonly id: ClusterId;
  readonly name: string;
  readonly server: string;
  readonly project: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Empty: all of them. */
  readonly namespaces: readonly string[];
  readonly clusterResources: boolean;
  readonly state: string;
  /** The hub itself: what goes there are declared objects. */
  readonly isHub: boolean;
}

interface DueRow {
  id: string;
  seq: string;
  reason: string;
  name: string;
  namespace: string;
  labels: Record<string, string>;
  annotations: Record<string, string>;
  finalizers: string[];
  spec: ApplicationSpec;
  deleting: boolean;
  cascade: boolean;
  sync: Verdict['sync'];
  health: Verdict['health'];
  revision: string;
  phase: Verdict['phase'];
  tree_digest: string;
  render_key: string;
  desired_digest: string;
  health_message: string;
  conditions: Condition[];
  operation: OperationState | null;
  attempt: Attempt | null;
  requested: {
    id: string;
    kind: Requested['kind'];
    requestedBy: string;
    options: Partial<Pick<RequestedSync, 'prune' | 'dryRun' | 'resources' | 'reason' | 'origin'>>;
  }[];
  pin: Pin | null;
  pause: Pause | null;
  held_digest: string | null;
  held_approved: boolean;
  resources: ResourceStatus[];
  leftovers: Leftover[];
  orphans: number;
}

/** Reads the cluster of a slice; `undefined` where it is gone. */
export async function loadCluster(store: Store, id: ClusterId): Promise<SliceCluster | undefined> {
  const { rows } = await store.pool.query<SliceCluster>(
    `SELECT c.id, c.name, c.server, c.project, c.labels, c.namespaces, c.cluster_resources AS "clusterResources", s.state, c.is_hub AS "isHub" FROM clusters c JOIN cluster_status s ON s.cluster_id = c.id WHERE c.id = $1`,
    [id],
  );
  return rows[0];
}

/** The next due Applications of a spoke with all that Postgres knows of them: one statement, oldest first. */
export function loadDue(store: Store, clusterId: ClusterId, limit: number): Promise<readonly DueApplication[]> {
  return load(store, `SELECT application_id, seq, reason FROM application_due`, { clusterId, limit });
}

/** Applications that left the spoke for another one and whose objects there may go now, oldest first. One that came back is none of them. */
export async function loadLeaving(
  store: Store,
  clusterId: ClusterId,
  limit: number,
): Promise<readonly DueApplication[]> {
  await store.pool.query(
    `DELETE FROM application_leftovers l USING applications a WHERE l.cluster_id = $1 AND a.id = l.application_id AND a.cluster_id = $1`,
    [clusterId],
  );
  return load(store, `SELECT application_id, 0 AS seq, 'left behind' AS reason FROM application_leftovers`, {
    clusterId,
    limit,
  });
}

async function load(
  store: Store,
  source: string,
  { clusterId, limit }: { readonly clusterId: ClusterId; readonly limit: number },
): Promise<readonly DueApplication[]> {
  const { rows } = await store.pool.query<DueRow>(
    `WITH due AS (${source} WHERE cluster_id = $1 AND due_at <= now() ORDER BY due_at LIMIT $2)
     SELECT a.id, due.seq::text, due.reason, a.name, a.namespace, a.labels, a.annotations, a.finalizers, a.spec,
       a.deletion_requested_at IS NOT NULL AS deleting, a.deletion_cascade AS cascade,
       s.sync, s.health, s.revision, s.phase,
       d.tree_digest, d.render_key, d.desired_digest, d.health_message, d.conditions, d.operation, d.attempt,
       coalesce((SELECT jsonb_agg(jsonb_build_object('id', o.id, 'kind', o.kind, 'requestedBy', o.requested_by, 'options', o.options) ORDER BY o.requested_at)
                 FROM application_operations o WHERE o.application_id = a.id), '[]') AS requested,
       (SELECT jsonb_build_object('id', p.id, 'kind', p.kind, 'revision', p.revision, 'declaredDigest', p.declared_digest,
           'denied', p.denied, 'reason', p.reason, 'pinnedBy', p.pinned_by)
           || CASE WHEN p.source IS NULL THEN '{}' ELSE jsonb_build_object('source', p.source) END
         FROM application_pins p WHERE p.application_id = a.id) AS pin,
       (SELECT jsonb_build_object('reason', p.reason, 'pausedBy', p.paused_by)
         FROM application_pauses p WHERE p.application_id = a.id) AS pause,
       h.digest AS held_digest, h.approved_at IS NOT NULL AS held_approved,
       coalesce((SELECT jsonb_agg(jsonb_build_object(
           'key', jsonb_build_object('group', r.api_group, 'kind', r.kind, 'namespace', r.namespace, 'name', r.name),
           'version', r.version, 'wave', r.wave, 'desiredDigest', r.desired_digest, 'appliedDigest', r.applied_digest, 'uid', r.uid,
           'fingerprint', r.fingerprint, 'resourceVersion', r.resource_version, 'sync', r.sync, 'health', r.health,
           'healthMessage', r.health_message, 'message', r.message) ORDER BY r.api_group, r.kind, r.namespace, r.name)
         FROM resources r WHERE r.application_id = a.id AND r.cluster_id = $1), '[]') AS resources,
       coalesce((SELECT jsonb_agg(jsonb_build_object('clusterId', c.id, 'cluster', c.name,
           'key', jsonb_build_object('group', r.api_group, 'kind', r.kind, 'namespace', r.namespace, 'name', r.name)))
         FROM resources r JOIN clusters c ON c.id = r.cluster_id WHERE r.application_id = a.id AND r.cluster_id <> $1), '[]') AS leftovers,
       (SELECT count(*)::int FROM orphaned_resources o
        WHERE o.cluster_id = $1 AND o.project = a.project AND o.namespace = a.spec->'destination'->>'namespace') AS orphans
     FROM due JOIN applications a ON a.id = due.application_id
     JOIN application_status s ON s.application_id = a.id JOIN application_details d ON d.application_id = a.id
     LEFT JOIN held_deletions h ON h.application_id = a.id
     ORDER BY a.name`,
    [clusterId, limit],
  );
  return rows.map(toDueApplication);
}

function toDueApplication(row: DueRow): DueApplication {
  return {
    id: ApplicationId(row.id),
    seq: row.seq,
    reason: row.reason,
    application: {
      metadata: {
        name: row.name,
        namespace: row.namespace,
        labels: row.labels,
        annotations: row.annotations,
        finalizers: row.finalizers,
      },
      spec: row.spec,
    },
    deletion: row.deleting ? { cascade: row.cascade } : undefined,
    verdict: { sync: row.sync, health: row.health, revision: row.revision, phase: row.phase },
    treeDigest: row.tree_digest,
    renderKey: row.render_key,
    desiredDigest: row.desired_digest,
    healthMessage: row.health_message,
    conditions: row.conditions,
    operation: row.operation,
    attempt: row.attempt ?? undefined,
    pin: row.pin ?? undefined,
    pause: row.pause ?? undefined,
    requested: row.requested.map(({ id, kind, requestedBy, options }) => ({
      id,
      kind,
      sync: {
        id,
        requestedBy,
        prune: options.prune ?? false,
        dryRun: options.dryRun ?? false,
        resources: options.resources ?? [],
        ...(options.reason === undefined ? {} : { reason: options.reason }),
        ...(options.origin === undefined ? {} : { origin: options.origin }),
      },
    })),
    held: row.held_digest === null ? undefined : { digest: row.held_digest, approved: row.held_approved },
    resources: row.resources,
    leftovers: row.leftovers,
    orphans: row.orphans,
  };
}

/** Projects by name, as typed values; names that do not exist are absent. */
export type Projects = ReadonlyMap<string, AppProject>;
