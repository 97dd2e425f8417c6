// Repositories and the revisions of them that somebody asked for.
import { enqueue } from '@wheelwright/platform-store';
import type { PoolClient } from 'pg';

/** A revision of a repository, by its normal address. */
export interface WantedRevision {
  readonly url: string;
  readonly revision: string;
}

/**
 * Makes sure that each repository and revision has its row, and has those that nobody asked for before polled; in the caller's transaction.
 * Answers the ids of the repositories by address.
 */
export async function ensureRevisions(
  client: PoolClient,
  wanted: readonly WantedRevision[],
): Promise<ReadonlyMap<string, string>> {
  if (wanted.length === 0) return new Map();
  const { rows } = await client.query<{ id: string; url: string; added: boolean }>(
    `WITH wanted AS (
       SELECT * FROM jsonb_to_recordset($1::jsonb) AS w (url text, revision text)
     ), added AS (
       INSERT INTO repositories (url) SELECT DISTINCT url FROM wanted w
       WHERE NOT EXISTS (SELECT 1 FROM repositories r WHERE r.url = w.url) ORDER BY 1
       ON CONFLICT (url) DO UPDATE SET url = excluded.url RETURNING id, url
     ), known AS (
       SELECT id, url FROM repositories WHERE url IN (SELECT url FROM wanted) UNION SELECT id, url FROM added
     ), refs AS (
       INSERT INTO repository_refs (repository_id, revision)
       SELECT DISTINCT k.id, w.revision FROM wanted w JOIN known k USING (url) ORDER BY 1, 2
       ON CONFLICT (repository_id, revision) DO NOTHING RETURNING repository_id
     )
     SELECT id, url, EXISTS (SELECT 1 FROM refs WHERE repository_id = id) AS added FROM known`,
    [JSON.stringify(wanted)],
  );
  await enqueue(
    client,
    'source',
    rows.filter(({ added }) => added).map(({ id }) => id),
  );
  return new Map(rows.map(({ url, id }) => [url, id]));
}
