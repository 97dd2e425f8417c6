// Which Applications want to be looked at: the one upsert of due rows, for statements of their own and as a part of larger ones.
import type { ClientBase } from 'pg';
import { enqueue } from './outbox.js';

/**
 * SQL that marks what a selection names as due now and answers a `cluster_id` per row; Applications without a spoke are left out. Marking twice
 * is marking once with a newer `seq`: a reconcile under way does not settle it. Rows are locked in the order of their ids.
 * @param selection SQL of ours that answers `id`, `cluster_id` and `reason`: a statement, or the name of a common table expression
 */
export function dueUpsert(selection: string): string {
  return `INSERT INTO application_due AS d (application_id, cluster_id, reason)
    SELECT id, cluster_id, reason FROM ${selection} AS selected WHERE cluster_id IS NOT NULL ORDER BY id
    ON CONFLICT (application_id) DO UPDATE
    SET cluster_id = excluded.cluster_id, seq = d.seq + 1, due_at = least(d.due_at, excluded.due_at), reason = excluded.reason
    RETURNING d.cluster_id`;
}

/**
 * Marks what a statement selects as due now and wakes the slices of the spokes concerned, all in the caller's transaction.
 * @param statement SQL of ours that answers `id`, `cluster_id` and `reason`
 * @param values its parameters
 */
export async function markSelectedDue(
  client: ClientBase,
  statement: string,
  values: readonly unknown[],
): Promise<void> {
  const { rows } = await client.query<{ cluster_id: string }>(
    `WITH due AS (${dueUpsert(`(${statement})`)}) SELECT DISTINCT cluster_id FROM due`,
    [...values],
  );
  await enqueue(
    client,
    'deploy',
    rows.map((row) => row.cluster_id),
  );
}
