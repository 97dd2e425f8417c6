// Reads of spokes: pages, one by name, many by id, and their counters.
import { ClusterId, type LabelSelector } from '@wheelwright/kernel';
import type { ClusterState } from '@wheelwright/registry';
import type { Grants } from '../grants.js';
import type { PageWindow } from '../paging.js';
import { allOf, Params, type Statement } from '../reader.js';
import { readSelector, selectorConditions } from '../selector-sql.js';
import type { ClusterFilter, ClusterNode } from '../types/cluster.type.js';
import { labelList } from '../types/common.js';
import { containsPattern } from './text.js';

export interface ClusterRow {
  readonly id: string;
  readonly name: string;
  readonly server: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly project: string;
  readonly namespaces: readonly string[];
  readonly paused: boolean;
  readonly is_hub: boolean;
  readonly state: ClusterState;
  readonly reason: string;
  readonly message: string;
  readonly since: Date | null;
  readonly kubernetes_version: string;
  readonly observed_at: Date | null;
  readonly observed_age: number | null;
  readonly created_at: Date;
}

/** A pause is in force from the moment it is declared, whatever the last probe said. */
export const CLUSTER_STATE = `CASE WHEN c.paused THEN 'Paused' ELSE coalesce(s.state, 'Pending') END`;

const CLUSTERS = `clusters c LEFT JOIN cluster_status s ON s.cluster_id = c.id`;
const COLUMNS = `c.id, c.name, c.server, c.labels, c.project, c.namespaces, c.paused, c.is_hub, ${CLUSTER_STATE} AS state,
  coalesce(s.reason, '') AS reason, coalesce(s.message, '') AS message, s.since, coalesce(s.kubernetes_version, '') AS kubernetes_version,
  s.observed_at, greatest(extract(epoch FROM now() - s.observed_at), 0)::float8 AS observed_age, c.created_at`;

/** One page of spokes by name. */
export function clusterPage(grants: Grants, filter: ClusterFilter, window: PageWindow): Statement {
  const params = new Params();
  const conditions = clusterConditions(params, grants, filter);
  const after = window.after?.[0];
  if (after !== undefined) conditions.push(`c.name > ${params.bind(after)}`);
  const limit = params.bind(window.first + 1);
  return {
    text: `SELECT ${COLUMNS} FROM ${CLUSTERS} WHERE ${allOf(conditions)} ORDER BY c.name LIMIT ${limit}`,
    values: params.values,
  };
}

/** How many spokes satisfy a filter. */
export function clusterCount(grants: Grants, filter: ClusterFilter): Statement {
  const params = new Params();
  const where = allOf(clusterConditions(params, grants, filter));
  return { text: `SELECT count(*)::int AS count FROM ${CLUSTERS} WHERE ${where}`, values: params.values };
}

/** One spoke by name. */
export function clusterByName(grants: Grants, name: string): Statement {
  const params = new Params();
  const where = allOf([`c.name = ${params.bind(name)}`, grants.clusters(params)]);
  return { text: `SELECT ${COLUMNS} FROM ${CLUSTERS} WHERE ${where}`, values: params.values };
}

/** Spokes by id, in no order. */
export function clustersById(grants: Grants, ids: readonly string[]): Statement {
  const params = new Params();
  const where = allOf([`c.id = ANY(${params.bind(ids)}::uuid[])`, grants.clusters(params)]);
  return { text: `SELECT ${COLUMNS} FROM ${CLUSTERS} WHERE ${where}`, values: params.values };
}

/** When spokes were last looked at completely: as much as everybody may know who sees an Application there. */
export function observationsById(ids: readonly string[]): Statement {
  return {
    text: 'SELECT cluster_id AS id, observed_at FROM cluster_status WHERE cluster_id = ANY($1::uuid[])',
    values: [ids],
  };
}

export interface ObservationRow {
  readonly id: string;
  readonly observed_at: Date | null;
}

/** Applications of each spoke, counted by verdict: from the rollup only. */
export function verdictsByCluster(grants: Grants, ids: readonly string[]): Statement {
  const params = new Params();
  const rollups = grants.rollups(params);
  const where = `r.cluster_id = ANY(${params.bind(ids)}::uuid[])`;
  return {
    text: `SELECT r.cluster_id AS key, r.sync, r.health, sum(r.count)::int AS count FROM ${rollups}
      WHERE ${where} GROUP BY r.cluster_id, r.sync, r.health`,
    values: params.values,
  };
}

/** Conditions over `clusters c` for a selector that came as text. */
export function selectedClusters(params: Params, selector: string | LabelSelector): string[] {
  return selectorConditions(params, 'c.labels', typeof selector === 'string' ? readSelector(selector) : selector);
}

function clusterConditions(params: Params, grants: Grants, filter: ClusterFilter): string[] {
  const conditions = [grants.clusters(params)];
  if (filter.selector != null) conditions.push(...selectedClusters(params, filter.selector));
  if (filter.project != null) conditions.push(`c.project = ${params.bind(filter.project)}`);
  if (filter.state != null) conditions.push(`${CLUSTER_STATE} = ANY(${params.bind(filter.state)}::text[])`);
  if (filter.text != null) {
    const pattern = params.bind(containsPattern(filter.text));
    conditions.push(`(c.name ILIKE ${pattern} OR c.server ILIKE ${pattern})`);
  }
  return conditions;
}

/** The node of a row. */
export function toCluster(row: ClusterRow): ClusterNode {
  return {
    id: ClusterId(row.id),
    name: row.name,
    server: row.server,
    labels: labelList(row.labels),
    project: row.project,
    namespaces: row.namespaces,
    paused: row.paused,
    isHub: row.is_hub,
    state: row.state,
    reason: row.reason,
    message: row.message,
    since: row.since,
    kubernetesVersion: row.kubernetes_version,
    observedAt: row.observed_at,
    observedAgeSeconds: row.observed_age,
    createdAt: row.created_at,
  };
}
