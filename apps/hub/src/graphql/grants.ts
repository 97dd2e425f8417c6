// Which rows a caller may see or act on, as SQL predicates: the one place that makes them. Every query builder takes them; nothing is filtered after the read.
import { isRole, reachOf, type Actor, type PolicyVerb, type ProjectRights, type Reach } from '@wheelwright/access';
import type { Params } from './reader.js';

/** A set belongs to the project that its template names; one that is templated belongs to none in particular. */
const SET_PROJECT = `coalesce(t.spec #>> '{template,spec,project}', '')`;

type Verb = PolicyVerb['action'];

/** Predicates over tables under their usual aliases. Each adds its parameters to the statement. */
export interface Grants {
  /** Over `applications a`. Default: those that the caller may see. */
  applications(params: Params, verb?: Verb): string;
  /** Over `application_sets t`. Default: those that the caller may see. */
  sets(params: Params, verb?: Verb): string;
  /** Over `projects p`. */
  projects(params: Params): string;
  /** Over `clusters c`. */
  clusters(params: Params): string;
  /**
   * What stands after FROM, as `r`, where Applications are counted: the rollups, or where a caller sees only some names of a project, which rollups do
   * not know, the same columns counted from the Applications themselves.
   */
  rollups(params: Params): string;
}

const EVERYTHING: Grants = {
  applications: () => 'true',
  sets: () => 'true',
  projects: () => 'true',
  clusters: () => 'true',
  rollups: () => 'application_rollups r',
};

/** The grants of a caller: everything for the roles of the hub; for a project role what its policies say; for anything else nothing. */
export function grantsPredicate({ role, rights }: Actor): Grants {
  if (isRole(role)) return EVERYTHING;
  return rights === undefined ? NOTHING : grantsOf(rights);
}

const NOTHING: Grants = {
  applications: () => 'false',
  sets: () => 'false',
  projects: () => 'false',
  clusters: () => 'false',
  rollups: () => '(SELECT * FROM application_rollups WHERE false) r',
};

function grantsOf(rights: ProjectRights): Grants {
  const where = (params: Params, resource: PolicyVerb['resource'], action: Verb): string =>
    condition(params, { rights, reach: reachOf(rights, { resource, action }), columns: COLUMNS[resource] });
  return {
    applications: (params, verb = 'get') => where(params, 'applications', verb),
    sets: (params, verb = 'get') => where(params, 'applicationsets', verb),
    projects: (params) => where(params, 'projects', 'get'),
    clusters: (params) => where(params, 'clusters', 'get'),
    rollups: (params) => rollupsOf(params, rights),
  };
}

/** Where a table holds what policies speak of. Without a namespace its objects are `<project>/<name>`. */
interface Columns {
  readonly project: string;
  readonly name: string;
  readonly namespace?: string;
}

const COLUMNS: Readonly<Record<PolicyVerb['resource'], Columns>> = {
  applications: { project: 'a.project', name: 'a.name', namespace: 'a.namespace' },
  applicationsets: { project: SET_PROJECT, name: 't.name', namespace: 't.namespace' },
  projects: { project: 'p.name', name: 'p.name' },
  clusters: { project: 'c.project', name: 'c.server' },
};

interface Asked {
  readonly rights: ProjectRights;
  readonly reach: Reach;
  readonly columns: Columns;
}

function condition(params: Params, { rights, reach, columns }: Asked): string {
  if (reach.kind === 'none') return 'false';
  const inProject = `${columns.project} = ${params.bind(rights.project)}`;
  if (reach.kind === 'all') return inProject;
  const object = objectOf(params, rights, columns);
  const allowed = `${object} ~ ANY(${params.bind(reach.allow)}::text[])`;
  const denied = reach.deny.length === 0 ? '' : ` AND NOT ${object} ~ ANY(${params.bind(reach.deny)}::text[])`;
  return `(${inProject} AND ${allowed}${denied})`;
}

/** What policies call the object of a row: see `policyObject`, which says the same of a value. */
function objectOf(params: Params, rights: ProjectRights, { name, namespace }: Columns): string {
  const project = `${params.bind(rights.project)}::text || '/' || `;
  if (namespace === undefined) return `(${project}${name})`;
  const near = `${namespace} = ${params.bind(rights.namespace)}`;
  return `(${project}CASE WHEN ${near} THEN '' ELSE ${namespace} || '/' END || ${name})`;
}

function rollupsOf(params: Params, rights: ProjectRights): string {
  const reach = reachOf(rights, { resource: 'applications', action: 'get' });
  if (reach.kind === 'none') return NOTHING.rollups(params);
  if (reach.kind === 'all')
    return `(SELECT * FROM application_rollups WHERE project = ${params.bind(rights.project)}) r`;
  const where = condition(params, { rights, reach, columns: COLUMNS.applications });
  return `(SELECT a.cluster_id, a.project, s.sync, s.health, count(*) AS count FROM applications a
    JOIN application_status s ON s.application_id = a.id WHERE ${where} GROUP BY 1, 2, 3, 4) r`;
}
