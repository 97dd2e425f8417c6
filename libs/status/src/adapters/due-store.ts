import type { ApplicationId, ClusterId } from '@wheelwright/kernel';
import { markSelectedDue } from '@wheelwright/platform-store';
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
  await markSelectedDue(
    client,
    `SELECT a.id, a.cluster_id, r.reason FROM jsonb_to_recordset($1::jsonb) AS r (id uuid, reason text)
     JOIN applications a ON a.id = r.id AND a.cluster_id = $2`,
    [JSON.stringify(due), clusterId],
  );
}
