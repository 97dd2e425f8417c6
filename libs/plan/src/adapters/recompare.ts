// The settings before and after a change in, the Applications whose objects are compared otherwise now marked out.
import { markSelectedDue, type PoolClient } from '@wheelwright/platform-store';
import { comparingOf, readCompareSettings, type Comparing } from '../index.js';

type Settings = Readonly<Record<string, string>>;

interface Kind {
  readonly group: string;
  readonly kind: string;
}

/**
 * Has the Applications with objects of the kinds that are compared otherwise looked at, in the caller's transaction. Their digests differ now, so
 * the objects are compared again. Answers which kinds it was about.
 */
export async function recompareKinds(
  client: PoolClient,
  { before, after }: { readonly before: Settings; readonly after: Settings },
): Promise<readonly Kind[]> {
  const [was, is] = [comparingAll(before), comparingAll(after)];
  const { rows } = await client.query<Kind>(
    `SELECT DISTINCT api_group AS "group", kind FROM cluster_kinds ORDER BY 1, 2`,
  );
  // Rules of the hub name no objects: one of each kind stands for all.
  const moved = rows.filter((kind) => {
    const key = { ...kind, namespace: '', name: '' };
    return was.digestFor(key) !== is.digestFor(key);
  });
  if (moved.length === 0) return moved;
  await markSelectedDue(
    client,
    `SELECT DISTINCT a.id, a.cluster_id, 'its comparison changed' AS reason
     FROM resources r JOIN applications a ON a.id = r.application_id
     WHERE (r.api_group, r.kind) IN (SELECT * FROM unnest($1::text[], $2::text[]))`,
    [moved.map(({ group }) => group), moved.map(({ kind }) => kind)],
  );
  return moved;
}

function comparingAll(data: Settings): Comparing {
  return comparingOf(readCompareSettings(data).settings, { annotations: {} });
}
