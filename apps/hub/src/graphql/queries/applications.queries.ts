// Reads of Applications as lists show them: pages, counts, one by name, many by id.
import { ApplicationId, ApplicationSetId, ClusterId } from '@wheelwright/kernel';
import type { HealthStatus } from '@wheelwright/health';
import type { SyncStatus } from '@wheelwright/status';
import type { Grants } from '../grants.js';
import type { PageWindow } from '../paging.js';
import { allOf, Params, type Statement } from '../reader.js';
import type { ApplicationFilter, ApplicationNode } from '../types/application.type.js';
import { labelList } from '../types/common.js';
import { selectedClusters } from './clusters.queries.js';
import { containsPattern } from './text.js';

export interface ApplicationRow {
  readonly id: string;
  readonly name: string;
  readonly namespace: string;
  readonly project: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly cluster_id: string | null;
  readonly set_id: string | null;
  readonly sync: SyncStatus;
  readonly health: HealthStatus;
  readonly revision: string;
  readonly changed_at: Date | null;
  readonly created_at: Date;
  readonly deletion_requested_at: Date | null;
}

const APPLICATIONS = `applications a LEFT JOIN application_status s ON s.application_id = a.id`;
const COLUMNS = `a.id, a.name, a.namespace, a.project, a.labels, a.cluster_id, a.set_id, coalesce(s.sync, 'Unknown') AS sync,
  coalesce(s.health, 'Unknown') AS health, coalesce(s.revision, '') AS revision, s.changed_at, a.created_at, a.deletion_requested_at`;

/**
 * One page of Applications by name. Where the filter asks nothing of the verdict, the page is cut before verdicts are looked up: the planner
 * would otherwise read all of them to find fifty.
 */
export function applicationPage(grants: Grants, filter: ApplicationFilter, window: PageWindow): Statement {
  const params = new Params();
  const conditions = applicationConditions(params, grants, filter);
  const after = window.after?.[0];
  if (after !== undefined) conditions.push(`a.name > ${params.bind(after)}`);
  const limit = params.bind(window.first + 1);
  const page = `WHERE ${allOf(conditions)} ORDER BY a.name LIMIT ${limit}`;
  const asksVerdict = filter.sync != null || filter.health != null;
  const text = asksVerdict
    ? `SELECT ${COLUMNS} FROM ${APPLICATIONS} ${page}`
    : `SELECT ${COLUMNS} FROM (SELECT * FROM applications a ${page}) AS a
       LEFT JOIN LATERAL (SELECT * FROM application_status s WHERE s.application_id = a.id LIMIT 1) AS s ON true ORDER BY a.name`;
  return { text, values: params.values };
}

/** How many Applications satisfy a filter: from the rollup, except where the filter looks at a name or a set. */
export function applicationCount(grants: Grants, filter: ApplicationFilter): Statement {
  const params = new Params();
  if (filter.set == null && filter.text == null) {
    const rollups = grants.rollups(params);
    const where = allOf(rollupConditions(params, filter));
    return {
      text: `SELECT coalesce(sum(r.count), 0)::int AS count FROM ${rollups} WHERE ${where}`,
      values: params.values,
    };
  }
  const where = allOf(applicationConditions(params, grants, filter));
  return { text: `SELECT count(*)::int AS count FROM ${APPLICATIONS} WHERE ${where}`, values: params.values };
}

/** One Application by name. */
export function applicationByName(grants: Grants, name: string): Statement {
  const params = new Params();
  const where = allOf([`a.name = ${params.bind(name)}`, grants.applications(params)]);
  return { text: `SELECT ${COLUMNS} FROM ${APPLICATIONS} WHERE ${where}`, values: params.values };
}

/** Of these Applications, those that satisfy the filter, by name: what a subscriber may be told of. */
export function applicationsById(grants: Grants, filter: ApplicationFilter, ids: readonly string[]): Statement {
  const params = new Params();
  const where = allOf([`a.id = ANY(${params.bind(ids)}::uuid[])`, ...applicationConditions(params, grants, filter)]);
  return { text: `SELECT ${COLUMNS} FROM ${APPLICATIONS} WHERE ${where} ORDER BY a.name`, values: params.values };
}

function applicationConditions(params: Params, grants: Grants, filter: ApplicationFilter): string[] {
  const conditions = [grants.applications(params)];
  if (filter.cluster != null)
    conditions.push(`a.cluster_id = (SELECT c.id FROM clusters c WHERE c.name = ${params.bind(filter.cluster)})`);
  if (filter.clusterSelector != null) {
    const selected = allOf(selectedClusters(params, filter.clusterSelector));
    conditions.push(`a.cluster_id IN (SELECT c.id FROM clusters c WHERE ${selected})`);
  }
  if (filter.project != null) conditions.push(`a.project = ${params.bind(filter.project)}`);
  if (filter.set != null)
    conditions.push(`a.set_id = (SELECT t.id FROM application_sets t WHERE t.name = ${params.bind(filter.set)})`);
  if (filter.sync != null) conditions.push(`s.sync = ANY(${params.bind(filter.sync)}::text[])`);
  if (filter.health != null) conditions.push(`s.health = ANY(${params.bind(filter.health)}::text[])`);
  if (filter.text != null) conditions.push(`a.name ILIKE ${params.bind(containsPattern(filter.text))}`);
  return conditions;
}

function rollupConditions(params: Params, filter: ApplicationFilter): string[] {
  const conditions: string[] = [];
  if (filter.cluster != null)
    conditions.push(`r.cluster_id = (SELECT c.id FROM clusters c WHERE c.name = ${params.bind(filter.cluster)})`);
  if (filter.clusterSelector != null) {
    const selected = allOf(selectedClusters(params, filter.clusterSelector));
    conditions.push(`r.cluster_id IN (SELECT c.id FROM clusters c WHERE ${selected})`);
  }
  if (filter.project != null) conditions.push(`r.project = ${params.bind(filter.project)}`);
  if (filter.sync != null) conditions.push(`r.sync = ANY(${params.bind(filter.sync)}::text[])`);
  if (filter.health != null) conditions.push(`r.health = ANY(${params.bind(filter.health)}::text[])`);
  return conditions;
}

/** The node of a row. */
export function toApplication(row: ApplicationRow): ApplicationNode {
  const id = ApplicationId(row.id);
  return {
    id,
    name: row.name,
    namespace: row.namespace,
    project: row.project,
    labels: labelList(row.labels),
    clusterId: row.cluster_id === null ? null : ClusterId(row.cluster_id),
    setId: row.set_id === null ? null : ApplicationSetId(row.set_id),
    sync: { status: row.sync, revision: row.revision },
    health: { applicationId: id, status: row.health },
    changedAt: row.changed_at,
    createdAt: row.created_at,
    deletionRequestedAt: row.deletion_requested_at,
  };
}
