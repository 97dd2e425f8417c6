// What a project's own page shows: its declaration and its orphans, for many projects at once; and what its windows say of Applications.
import type { AppProjectSpec, SyncWindow } from '@wheelwright/intent';
import { isWindowActive } from '@wheelwright/policy';
import type { Grants } from '../grants.js';
import { allOf, Params, type Statement } from '../reader.js';
import type * as parts from '../types/project-parts.js';

/** What a project declares, beside what its list shows. */
export interface ProjectSpecRow {
  readonly name: string;
  readonly spec: AppProjectSpec;
  /** Milliseconds since the epoch, when it was read: every hub shows windows by the clock of the database. */
  readonly now_ms: number;
}

const NOW_MS = `(extract(epoch FROM now()) * 1000)::float8 AS now_ms`;

/** Declarations of projects by name. */
export function projectSpecs(grants: Grants, names: readonly string[]): Statement {
  const params = new Params();
  const where = allOf([`p.name = ANY(${params.bind(names)}::text[])`, grants.projects(params)]);
  return {
    text: `SELECT p.name, p.spec - 'signatureKeys' - 'sourceIntegrity' AS spec, ${NOW_MS} FROM projects p WHERE ${where}`,
    values: params.values,
  };
}

export interface OrphanRow {
  readonly project: string;
  readonly cluster: string;
  readonly group: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly seen_at: Date;
}

/** The first orphans of each project. */
export function orphansByProject(grants: Grants, names: readonly string[], first: number): Statement {
  const params = new Params();
  const wanted = `p.name = ANY(${params.bind(names)}::text[])`;
  return {
    text: `SELECT page.* FROM projects p CROSS JOIN LATERAL (
        SELECT o.project, c.name AS cluster, o.api_group AS "group", o.kind, o.namespace, o.name, o.seen_at
        FROM orphaned_resources o JOIN clusters c ON c.id = o.cluster_id WHERE o.project = p.name
        ORDER BY c.name, o.namespace, o.api_group, o.kind, o.name LIMIT ${params.bind(first)}
      ) AS page WHERE ${allOf([wanted, grants.projects(params)])}`,
    values: params.values,
  };
}

/** How many orphans each project has; one without any has no row. */
export function orphanCounts(grants: Grants, names: readonly string[]): Statement {
  const params = new Params();
  const where = allOf([`p.name = ANY(${params.bind(names)}::text[])`, grants.projects(params)]);
  return {
    text: `SELECT o.project AS id, count(*)::int AS count FROM orphaned_resources o JOIN projects p ON p.name = o.project WHERE ${where} GROUP BY 1`,
    values: params.values,
  };
}

/** An Application, its spoke and the windows of its project. */
export interface WindowRow {
  readonly id: string;
  readonly name: string;
  readonly namespace: string;
  readonly cluster: string;
  readonly server: string;
  readonly project: string;
  readonly windows: readonly SyncWindow[];
  readonly now_ms: number;
}

/** What sync windows look at, of Applications that go to a registered spoke and whose project has windows. */
export function windowsByApplication(ids: readonly string[]): Statement {
  return {
    text: `SELECT a.id, a.name, coalesce(a.spec->'destination'->>'namespace', '') AS namespace, c.name AS cluster, c.server,
        a.project, p.spec->'syncWindows' AS windows, ${NOW_MS}
      FROM applications a JOIN clusters c ON c.id = a.cluster_id JOIN projects p ON p.name = a.project
      WHERE a.id = ANY($1::uuid[]) AND jsonb_typeof(p.spec->'syncWindows') = 'array'`,
    values: [ids],
  };
}

/** Roles as declared. */
export function toRoles(row: ProjectSpecRow | null): parts.ProjectRoleNode[] {
  return (row?.spec.roles ?? []).map(({ name, description = '', policies = [], groups = [] }) => ({
    name,
    description,
    policies,
    groups,
  }));
}

/** Destinations as declared. */
export function toDestinations(row: ProjectSpecRow | null): parts.ProjectDestination[] {
  return (row?.spec.destinations ?? []).map(({ server = '', name = '', namespace = '', clusterSelector }) => ({
    server,
    name,
    namespace,
    clusterSelector: clusterSelector ?? null,
  }));
}

/** Windows as declared, with their defaults, and whether they are open. */
export function toSyncWindows(row: ProjectSpecRow | null): parts.ProjectSyncWindow[] {
  if (row === null) return [];
  return (row.spec.syncWindows ?? []).map((window) => ({
    kind: window.kind,
    schedule: window.schedule,
    duration: window.duration,
    timeZone: window.timeZone || 'UTC',
    applications: window.applications ?? [],
    namespaces: window.namespaces ?? [],
    clusters: window.clusters ?? [],
    manualSync: window.manualSync ?? false,
    andOperator: window.andOperator ?? false,
    syncOverrun: window.syncOverrun ?? false,
    description: window.description ?? '',
    active: isWindowActive(window, row.now_ms),
  }));
}

/** The node of a row. */
export function toOrphan({ seen_at: seenAt, project: _project, ...row }: OrphanRow): parts.OrphanedResource {
  return { ...row, seenAt };
}
