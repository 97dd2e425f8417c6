// What a change of a cluster sets in motion. Always in the transaction of the change itself.
import { enqueue, markSelectedDue } from '@wheelwright/platform-store';
import type { PoolClient } from 'pg';

/** Expands every set again that reads facts of clusters, or whose last expansion named a destination that was not registered. */
export async function expandDependents(client: PoolClient): Promise<void> {
  const { rows } = await client.query<{ set_id: string }>(
    `SELECT set_id FROM set_dependencies WHERE kind = 'clusters'
     UNION SELECT set_id FROM application_set_status WHERE issues @> '[{"code": "UnknownDestination"}]' ORDER BY set_id`,
  );
  await enqueue(
    client,
    'expand',
    rows.map((row) => row.set_id),
  );
}

/** Marks every Application of a cluster due now, and wakes the cluster's slice. */
export async function markApplicationsDue(client: PoolClient, clusterId: string, reason: string): Promise<void> {
  await markSelectedDue(client, 'SELECT id, cluster_id, $2::text AS reason FROM applications WHERE cluster_id = $1', [
    clusterId,
    reason,
  ]);
}

/**
 * Gives Applications that name this cluster, and were declared before it was registered or renamed, their destination. An Application names
 * a cluster by its name or by its address.
 */
export async function adoptApplications(
  client: PoolClient,
  cluster: { readonly id: string; readonly name: string; readonly server: string },
): Promise<void> {
  await client.query(
    `WITH adopted AS (
       UPDATE applications SET cluster_id = $1
       WHERE cluster_id IS NULL
         AND (spec->'destination'->>'name' = $2 OR rtrim(spec->'destination'->>'server', '/') = $3)
       RETURNING id)
     UPDATE application_status s SET cluster_id = $1 FROM adopted WHERE s.application_id = adopted.id`,
    [cluster.id, cluster.name, cluster.server],
  );
}
