// The row of the hub itself among the clusters: made at start-up, never connected to, never probed.
import { AppError, ClusterId, jsonEqual } from '@wheelwright/kernel';
import { announce, enqueue, sqlStateOf, type Store } from '@wheelwright/platform-store';
import type { ClientBase, Pool, PoolClient } from 'pg';
import { IN_CLUSTER_NAME, IN_CLUSTER_SERVER } from '../address.js';
import type { HubFacts } from '../hub-facts.js';
import { taken, type ClusterAction } from './cluster-writes.js';
import { adoptApplications, expandDependents, markApplicationsDue } from './follow-up.js';

/**
 * SQL that holds for clusters which generators see: every spoke, and the hub where somebody declared something of it. Otherwise the hub is the
 * `in-cluster` that an empty selector implies (`compatibility.md` 2.3).
 * @param alias of the table `clusters`
 */
export function isDeclaredCluster(alias: string): string {
  return `(NOT ${alias}.is_hub OR ${alias}.labels <> '{}' OR ${alias}.annotations <> '{}' OR ${alias}.project <> '' OR ${alias}.name <> '${IN_CLUSTER_NAME}')`;
}

/**
 * Makes sure that the hub is there as a destination, and gives Applications that named it before their destination. Many processes may call it at
 * once; where the row is there, it is one read. Answers its id.
 */
export async function ensureHubCluster(store: Store): Promise<ClusterId> {
  const known = await hubClusterId(store.pool);
  if (known !== undefined) return known;
  await store.tx(async (client) => {
    const { rows } = await client.query<{ id: string }>(
      `INSERT INTO clusters (name, server, is_hub) VALUES ($1, $2, true) ON CONFLICT DO NOTHING RETURNING id`,
      [IN_CLUSTER_NAME, IN_CLUSTER_SERVER],
    );
    const id = rows[0]?.id;
    if (id === undefined) return;
    await client.query(
      `INSERT INTO cluster_status (cluster_id, state, next_probe_at) VALUES ($1, 'Connected', 'infinity')`,
      [id],
    );
    await adoptApplications(client, { id, name: IN_CLUSTER_NAME, server: IN_CLUSTER_SERVER });
    await markApplicationsDue(client, id, 'cluster registered');
  });
  const id = await hubClusterId(store.pool);
  if (id === undefined) {
    throw new AppError(
      'Conflict',
      `a cluster named ${IN_CLUSTER_NAME}, or with the address ${IN_CLUSTER_SERVER}, is registered: rename or delete it, it stands where the hub itself belongs`,
    );
  }
  return id;
}

/** The id of the row; `undefined` before {@link ensureHubCluster}. */
export async function hubClusterId(db: Pick<Pool | ClientBase, 'query'>): Promise<ClusterId | undefined> {
  const { rows } = await db.query<{ id: string }>(`SELECT id FROM clusters WHERE is_hub`);
  return rows[0] === undefined ? undefined : ClusterId(rows[0].id);
}

/**
 * Writes what a cluster Secret says of the hub, in the caller's transaction; sets that read clusters are expanded again. A name of its own
 * takes the place of `in-cluster`. Throws `Conflict` where a spoke has that name.
 */
export async function applyHubFacts(client: PoolClient, facts: HubFacts): Promise<ClusterAction> {
  const { rows } = await client.query<{
    id: string;
    name: string;
    labels: Record<string, string>;
    annotations: Record<string, string>;
    project: string;
  }>(`SELECT id, name, labels, annotations, project FROM clusters WHERE is_hub FOR UPDATE`);
  const [row] = rows;
  if (row === undefined) throw new AppError('Unavailable', 'the hub has not finished its start: apply it again');
  const name = facts.name === '' ? row.name : facts.name;
  const { labels, annotations, project } = facts;
  if (
    row.name === name &&
    row.project === project &&
    jsonEqual(row.labels, labels) &&
    jsonEqual(row.annotations, annotations)
  )
    return 'unchanged';
  try {
    await client.query(
      `UPDATE clusters SET name = $2, labels = $3, annotations = $4, project = $5, generation = generation + 1, updated_at = now() WHERE id = $1`,
      [row.id, name, labels, annotations, project],
    );
  } catch (error) {
    throw sqlStateOf(error) === '23505' ? taken({ name, server: IN_CLUSTER_SERVER }) : error;
  }
  if (row.name !== name) await adoptApplications(client, { id: row.id, name, server: IN_CLUSTER_SERVER });
  const server = IN_CLUSTER_SERVER;
  await expandDependents(client, {
    before: { name: row.name, server, labels: row.labels },
    after: { name, server, labels },
  });
  await announce(client, 'fleet', [row.id]);
  return 'configured';
}

/** Pauses or resumes the hub as a destination. It is connected as soon as it goes on: there is nothing to probe. */
export async function setHubPaused(client: PoolClient, id: string, isPaused: boolean): Promise<void> {
  await client.query('UPDATE clusters SET paused = $2, updated_at = now() WHERE id = $1', [id, isPaused]);
  await client.query(
    `UPDATE cluster_status SET state = $2, reason = '', message = '', since = now(), next_sweep_at = now() WHERE cluster_id = $1`,
    [id, isPaused ? 'Paused' : 'Connected'],
  );
  await announce(client, 'fleet', [id]);
  if (isPaused) return;
  await markApplicationsDue(client, id, 'cluster connected');
  await enqueue(client, 'observe', [id]);
}
