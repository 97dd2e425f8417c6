// Ownership of Applications as sets claim it: handed over in, the next expansion of the new owners asked for.
import { announce, enqueue } from '@wheelwright/platform-store';
import type { PoolClient } from 'pg';

/**
 * SQL of the heirs (`id`, `name`, `set_id`, `set_name`) of what a selection names: of the sets that claim a name, the oldest.
 * @param selection name of a common table expression of ours that answers `id` and `name`
 * @param owner SQL of the id of the set that lets go, or of null
 */
export function heirsOf(selection: string, owner: string): string {
  return `SELECT DISTINCT ON (s.id) s.id, s.name, o.id AS set_id, o.name AS set_name
    FROM ${selection} s JOIN set_claims c ON c.name = s.name AND c.set_id IS DISTINCT FROM ${owner} JOIN application_sets o ON o.id = c.set_id
    ORDER BY s.id, o.created_at, o.id`;
}

/** Has sets expanded that were handed something, although none of their inputs changed. In the caller's transaction. */
export async function expandHeirs(client: PoolClient, setIds: readonly string[]): Promise<void> {
  if (setIds.length === 0) return;
  // An expansion would otherwise find its inputs unchanged and end there.
  await client.query(`UPDATE application_set_status SET input_digest = '' WHERE set_id = ANY ($1::uuid[])`, [setIds]);
  await enqueue(client, 'expand', setIds);
}

/**
 * Gives those of the Applications that a set claims to it, with all that they have, and answers their ids; in the caller's transaction, which
 * holds their rows. `ids` may name others too: they stay as they are.
 */
export async function handOver(
  client: PoolClient,
  ids: readonly string[],
  owner: string | null,
): Promise<ReadonlySet<string>> {
  if (ids.length === 0) return new Set();
  const { rows } = await client.query<{ id: string; set_id: string }>(
    `WITH candidates AS (SELECT id, name FROM applications WHERE id = ANY ($1::uuid[]) AND deletion_requested_at IS NULL
     ), heirs AS (${heirsOf('candidates', '$2::uuid')}
     ), spent AS (DELETE FROM set_claims c USING heirs h WHERE c.set_id = h.set_id AND c.name = h.name)
     UPDATE applications a SET set_id = h.set_id, updated_at = now() FROM heirs h WHERE a.id = h.id RETURNING a.id, h.set_id`,
    [ids, owner],
  );
  await expandHeirs(client, [...new Set(rows.map((row) => row.set_id))]);
  const moved = rows.map(({ id }) => id);
  await announce(client, 'applications', moved);
  return new Set(moved);
}
