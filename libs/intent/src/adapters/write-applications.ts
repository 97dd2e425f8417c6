// Rows of Applications in, written where they differ with all that follows out.
import type { PoolClient } from 'pg';
import type { ApplicationRow } from './application-rows.js';
import { ANSWER, FOLLOW_UP, PRESERVED_ANNOTATIONS, UPSERT, type UpsertAnswer } from './application-statement.js';

const WRITE = `WITH ${UPSERT}, looked_at AS (SELECT id, cluster_id, reason FROM written),
  changed AS (SELECT id FROM written), ${FOLLOW_UP}
  SELECT ${ANSWER},
    coalesce((SELECT jsonb_agg(r.name) FROM resolved r WHERE r.cluster_id IS NULL), '[]') AS homeless,
    coalesce((SELECT jsonb_agg(DISTINCT r.project) FROM resolved r
      WHERE r.project <> 'default' AND NOT EXISTS (SELECT 1 FROM projects p WHERE p.name = r.project)), '[]') AS unknown_projects`;

export interface WriteAnswer extends UpsertAnswer {
  /** Names of those whose destination is no registered spoke. */
  readonly homeless: readonly string[];
  /** Names of projects that nobody declared. */
  readonly unknown_projects: readonly string[];
}

/** Writes Applications of one owner, a set or (null) nobody, in the caller's transaction and with one statement. Of a set none is created. */
export async function writeApplications(
  client: PoolClient,
  rows: readonly ApplicationRow[],
  setId: string | null,
): Promise<WriteAnswer> {
  const values = [JSON.stringify(rows), setId, PRESERVED_ANNOTATIONS, [], setId === null, true];
  const answered = await client.query<WriteAnswer>(WRITE, values);
  const [answer] = answered.rows;
  if (answer === undefined) throw new Error('the statement answered no row');
  return answer;
}
