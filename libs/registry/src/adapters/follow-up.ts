// What a change of a cluster sets in motion. Always in the transaction of the change itself.
import { labelTerms, matchesSelector, type LabelSelector } from '@wheelwright/kernel';
import { expandSoon, markSelectedDue, missingDestination } from '@wheelwright/platform-store';
import type { PoolClient } from 'pg';
import { SECRET_TYPE_LABEL } from '../cluster-secret.js';

/** What sets read of a cluster, before or after a change. */
export interface ClusterFacts {
  readonly name: string;
  readonly server: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** A change of a cluster: without `before` it is new, without `after` it is gone. */
export interface ClusterFactsChange {
  readonly before?: ClusterFacts;
  readonly after?: ClusterFacts;
}

/**
 * Expands exactly those sets again that the change concerns: whose selector matched before or matches now, and whose last expansion missed a
 * destination of this name or address. Reads the index rows of the labels concerned, and no set.
 */
export async function expandDependents(client: PoolClient, { before, after }: ClusterFactsChange): Promise<void> {
  const known = [before, after].filter((facts) => facts !== undefined);
  const terms = new Set(known.flatMap(({ labels }) => labelTerms(labels)));
  const cameOrMoved = after !== undefined && (before?.name !== after.name || before.server !== after.server);
  const missing = cameOrMoved
    ? [missingDestination({ name: after.name }), missingDestination({ server: after.server })]
    : [];
  const { rows } = await client.query<{ set_id: string; kind: string; pattern: string }>(
    `SELECT set_id, kind, pattern FROM set_dependencies
     WHERE (kind = 'clusters' AND subject = ANY($1)) OR (kind = 'missing' AND subject = ANY($2)) ORDER BY set_id`,
    [[...terms], missing],
  );
  const matches = selectorCache();
  const concerned = rows.filter(
    ({ kind, pattern }) => kind === 'missing' || pattern === '' || known.some(({ labels }) => matches(pattern, labels)),
  );
  await expandSoon(
    client,
    concerned.map((row) => row.set_id),
  );
}

/** Expands the sets again that have Applications on a cluster: to be called before it goes, or gets another name or address. */
export async function expandOwners(client: PoolClient, clusterId: string): Promise<void> {
  const { rows } = await client.query<{ set_id: string }>(
    'SELECT DISTINCT set_id FROM applications WHERE cluster_id = $1 AND set_id IS NOT NULL ORDER BY set_id',
    [clusterId],
  );
  await expandSoon(
    client,
    rows.map((row) => row.set_id),
  );
}

const SELECTING = `p.spec @? '$.destinations[*].clusterSelector'`;

/**
 * Has everything judged again that a project permits or denies by the labels of this cluster: its Applications, the sets that they belong to, and
 * the sets of which such a project refused an Application.
 */
export async function recheckByLabels(client: PoolClient, clusterId: string): Promise<void> {
  await markSelectedDue(
    client,
    `SELECT a.id, a.cluster_id, 'labels of its cluster changed' AS reason FROM applications a JOIN projects p ON p.name = a.project
     WHERE a.cluster_id = $1 AND ${SELECTING}`,
    [clusterId],
  );
  const { rows } = await client.query<{ set_id: string }>(
    `SELECT a.set_id FROM applications a JOIN projects p ON p.name = a.project
     WHERE a.cluster_id = $1 AND a.set_id IS NOT NULL AND ${SELECTING}
     UNION SELECT d.set_id FROM set_dependencies d JOIN projects p ON p.name = d.subject
     WHERE d.kind = 'missing-project' AND ${SELECTING} ORDER BY set_id`,
    [clusterId],
  );
  await expandSoon(
    client,
    rows.map((row) => row.set_id),
  );
}

/** Sets often have the same selector: each is read once. To a selector, every spoke has the label that makes a Secret a cluster. */
function selectorCache(): (pattern: string, labels: ClusterFacts['labels']) => boolean {
  const selectors = new Map<string, LabelSelector>();
  return (pattern, labels) => {
    const selector = selectors.get(pattern) ?? (JSON.parse(pattern) as LabelSelector);
    selectors.set(pattern, selector);
    return matchesSelector(selector, { ...labels, [SECRET_TYPE_LABEL]: 'cluster' });
  };
}

/** Marks every Application of a cluster due now, and wakes the cluster's slice. */
export async function markApplicationsDue(client: PoolClient, clusterId: string, reason: string): Promise<void> {
  await markSelectedDue(client, 'SELECT id, cluster_id, $2::text AS reason FROM applications WHERE cluster_id = $1', [
    clusterId,
    reason,
  ]);
}

/**
 * Gives Applications that name this cluster, and were declared before it was registered or renamed, their destination. An Application names
 * a cluster by its name or by its address.
 */
export async function adoptApplications(
  client: PoolClient,
  cluster: { readonly id: string; readonly name: string; readonly server: string },
): Promise<void> {
  await client.query(
    `WITH adopted AS (
       UPDATE applications SET cluster_id = $1
       WHERE cluster_id IS NULL
         AND (spec->'destination'->>'name' = $2 OR rtrim(spec->'destination'->>'server', '/') = $3)
       RETURNING id)
     UPDATE application_status s SET cluster_id = $1 FROM adopted WHERE s.application_id = adopted.id`,
    [cluster.id, cluster.name, cluster.server],
  );
}
