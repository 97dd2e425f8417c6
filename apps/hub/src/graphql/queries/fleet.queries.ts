// The summary of the fleet: two statements over spokes and rollups. Applications themselves are never read.
import type { ClusterState } from '@wheelwright/registry';
import type { Grants } from '../grants.js';
import { allOf, Params, type Statement } from '../reader.js';
import { CLUSTER_STATE, selectedClusters } from './clusters.queries.js';

/** Which part of the fleet. */
export interface FleetScope {
  readonly clusterSelector?: string | null;
  readonly project?: string | null;
}

export interface FleetStateRow {
  readonly state: ClusterState;
  readonly count: number;
  readonly oldest: Date | null;
  readonly unobserved: number;
}

/**
 * Spokes by state, with the oldest observation. With a project: the spokes that are scoped to it or hold Applications of it.
 */
export function fleetClusters(grants: Grants, scope: FleetScope): Statement {
  const params = new Params();
  // The hub is a destination, and no spoke.
  const conditions = [grants.clusters(params), 'NOT c.is_hub'];
  if (scope.clusterSelector != null) conditions.push(...selectedClusters(params, scope.clusterSelector));
  if (scope.project != null) {
    const project = params.bind(scope.project);
    conditions.push(`(c.project = ${project} OR EXISTS (SELECT 1 FROM ${grants.rollups(params)}
      WHERE r.cluster_id = c.id AND r.project = ${project} AND r.count > 0))`);
  }
  return {
    text: `SELECT ${CLUSTER_STATE} AS state, count(*)::int AS count, min(s.observed_at) AS oldest,
        (count(*) FILTER (WHERE s.observed_at IS NULL))::int AS unobserved
      FROM clusters c LEFT JOIN cluster_status s ON s.cluster_id = c.id WHERE ${allOf(conditions)} GROUP BY 1`,
    values: params.values,
  };
}

/** Applications by verdict. With a selector: those on the selected spokes; without: also those that go to no known spoke. */
export function fleetVerdicts(grants: Grants, scope: FleetScope): Statement {
  const params = new Params();
  const rollups = grants.rollups(params);
  const conditions: string[] = [];
  if (scope.project != null) conditions.push(`r.project = ${params.bind(scope.project)}`);
  if (scope.clusterSelector != null) {
    const selected = allOf(selectedClusters(params, scope.clusterSelector));
    conditions.push(`r.cluster_id IN (SELECT c.id FROM clusters c WHERE ${selected})`);
  }
  return {
    text: `SELECT r.sync, r.health, sum(r.count)::int AS count FROM ${rollups} WHERE ${allOf(conditions)} GROUP BY r.sync, r.health`,
    values: params.values,
  };
}

/** The freeze of the fleet: no row where it moves. Everybody who sees the fleet sees it. */
export function fleetFreeze(): Statement {
  return {
    text: `SELECT reason, frozen_by AS "frozenBy", frozen_at AS "frozenAt" FROM freezes WHERE scope = 'fleet'`,
    values: [],
  };
}
