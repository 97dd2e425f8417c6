// The name of an Application or of a set in; what its deletion would come to out. Nothing is written.
import type { ResourceKey } from '@wheelwright/kernel';
import type { PoolClient } from 'pg';
import { CASCADE, lockDeletable, lockSet, needsConfirmation, type SetDeletion } from './delete-objects.js';
import { heirsOf } from './set-moves.js';

/** Most Applications, or objects, that a plan lists. The counts are of all. */
export const MAX_PLANNED = 1_000;

/**
 * `delete`: the Application goes, what it has on its spoke stays. `deleteWithResources`: both go. `orphan`: it stays, on its own. `handOver`:
 * it goes to a set that claims it.
 */
export type PlannedAction = 'delete' | 'deleteWithResources' | 'orphan' | 'handOver';

export interface PlannedApplication {
  readonly name: string;
  /** Null: its destination is no registered spoke. */
  readonly cluster: string | null;
  readonly action: PlannedAction;
  /** Live objects that it has on registered spokes. */
  readonly resources: number;
}

export interface SetDeletionPlan {
  readonly set: string;
  /** In order of name, the first {@link MAX_PLANNED}. */
  readonly applications: readonly PlannedApplication[];
  readonly total: number;
  /** How many Applications each action is for. */
  readonly counts: Readonly<Record<PlannedAction, number>>;
  /** Live objects that go: no more than that, as what is annotated to be kept stays. */
  readonly resources: number;
  /** Whether REST asks for `confirm=<name of the set>`. */
  readonly needsConfirmation: boolean;
}

interface SetPlanRow {
  readonly applications: readonly PlannedApplication[];
  readonly counts: Partial<Record<PlannedAction, number>>;
  readonly resources: number;
  readonly deleting: number;
}

const SET_PLAN = `WITH mine AS (
    SELECT a.id, a.name, a.cluster_id, a.deletion_requested_at IS NOT NULL AS deleting,
      CASE WHEN a.deletion_requested_at IS NULL THEN ${CASCADE} ELSE a.deletion_cascade END AS cascade
    FROM applications a WHERE a.set_id = $1::uuid
  ), free AS (SELECT id, name FROM mine WHERE NOT deleting
  ), heirs AS (${heirsOf('free', '$1::uuid')}
  ), live AS (
    SELECT r.application_id AS id, count(*)::int AS resources FROM resources r JOIN mine m ON m.id = r.application_id JOIN clusters c ON c.id = r.cluster_id
    WHERE r.uid <> '' GROUP BY 1
  ), planned AS (
    SELECT m.name, c.name AS cluster, m.deleting, coalesce(l.resources, 0) AS resources, CASE
        WHEN h.id IS NOT NULL THEN 'handOver'
        WHEN $2 = 'orphan' AND NOT m.deleting THEN 'orphan'
        WHEN m.cascade AND (m.cluster_id IS NOT NULL OR l.resources > 0) THEN 'deleteWithResources' ELSE 'delete' END AS action
    FROM mine m LEFT JOIN clusters c ON c.id = m.cluster_id LEFT JOIN heirs h ON h.id = m.id LEFT JOIN live l ON l.id = m.id
  ), listed AS (
    SELECT name, cluster, action, resources FROM planned ORDER BY name COLLATE "C" LIMIT ${String(MAX_PLANNED)}
  )
  SELECT coalesce((SELECT jsonb_agg(to_jsonb(l) ORDER BY l.name COLLATE "C") FROM listed l), '[]') AS applications,
    coalesce((SELECT jsonb_object_agg(action, n) FROM (SELECT action, count(*) AS n FROM planned GROUP BY 1) AS g), '{}') AS counts,
    (SELECT coalesce(sum(resources), 0)::int FROM planned WHERE action = 'deleteWithResources') AS resources,
    (SELECT count(*)::int FROM planned WHERE action LIKE 'delete%' AND NOT deleting) AS deleting`;

/** What {@link deleteApplicationSet} would do with the same options, one statement whatever the number. Throws NotFound. */
export async function planSetDeletion(
  client: PoolClient,
  name: string,
  options: { readonly applications?: SetDeletion } = {},
): Promise<SetDeletionPlan> {
  const set = await lockSet(client, name);
  const { rows } = await client.query<SetPlanRow>(SET_PLAN, [set.id, options.applications ?? set.applications]);
  const [row] = rows;
  if (row === undefined) throw new Error('the statement answered no row');
  const counts = { delete: 0, deleteWithResources: 0, orphan: 0, handOver: 0, ...row.counts };
  return {
    set: name,
    applications: row.applications,
    total: Object.values(counts).reduce((sum, count) => sum + count, 0),
    counts,
    resources: row.resources,
    needsConfirmation: needsConfirmation(row.deleting),
  };
}

/** One object that an Application has on a registered spoke. */
export interface PlannedObject extends ResourceKey {
  readonly cluster: string;
}

export interface ApplicationDeletionPlan {
  readonly application: string;
  readonly action: Exclude<PlannedAction, 'orphan'>;
  /** Its live objects in order, the first {@link MAX_PLANNED}: with `deleteWithResources` they go, unless annotated to be kept; else they stay. */
  readonly objects: readonly PlannedObject[];
  readonly total: number;
}

/** What {@link deleteApplication} would do with the same options. Throws as it does. */
export async function planApplicationDeletion(
  client: PoolClient,
  name: string,
  { cascade }: { readonly cascade?: boolean },
): Promise<ApplicationDeletionPlan> {
  const row = await lockDeletable(client, name);
  const { rows } = await client.query<PlannedObject & { readonly total: number }>(
    `SELECT r.api_group AS "group", r.kind, r.namespace, r.name, c.name AS cluster, (count(*) OVER ())::int AS total
     FROM resources r JOIN clusters c ON c.id = r.cluster_id WHERE r.application_id = $1 AND r.uid <> ''
     ORDER BY c.name COLLATE "C", r.api_group COLLATE "C", r.kind COLLATE "C", r.namespace COLLATE "C", r.name COLLATE "C" LIMIT $2`,
    [row.id, MAX_PLANNED],
  );
  const withObjects = cascade ?? row.cascade;
  const claimed = withObjects || row.deleting ? false : await isClaimed(client, row.id);
  const total = rows[0]?.total ?? 0;
  return {
    application: name,
    action: claimed ? 'handOver' : withObjects && total > 0 ? 'deleteWithResources' : 'delete',
    objects: rows.map(({ total: _all, ...object }) => object),
    total,
  };
}

async function isClaimed(client: PoolClient, id: string): Promise<boolean> {
  const { rowCount } = await client.query(
    `SELECT 1 FROM set_claims c JOIN applications a ON a.name = c.name WHERE a.id = $1 LIMIT 1`,
    [id],
  );
  return (rowCount ?? 0) > 0;
}
