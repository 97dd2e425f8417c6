// The name of an Application or of a set in; its deletion done, or asked of the worker that holds its spoke.
import { AppError, DELETION_BUDGET } from '@wheelwright/kernel';
import { announce, dueUpsert, enqueue } from '@wheelwright/platform-store';
import type { PoolClient } from 'pg';
import type { ApplicationSetSpec } from '../types.js';
import { RESOURCES_FINALIZER } from './application-rows.js';
import { handOver } from './set-moves.js';

/**
 * `deleted`: gone now. `requested`: the worker removes it once its live objects are dealt with. `handedOver`: a set generates it, and owns it from
 * now on.
 */
export type DeletionResult = 'deleted' | 'requested' | 'handedOver';

/** SQL: whether the finalizers of the Application `a` ask for its live objects to be deleted with it. */
export const CASCADE = `EXISTS (SELECT 1 FROM unnest(a.finalizers) AS f WHERE f LIKE '${RESOURCES_FINALIZER}%')`;

/**
 * Deletes what `selected (id)` names: at once where there is no spoke and no live object that could be reached, otherwise by request. A deletion
 * that was requested before stays as it was. $2: delete live objects (null: as the finalizers say).
 */
const DELETE = `
  rootless AS (
    SELECT a.id FROM applications a JOIN selected s ON s.id = a.id
    WHERE a.cluster_id IS NULL AND NOT EXISTS (SELECT 1 FROM resources r JOIN clusters c ON c.id = r.cluster_id WHERE r.application_id = a.id)
  ), gone AS (
    DELETE FROM applications a USING rootless s WHERE a.id = s.id RETURNING a.id
  ), marked AS (
    UPDATE applications a SET deletion_requested_at = now(), deletion_cascade = coalesce($2::boolean, ${CASCADE})
    FROM selected s
    WHERE a.id = s.id AND a.deletion_requested_at IS NULL AND a.id NOT IN (SELECT id FROM rootless)
    RETURNING a.id, a.cluster_id
  ), due AS (
    ${dueUpsert(`(SELECT id, cluster_id, 'deletion requested' AS reason FROM marked)`)}
  )
  SELECT (SELECT count(*)::int FROM gone) AS gone, ARRAY (SELECT id FROM gone UNION ALL SELECT id FROM marked)::text[] AS changed,
    coalesce((SELECT jsonb_agg(DISTINCT cluster_id) FROM due), '[]') AS clusters`;

interface Answer {
  readonly gone: number;
  readonly changed: readonly string[];
  readonly clusters: readonly string[];
}

/** One Application, locked. */
export interface DeletableApplication {
  readonly id: string;
  /** Whether its finalizers ask for its live objects to be deleted with it. */
  readonly cascade: boolean;
  readonly deleting: boolean;
}

/** Locks an Application that may be deleted by its name. Throws NotFound, and Conflict for one of a set: the set would bring it back. */
export async function lockDeletable(client: PoolClient, name: string): Promise<DeletableApplication> {
  const { rows } = await client.query<DeletableApplication & { set_name: string | null }>(
    `SELECT a.id, s.name AS set_name, a.deletion_requested_at IS NOT NULL AS deleting, ${CASCADE} AS cascade
     FROM applications a LEFT JOIN application_sets s ON s.id = a.set_id WHERE a.name = $1 FOR UPDATE OF a`,
    [name],
  );
  const [row] = rows;
  if (row === undefined) throw new AppError('NotFound', `there is no Application ${name}`);
  if (row.set_name !== null && !row.deleting) {
    const message = `Application ${name} belongs to the set ${row.set_name}, which would bring it back: change or delete the set`;
    throw new AppError('Conflict', message, { details: { application: name, set: row.set_name } });
  }
  return row;
}

/**
 * Deletes one Application, in the caller's transaction. `cascade`: whether its live objects go too; absent: as its finalizers say. One whose
 * objects stay and that a set claims is handed over to the set, which would make it anew. Throws NotFound, and Conflict for one that belongs
 * to a set: the set would bring it back.
 */
export async function deleteApplication(
  client: PoolClient,
  name: string,
  { cascade }: { readonly cascade?: boolean },
): Promise<DeletionResult> {
  const row = await lockDeletable(client, name);
  if (!(cascade ?? row.cascade) && (await handOver(client, [row.id], null)).size > 0) return 'handedOver';
  const answer = await run(client, `WITH selected AS (SELECT $1::uuid AS id), ${DELETE}`, [row.id, cascade ?? null]);
  return answer.gone > 0 ? 'deleted' : 'requested';
}

