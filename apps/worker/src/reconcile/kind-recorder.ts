// A spoke in; a function that adds kinds to those that its sweeps list out.
import type { ClusterId, GroupVersionKind } from '@wheelwright/kernel';
import type { Store } from '@wheelwright/platform-store';

/** Reads once what is recorded; afterwards a kind costs a statement only the first time that anybody on the spoke has it. */
export async function kindRecorder(
  store: Store,
  clusterId: ClusterId,
): Promise<(kinds: readonly GroupVersionKind[]) => Promise<void>> {
  const { rows } = await store.pool.query<{ name: string }>(
    `SELECT api_group || '/' || kind AS name FROM cluster_kinds WHERE cluster_id = $1`,
    [clusterId],
  );
  const recorded = new Set(rows.map(({ name }) => name));
  return async (kinds) => {
    const added = kinds.filter(({ group, kind }) => !recorded.has(`${group}/${kind}`));
    if (added.length === 0) return;
    await store.pool.query(
      `INSERT INTO cluster_kinds (cluster_id, api_group, kind, version)
       SELECT $2, r."group", r.kind, r.version FROM jsonb_to_recordset($1::jsonb) AS r ("group" text, kind text, version text) ORDER BY 2, 3
       ON CONFLICT DO NOTHING`,
      [JSON.stringify(added), clusterId],
    );
    for (const { group, kind } of added) recorded.add(`${group}/${kind}`);
  };
}
