// The rows of the reverse index of sets: how they are brought into line, whoever found them out.
import type { ClientBase } from 'pg';

/** What an index row says. `missing` and `missing-project` name what an expansion did not find; the others what it reads. */
export const DEPENDENCY_KINDS = [
  'clusters',
  'repository',
  'pullRequests',
  'input',
  'missing',
  'missing-project',
] as const;
export type DependencyKind = (typeof DEPENDENCY_KINDS)[number];

/** One row, but for its set. The meaning of the columns by kind stands in the schema. */
export interface DependencyRow {
  readonly kind: DependencyKind;
  readonly subject: string;
  readonly revision?: string;
  readonly pattern?: string;
}

/**
 * Makes these the rows of a set, in the caller's transaction; rows of kinds that are not among `kinds` stay as they are. Writes only what differs.
 * @param setId UUID of the set
 */
export async function replaceDependencies(
  client: ClientBase,
  setId: string,
  { kinds, rows }: { readonly kinds: readonly DependencyKind[]; readonly rows: readonly DependencyRow[] },
): Promise<void> {
  const wanted = rows.map(({ kind, subject, revision = '', pattern = '' }) => ({ kind, subject, revision, pattern }));
  await client.query(
    `WITH wanted AS (
       SELECT DISTINCT * FROM jsonb_to_recordset($2::jsonb) AS w (kind text, subject text, revision text, pattern text)
     ), present AS (
       SELECT kind, subject, revision, pattern FROM set_dependencies WHERE set_id = $1 AND kind = ANY ($3::text[])
     ), dropped AS (
       DELETE FROM set_dependencies d USING (SELECT * FROM present EXCEPT SELECT * FROM wanted) AS gone
       WHERE d.set_id = $1 AND (d.kind, d.subject, d.revision, d.pattern) = (gone.kind, gone.subject, gone.revision, gone.pattern)
     )
     INSERT INTO set_dependencies (set_id, kind, subject, revision, pattern)
     SELECT $1, kind, subject, revision, pattern FROM (SELECT * FROM wanted EXCEPT SELECT * FROM present) AS added
     ON CONFLICT DO NOTHING`,
    [setId, JSON.stringify(wanted), kinds],
  );
}

/** The subject of a `missing` row: a destination by its name, or by its address without trailing slashes. */
export function missingDestination(destination: { readonly name: string } | { readonly server: string }): string {
  return 'name' in destination ? `name:${destination.name}` : `server:${destination.server}`;
}