/** What happens to the Applications of a deleted set. */
export type SetDeletion = 'delete' | 'orphan';

export interface SetDeletionOptions {
  /**
   * Absent: they are deleted, unless the set has the resources finalizer and a policy that never deletes: then they stay, as in Argo CD.
   */
  readonly applications?: SetDeletion;
  /** Where present, it must be the name of the set as soon as more Applications are deleted than the deletion budget has as a few. */
  readonly confirmation?: string;
}

/** How many Applications of a deleted set went at once, go by request, stay on their own, and went to sets that claimed them. */
export interface SetDeletionCounts {
  readonly deleted: number;
  readonly requested: number;
  readonly orphaned: number;
  readonly handedOver: number;
}

/** A set, locked, and what its deletion does to its Applications where the caller does not say. */
export interface DeletableSet {
  readonly id: string;
  readonly applications: SetDeletion;
}

/** Locks a set by its name. Throws NotFound. */
export async function lockSet(client: PoolClient, name: string): Promise<DeletableSet> {
  const { rows } = await client.query<{ id: string; finalizers: string[]; spec: ApplicationSetSpec }>(
    `SELECT id, finalizers, spec FROM application_sets WHERE name = $1 FOR UPDATE`,
    [name],
  );
  const [row] = rows;
  if (row === undefined) throw new AppError('NotFound', `there is no ApplicationSet ${name}`);
  const policy = row.spec.syncPolicy?.applicationsSync ?? 'sync';
  const neverDeletes = policy === 'create-only' || policy === 'create-update';
  const isKept = neverDeletes && row.finalizers.some((finalizer) => finalizer.startsWith(RESOURCES_FINALIZER));
  return { id: row.id, applications: isKept ? 'orphan' : 'delete' };
}

/**
 * Deletes a set, in the caller's transaction. Applications that another set claims are handed over to it. The others are deleted, each as its
 * finalizers say: naming the set is the explicit act that the deletion budget asks for. With `orphan` they stay, and nobody's expansion touches
 * them any more. Throws NotFound, and DeletionHeld where a confirmation is asked for and is not the name of the set.
 */
export async function deleteApplicationSet(
  client: PoolClient,
  name: string,
  options: SetDeletionOptions = {},
): Promise<SetDeletionCounts> {
  const set = await lockSet(client, name);
  const owned = await client.query<{ id: string; deleting: boolean }>(
    `SELECT id, deletion_requested_at IS NOT NULL AS deleting FROM applications WHERE set_id = $1 ORDER BY id FOR UPDATE`,
    [set.id],
  );
  const moved = await handOver(
    client,
    owned.rows.map(({ id }) => id),
    set.id,
  );
  const rest = owned.rows.filter(({ id }) => !moved.has(id));
  const ids = rest.map(({ id }) => id);
  let counts = { deleted: 0, requested: 0, orphaned: rest.length };
  if ((options.applications ?? set.applications) === 'delete') {
    const deleting = rest.filter((row) => !row.deleting).length;
    if (needsConfirmation(deleting) && (options.confirmation ?? name) !== name) throw unconfirmed(name, deleting);
    const answer = await run(client, `WITH selected AS (SELECT id FROM unnest($1::uuid[]) AS id), ${DELETE}`, [
      ids,
      null,
    ]);
    counts = { deleted: answer.gone, requested: rest.length - answer.gone, orphaned: 0 };
  } else {
    await announce(client, 'applications', ids);
  }
  await client.query(`DELETE FROM application_sets WHERE id = $1`, [set.id]);
  return { ...counts, handedOver: moved.size };
}

/** Whether so many Applications are more than go without a word. */
export function needsConfirmation(deleting: number): boolean {
  return deleting > DELETION_BUDGET.few;
}

function unconfirmed(name: string, applications: number): AppError {
  const message = `The set ${name} has ${String(applications)} Applications that would be deleted with it. Look at them first with dryRun=true, then repeat this with confirm=${name}; cascade=orphan keeps them.`;
  return new AppError('DeletionHeld', message, { details: { set: name, applications } });
}

async function run(client: PoolClient, sql: string, values: readonly unknown[]): Promise<Answer> {
  const { rows } = await client.query<Answer>(sql, [...values]);
  const [answer] = rows;
  if (answer === undefined) throw new Error('the statement answered no row');
  await enqueue(client, 'deploy', answer.clusters);
  await announce(client, 'applications', answer.changed);
  return answer;
}
