// The annotation that asks for one expansion past all caches: how it is read, and how it ends.
import { digestOf, type ApplicationSetId, type JsonObject } from '@wheelwright/kernel';
import { enqueue } from '@wheelwright/platform-store';
import type { PoolClient } from 'pg';
import type { SetRow } from './facts.js';

/** As Argo CD names it; any value but `false`. */
export const REFRESH_ANNOTATION = 'argocd.argoproj.io/application-set-refresh';

/** A row as it stands without the annotation, and whether it was there. */
export function withoutRefresh<Row extends SetRow>(row: Row): { readonly row: Row; readonly isForced: boolean } {
  if (!Object.hasOwn(row.annotations, REFRESH_ANNOTATION)) return { row, isForced: false };
  const { [REFRESH_ANNOTATION]: value, ...annotations } = row.annotations;
  const { namespace, labels, finalizers } = row;
  const spec = row.spec as SetRow['spec'] & JsonObject;
  const digest = digestOf({ namespace, labels, annotations, finalizers, spec });
  return { row: { ...row, annotations, digest }, isForced: value !== 'false' };
}

/** Takes the annotation off, in the transaction of the expansion that it asked for, and has the repositories of the set looked at. */
export async function endRefresh(client: PoolClient, id: ApplicationSetId): Promise<void> {
  const { rows } = await client.query<SetRow>(
    `SELECT namespace, labels, annotations, finalizers, spec, digest FROM application_sets WHERE id = $1`,
    [id],
  );
  const [found] = rows;
  if (found === undefined) return;
  const { row } = withoutRefresh(found);
  await client.query(`UPDATE application_sets SET annotations = $2, digest = $3, updated_at = now() WHERE id = $1`, [
    id,
    JSON.stringify(row.annotations),
    row.digest,
  ]);
  const repositories = await client.query<{ subject: string }>(
    `SELECT DISTINCT subject FROM set_dependencies WHERE set_id = $1 AND kind = 'repository'`,
    [id],
  );
  await enqueue(
    client,
    'source',
    repositories.rows.map(({ subject }) => subject),
  );
}
