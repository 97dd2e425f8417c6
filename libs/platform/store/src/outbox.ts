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

/** What subscribers are told about: ids of Applications, or of clusters, that changed. Also the names of the channels of signals. */
export type ChangeChannel = 'applications' | 'fleet';

/** The outbox name of a channel starts with this: the relay publishes such rows instead of adding them to a queue. */
const SIGNAL_PREFIX = 'signal:';
const SEPARATOR = ',';
/** Ids of one row: 5.6 kB, less than a notification may hold. */
const IDS_PER_ROW = 150;

/**
 * Has subscribers told that something changed, once the caller's transaction is committed.
 * @param ids UUIDs
 */
export async function announce(client: ClientBase, channel: ChangeChannel, ids: readonly string[]): Promise<void> {
  const keys: string[] = [];
  for (let start = 0; start < ids.length; start += IDS_PER_ROW)
    keys.push(ids.slice(start, start + IDS_PER_ROW).join(SEPARATOR));
  await enqueue(client, `${SIGNAL_PREFIX}${channel}`, keys);
}

/**
 * SQL of the outbox rows (`queue`, `key`) that do the same for what a selection names: a part of statements that write their own outbox rows.
 * @param selection name of a common table expression of ours that answers `id`
 */
export function announcementsOf(channel: ChangeChannel, selection: string): string {
  return `SELECT '${SIGNAL_PREFIX}${channel}', string_agg(id::text, '${SEPARATOR}')
    FROM (SELECT id, row_number() OVER () / ${String(IDS_PER_ROW)} AS part FROM ${selection}) AS parts GROUP BY part`;
}

/** The channel and the ids of an outbox row that {@link announce} wrote; `undefined` for a row of a queue. */
export function announcementIn(row: {
  readonly queue: string;
  readonly key: string;
}): { readonly channel: string; readonly ids: readonly string[] } | undefined {
  if (!row.queue.startsWith(SIGNAL_PREFIX)) return undefined;
  return { channel: row.queue.slice(SIGNAL_PREFIX.length), ids: row.key.split(SEPARATOR) };
}
