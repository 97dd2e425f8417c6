// A spoke that was just registered or renamed in; the Applications that waited for it find it.
import type { ClusterId } from '@wheelwright/kernel';
import { enqueue } from '@wheelwright/platform-store';
import type { PoolClient } from 'pg';
import { expandSetsWithIssue } from './apply-projects.js';

/**
 * Gives the spoke to the Applications without one whose destination names it, marks them due, and has those sets expanded again that missed a
 * destination; in the caller's transaction. Answers how many Applications found it.
 */
export async function resolveDestinations(
  client: PoolClient,
  cluster: { readonly id: ClusterId; readonly name: string; readonly server: string },
): Promise<number> {
  const { rows } = await client.query<{ resolved: number }>(
    `WITH resolved AS (
       UPDATE applications SET cluster_id = $1::uuid
       WHERE cluster_id IS NULL AND (rtrim(spec->'destination'->>'server', '/') = $2 OR spec->'destination'->>'name' = $3)
       RETURNING id
     ), moved AS (
       UPDATE application_status s SET cluster_id = $1::uuid FROM resolved r WHERE s.application_id = r.id
     ), due AS (
       INSERT INTO application_due AS d (application_id, cluster_id, reason)
       SELECT id, $1::uuid, 'its cluster was registered' FROM resolved ORDER BY id
       ON CONFLICT (application_id) DO UPDATE SET cluster_id = excluded.cluster_id, seq = d.seq + 1, reason = excluded.reason
     )
     SELECT count(*)::int AS resolved FROM resolved`,
    [cluster.id, cluster.server, cluster.name],
  );
  const resolved = rows[0]?.resolved ?? 0;
  if (resolved > 0) await enqueue(client, 'deploy', [cluster.id]);
  await expandSetsWithIssue(client, 'UnknownDestination');
  return resolved;
}
