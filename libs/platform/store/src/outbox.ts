// Follow-up work that commits with the change that causes it.
import type { ClientBase } from 'pg';

/** The channel that wakes the relay, after the commit of whoever wrote to the outbox. */
export const OUTBOX_CHANNEL = 'wheelwright_outbox';

/**
 * Writes one outbox row per key, in the caller's transaction. Nothing reaches the queue unless it commits.
 * @param queue name of a queue
 * @param keys ids of rows, never content; duplicates are fine (the relay and the queue drop them)
 */
export async function enqueue(client: ClientBase, queue: string, keys: readonly string[]): Promise<void> {
  if (keys.length === 0) return;
  // One statement: Postgres delivers the notification at commit, and merges equal ones of a transaction.
  await client.query(
    `WITH added AS (INSERT INTO outbox (queue, key) SELECT $1, key FROM unnest($2::text[]) AS key RETURNING 1)
     SELECT pg_notify($3, '') FROM (SELECT count(*) FROM added) AS counted`,
    [queue, [...new Set(keys)], OUTBOX_CHANNEL],
  );
}
