// Reads of projects: pages, one by name, and the counters of their Applications.
import type { Grants } from '../grants.js';
import type { PageWindow } from '../paging.js';
import { allOf, Params, type Statement } from '../reader.js';
import type { ProjectFilter, ProjectNode } from '../types/project.type.js';
import { containsPattern, readText } from './text.js';

export interface ProjectRow {
  readonly id: string;
  readonly name: string;
  readonly namespace: string;
  readonly description: string | null;
  readonly source_repos: unknown;
  readonly created_at: Date;
}

const COLUMNS = `p.id, p.name, p.namespace, p.spec ->> 'description' AS description, p.spec -> 'sourceRepos' AS source_repos, p.created_at`;

/** One page of projects by name. */
export function projectPage(grants: Grants, filter: ProjectFilter, window: PageWindow): Statement {
  const params = new Params();
  const conditions = projectConditions(params, grants, filter);
  const after = window.after?.[0];
  if (after !== undefined) conditions.push(`p.name > ${params.bind(after)}`);
  const limit = params.bind(window.first + 1);
  return {
    text: `SELECT ${COLUMNS} FROM projects p WHERE ${allOf(conditions)} ORDER BY p.name LIMIT ${limit}`,
    values: params.values,
  };
}

/** How many projects satisfy a filter. */
export function projectCount(grants: Grants, filter: ProjectFilter): Statement {
  const params = new Params();
  const where = allOf(projectConditions(params, grants, filter));
  return { text: `SELECT count(*)::int AS count FROM projects p WHERE ${where}`, values: params.values };
}

/** One project by name. */
export function projectByName(grants: Grants, name: string): Statement {
  const params = new Params();
  const where = allOf([`p.name = ${params.bind(name)}`, grants.projects(params)]);
  return { text: `SELECT ${COLUMNS} FROM projects p WHERE ${where}`, values: params.values };
}

/** Applications of each project, counted by verdict: from the rollup only. */
export function verdictsByProject(grants: Grants, names: readonly string[]): Statement {
  const params = new Params();
  const rollups = grants.rollups(params);
  const where = `r.project = ANY(${params.bind(names)}::text[])`;
  return {
    text: `SELECT r.project AS key, r.sync, r.health, sum(r.count)::int AS count FROM ${rollups}
      WHERE ${where} GROUP BY r.project, r.sync, r.health`,
    values: params.values,
  };
}

function projectConditions(params: Params, grants: Grants, filter: ProjectFilter): string[] {
  const conditions = [grants.projects(params)];
  if (filter.text != null) conditions.push(`p.name ILIKE ${params.bind(containsPattern(filter.text))}`);
  return conditions;
}

/** The node of a row. */
export function toProject(row: ProjectRow): ProjectNode {
  return {
    id: row.id,
    name: row.name,
    namespace: row.namespace,
    description: row.description ?? '',
    sourceRepos: Array.isArray(row.source_repos) ? row.source_repos.map(readText) : [],
    createdAt: row.created_at,
  };
}
