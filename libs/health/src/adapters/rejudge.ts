// The settings before and after a change in, the Applications whose health may be another now marked out.
import { markSelectedDue } from '@wheelwright/platform-store';
import type { PoolClient } from 'pg';
import { readUserChecks, userCheckFinder } from '../user-checks.js';

type Settings = Readonly<Record<string, string>>;

interface Kind {
  readonly group: string;
  readonly kind: string;
}

const OF_KINDS = '(r.api_group, r.kind) IN (SELECT * FROM unnest($1::text[], $2::text[]))';

/**
 * Forgets the verdicts of the kinds whose checks differ, and has their Applications looked at, in the caller's transaction. Without it, what is
 * healthy would stand until the object changes, and the verdict of a check that is gone for ever. Answers which kinds it was about.
 */
export async function rejudgeKinds(
  client: PoolClient,
  { before, after }: { readonly before: Settings; readonly after: Settings },
): Promise<readonly Kind[]> {
  const [was, is] = [before, after].map((settings) => userCheckFinder(readUserChecks(settings).checks));
  const { rows } = await client.query<Kind>(
    `SELECT DISTINCT api_group AS "group", kind FROM cluster_kinds ORDER BY 1, 2`,
  );
  const moved = rows.filter(({ group, kind }) => was?.(group, kind)?.digest !== is?.(group, kind)?.digest);
  if (moved.length === 0) return moved;
  const values = [moved.map(({ group }) => group), moved.map(({ kind }) => kind)];
  await client.query(
    `UPDATE resources r SET health = '', health_message = '' WHERE health <> '' AND ${OF_KINDS}`,
    values,
  );
  await markSelectedDue(
    client,
    `SELECT DISTINCT a.id, a.cluster_id, 'its health checks changed' AS reason
     FROM resources r JOIN applications a ON a.id = r.application_id WHERE ${OF_KINDS}`,
    values,
  );
  return moved;
}
