// The name of a project in; its row gone, or what still needs it.
import { AppError } from '@wheelwright/kernel';
import type { PoolClient } from 'pg';

/** So many names are told. */
const NAMED = 5;

/**
 * Deletes a project in the caller's transaction. Throws `NotFound`, `Conflict` for `default`, which Applications fall back to, and `StillInUse`
 * with the Applications that name it. Those that are being deleted do not count, unless the project says as whom that is done on their spokes.
 */
export async function deleteProject(client: PoolClient, name: string): Promise<void> {
  if (name === 'default')
    throw new AppError(
      'Conflict',
      'the project default cannot be deleted: every Application without a project is in it',
    );
  const found = await client.query<{ impersonates: boolean }>(
    `SELECT jsonb_array_length(coalesce(spec -> 'destinationServiceAccounts', '[]')) > 0 AS impersonates FROM projects WHERE name = $1 FOR UPDATE`,
    [name],
  );
  const [project] = found.rows;
  if (project === undefined) throw new AppError('NotFound', `there is no AppProject ${name}`);
  const { rows } = await client.query<{ name: string; total: number }>(
    `SELECT name, (count(*) OVER ())::int AS total FROM applications WHERE project = $1 AND ($2 OR deletion_requested_at IS NULL)
     ORDER BY name LIMIT $3`,
    [name, project.impersonates, NAMED],
  );
  const [first] = rows;
  if (first !== undefined) {
    const more = first.total > rows.length ? ` and ${String(first.total - rows.length)} more` : '';
    const names = rows.map((row) => row.name).join(', ');
    throw new AppError(
      'StillInUse',
      `AppProject ${name} is the project of ${names}${more}: move or delete them first`,
      {
        details: { project: name, applications: first.total },
      },
    );
  }
  await client.query(`DELETE FROM projects WHERE name = $1`, [name]);
}
