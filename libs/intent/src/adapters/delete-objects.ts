// The name of an Application or of a set in; its deletion done, or asked of the worker that holds its spoke.
import { AppError } from '@wheelwright/kernel';
import { announce, dueUpsert, enqueue } from '@wheelwright/platform-store';
import type { PoolClient } from 'pg';

/** `deleted`: gone now. `requested`: the worker removes it once its live objects are dealt with. */
export type DeletionResult = 'deleted' | 'requested';

const CASCADE = `EXISTS (SELECT 1 FROM unnest(a.finalizers) AS f WHERE f LIKE 'resources-finalizer.argocd.argoproj.io%')`;

/**
 * Deletes what `selected (id)` names: at once where there is no spoke and no live object, otherwise by request. A deletion that was
 * requested before stays as it was. $2: delete live objects (null: as the finalizers say).
 */
const DELETE = `
  gone AS (
    DELETE FROM applications a USING selected s
    WHERE a.id = s.id AND a.cluster_id IS NULL AND NOT EXISTS (SELECT 1 FROM resources r WHERE r.application_id = a.id)
    RETURNING a.id
  ), marked AS (
    UPDATE applications a SET deletion_requested_at = now(), deletion_cascade = coalesce($2::boolean, ${CASCADE})
    FROM selected s
    WHERE a.id = s.id AND a.deletion_requested_at IS NULL
      AND (a.cluster_id IS NOT NULL OR EXISTS (SELECT 1 FROM resources r WHERE r.application_id = a.id))
    RETURNING a.id, a.cluster_id
  ), due AS (
    ${dueUpsert(`(SELECT id, cluster_id, 'deletion requested' AS reason FROM marked)`)}
  )
  SELECT (SELECT count(*)::int FROM gone) AS gone, ARRAY (SELECT id FROM gone UNION ALL SELECT id FROM marked)::text[] AS changed, coalesce((SELECT jsonb_agg(DISTINCT cluster_id) FROM due), '[]') AS clusters`;

interface Answer {
  readonly gone: number;
  readonly changed: readonly string[];
  readonly clusters: readonly string[];
}

/**
 * Deletes one Application, in the caller's transaction. `cascade`: whether its live objects go too; absent: as its finalizers say.
 * Throws NotFound, and Conflict for one that belongs to a set: the set would bring it back.
 */
export async function deleteApplication(
  client: PoolClient,
  name: string,
  { cascade }: { readonly cascade?: boolean },
): Promise<DeletionResult> {
  const { rows } = await client.query<{ id: string; set_name: string | null; deleting: boolean }>(
    `SELECT a.id, s.name AS set_name, a.deletion_requested_at IS NOT NULL AS deleting
     FROM applications a LEFT JOIN application_sets s ON s.id = a.set_id WHERE a.name = $1 FOR UPDATE OF a`,
    [name],
  );
  const [row] = rows;
  if (row === undefined) throw new AppError('NotFound', `there is no Application ${name}`);
  if (row.set_name !== null && !row.deleting) {
    const message = `Application ${name} belongs to the set ${row.set_name}, which would bring it back: change or delete the set`;
    throw new AppError('Conflict', message, { details: { application: name, set: row.set_name } });
  }
  const answer = await run(client, `WITH selected AS (SELECT $1::uuid AS id), ${DELETE}`, [row.id, cascade ?? null]);
  return answer.gone > 0 ? 'deleted' : 'requested';
}

/** What happens to the Applications of a deleted set. */
export type SetDeletion = 'delete' | 'orphan';

/**
 * Deletes a set, in the caller's transaction. Its Applications are deleted too, each as its finalizers say: naming the set is the explicit
 * act that the deletion budget asks for. With `orphan` they stay, and nobody's expansion touches them any more. Throws NotFound.
 */
export async function deleteApplicationSet(
  client: PoolClient,
  name: string,
  { applications }: { readonly applications: SetDeletion },
): Promise<{ readonly deleted: number; readonly requested: number }> {
  const { rows } = await client.query<{ id: string }>(`SELECT id FROM application_sets WHERE name = $1 FOR UPDATE`, [
    name,
  ]);
  const [set] = rows;
  if (set === undefined) throw new AppError('NotFound', `there is no ApplicationSet ${name}`);
  let counts = { deleted: 0, requested: 0 };
  if (applications === 'delete') {
    const { rowCount } = await client.query(`SELECT 1 FROM applications WHERE set_id = $1 FOR UPDATE`, [set.id]);
    const selected = `WITH selected AS (SELECT id FROM applications WHERE set_id = $1::uuid), ${DELETE}`;
    const answer = await run(client, selected, [set.id, null]);
    counts = { deleted: answer.gone, requested: (rowCount ?? 0) - answer.gone };
  } else {
    const kept = await client.query<{ id: string }>(`SELECT id FROM applications WHERE set_id = $1 FOR UPDATE`, [
      set.id,
    ]);
    await announce(
      client,
      'applications',
      kept.rows.map(({ id }) => id),
    );
  }
  await client.query(`DELETE FROM application_sets WHERE id = $1`, [set.id]);
  return counts;
}

async function run(client: PoolClient, sql: string, values: readonly unknown[]): Promise<Answer> {
  const { rows } = await client.query<Answer>(sql, [...values]);
  const [answer] = rows;
  if (answer === undefined) throw new Error('the statement answered no row');
  await enqueue(client, 'deploy', answer.clusters);
  await announce(client, 'applications', answer.changed);
  return answer;
}
