// How a spoke goes: at once where nothing targets it, otherwise as the caller decides.
import { AppError, type ClusterId } from '@wheelwright/kernel';
import { announce, type Store } from '@wheelwright/platform-store';
import { notFound } from './cluster-store.js';
import { lockCluster } from './cluster-writes.js';
import { expandDependents, expandOwners, markApplicationsDue } from './follow-up.js';

/** What becomes of the Applications: `orphan` forgets them and leaves the spoke as it is, `delete` deletes their live objects first. */
export type DeletionCascade = 'orphan' | 'delete';

/** `pending`: the cluster goes when its last Application is gone. */
export type ClusterDeletion =
  { readonly kind: 'deleted' } | { readonly kind: 'pending'; readonly applications: number };

/** Deletes a spoke. Throws `NotFound`, `Conflict` for the hub itself, and `StillInUse` where Applications target it and no cascade is given. Doing it twice is fine. */
export async function deleteCluster(store: Store, name: string, cascade?: DeletionCascade): Promise<ClusterDeletion> {
  return store.tx(async (client): Promise<ClusterDeletion> => {
    const row = await lockCluster(client, { name });
    if (row === undefined) throw notFound(name);
    if (row.is_hub) throw isHubItself(name);
    const { rows } = await client.query<{ count: number }>(
      'SELECT count(*)::int AS count FROM applications WHERE cluster_id = $1',
      [row.id],
    );
    const applications = rows[0]?.count ?? 0;
    if (applications > 0 && cascade === undefined) throw stillInUse(name, applications);
    await expandOwners(client, row.id);
    if (applications > 0 && cascade === 'delete') {
      const marked = await client.query<{ id: string }>(
        `UPDATE applications SET deletion_requested_at = coalesce(deletion_requested_at, now()), deletion_cascade = true, updated_at = now()
         WHERE cluster_id = $1 RETURNING id`,
        [row.id],
      );
      await client.query(
        'UPDATE clusters SET deletion_requested_at = coalesce(deletion_requested_at, now()), generation = generation + 1 WHERE id = $1',
        [row.id],
      );
      await markApplicationsDue(client, row.id, 'deletion requested');
      await expandDependents(client, { before: row });
      await announce(
        client,
        'applications',
        marked.rows.map(({ id }) => id),
      );
      return { kind: 'pending', applications };
    }
    await client.query('DELETE FROM applications WHERE cluster_id = $1', [row.id]);
    // What Applications that moved away left there is out of reach from now on.
    await client.query('DELETE FROM resources WHERE cluster_id = $1', [row.id]);
    await client.query('DELETE FROM clusters WHERE id = $1', [row.id]);
    await expandDependents(client, { before: row });
    await announce(client, 'fleet', [row.id]);
    return { kind: 'deleted' };
  });
}

/** Ends a requested deletion where the last Application is gone. To be called after an Application of the cluster was deleted. Answers whether it went. */
export async function finishClusterDeletion(store: Store, id: ClusterId): Promise<boolean> {
  return store.tx(async (client) => {
    // The lock keeps an Application from being declared for it meanwhile (its foreign key needs the row).
    const found = await client.query(
      'SELECT 1 FROM clusters WHERE id = $1 AND deletion_requested_at IS NOT NULL FOR UPDATE',
      [id],
    );
    if (found.rowCount === 0) return false;
    const { rowCount } = await client.query(
      'DELETE FROM clusters WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM applications WHERE cluster_id = $1) AND NOT EXISTS (SELECT 1 FROM application_leftovers WHERE cluster_id = $1)',
      [id],
    );
    if (rowCount !== 1) return false;
    await announce(client, 'fleet', [id]);
    return true;
  });
}

function isHubItself(name: string): AppError {
  return new AppError(
    'Conflict',
    `${name} is the hub itself, and stays a destination as long as the hub runs. Pause it, or leave it out of the destinations of your projects.`,
  );
}

function stillInUse(name: string, applications: number): AppError {
  return new AppError(
    'StillInUse',
    `${applications} Applications target the cluster ${name}. Delete them first, or use cascade=delete to delete them with their objects, or cascade=orphan to forget them and leave the objects.`,
    { details: { applications } },
  );
}
