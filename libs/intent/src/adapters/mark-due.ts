// A condition on Applications in; due rows for those that it selects, and their spokes' slices woken.
import { enqueue } from '@wheelwright/platform-store';
import type { PoolClient } from 'pg';

/** Which Applications, and why. `condition` is one of ours, over `applications a`, with `$1` for the value. */
export interface DueSelection {
  readonly condition: 'a.project = $1' | 'a.id = $1::uuid' | 'a.name = $1';
  readonly value: string;
  readonly reason: string;
}

/** Marks the selected Applications that have a spoke as due now, in the caller's transaction. */
export async function markDueWhere(client: PoolClient, { condition, value, reason }: DueSelection): Promise<void> {
  const { rows } = await client.query<{ cluster_id: string }>(
    `WITH due AS (
       INSERT INTO application_due AS d (application_id, cluster_id, reason)
       SELECT a.id, a.cluster_id, $2 FROM applications a WHERE ${condition} AND a.cluster_id IS NOT NULL ORDER BY a.id
       ON CONFLICT (application_id) DO UPDATE
       SET cluster_id = excluded.cluster_id, seq = d.seq + 1, due_at = least(d.due_at, excluded.due_at), reason = excluded.reason
       RETURNING cluster_id)
     SELECT DISTINCT cluster_id FROM due`,
    [value, reason],
  );
  await enqueue(
    client,
    'deploy',
    rows.map((row) => row.cluster_id),
  );
}
