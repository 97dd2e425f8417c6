import type { ApplicationId, ClusterId } from '@wheelwright/kernel';
import { enqueue } from '@wheelwright/platform-store';
import type { PoolClient } from 'pg';

/**
 * Marks Applications of one spoke as due now, with the reason that a person reads in the logs, and wakes the spoke's slice; all in the
 * caller's transaction. Marking twice is marking once with a newer `seq`: a reconcile under way does not settle it.
 */
export async function markDue(
  client: PoolClient,
  clusterId: ClusterId,
  due: readonly { readonly id: ApplicationId; readonly reason: string }[],
): Promise<void> {
  if (due.length === 0) return;
  await client.query(
    `INSERT INTO application_due AS t (application_id, cluster_id, reason)
     SELECT a.id, a.cluster_id, r.reason FROM jsonb_to_recordset($1::jsonb) AS r (id uuid, reason text)
     JOIN applications a ON a.id = r.id AND a.cluster_id = $2
     ORDER BY a.id
     ON CONFLICT (application_id) DO UPDATE
     SET cluster_id = excluded.cluster_id, seq = t.seq + 1, due_at = least(t.due_at, excluded.due_at), reason = excluded.reason`,
    [JSON.stringify(due), clusterId],
  );
  await enqueue(client, 'deploy', [clusterId]);
}
