// Sets that a change concerns in; their expansion asked for.
import type { ClientBase } from 'pg';
import { enqueue } from './outbox.js';

/**
 * Has sets expanded whose facts changed, in the transaction of the change. They are due from its commit on, for all to see: what one of them
 * stops to generate another one may want, and it is not deleted before that one was expanded.
 * @param setIds UUIDs; duplicates are fine
 */
export async function expandSoon(client: ClientBase, setIds: readonly string[]): Promise<void> {
  const ids = [...new Set(setIds)];
  if (ids.length === 0) return;
  await client.query(`UPDATE application_set_status SET next_expand_at = now() WHERE set_id = ANY ($1::uuid[])`, [ids]);
  await enqueue(client, 'expand', ids);
}
