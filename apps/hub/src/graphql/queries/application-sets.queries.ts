// Reads of ApplicationSets: pages, one by name, many by id, and the counters of their Applications.
import { ApplicationSetId, isJsonObject, type JsonObject } from '@wheelwright/kernel';
import type { Grants } from '../grants.js';
import type { PageWindow } from '../paging.js';
import { allOf, Params, type Statement } from '../reader.js';
import type {
  ApplicationSetFilter,
  ApplicationSetNode,
  SetCondition,
  SetIssue,
} from '../types/application-set.type.js';
import { labelList } from '../types/common.js';
import { containsPattern, readText, readTime } from './text.js';

export interface ApplicationSetRow {
  readonly id: string;
  readonly name: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly created_at: Date;
  readonly application_count: number;
  readonly up_to_date: boolean;
  readonly expanded_at: Date | null;
  readonly conditions: unknown;
  readonly issues: unknown;
}

const SETS = `application_sets t LEFT JOIN application_set_status s ON s.set_id = t.id`;
const COLUMNS = `t.id, t.name, t.namespace, t.labels, t.created_at, coalesce(s.application_count, 0) AS application_count,
  coalesce(s.observed_generation = t.generation, false) AS up_to_date, s.expanded_at,
  coalesce(s.conditions, '[]') AS conditions, coalesce(s.issues, '[]') AS issues`;

/** One page of sets by name. */
export function setPage(grants: Grants, filter: ApplicationSetFilter, window: PageWindow): Statement {
  const params = new Params();
  const conditions = setConditions(params, grants, filter);
  const after = window.after?.[0];
  if (after !== undefined) conditions.push(`t.name > ${params.bind(after)}`);
  const limit = params.bind(window.first + 1);
  return {
    text: `SELECT ${COLUMNS} FROM ${SETS} WHERE ${allOf(conditions)} ORDER BY t.name LIMIT ${limit}`,
    values: params.values,
  };
}

/** How many sets satisfy a filter. */
export function setCount(grants: Grants, filter: ApplicationSetFilter): Statement {
  const params = new Params();
  const where = allOf(setConditions(params, grants, filter));
  return { text: `SELECT count(*)::int AS count FROM ${SETS} WHERE ${where}`, values: params.values };
}

/** One set by name. */
export function setByName(grants: Grants, name: string): Statement {
  const params = new Params();
  const where = allOf([`t.name = ${params.bind(name)}`, grants.sets(params)]);
  return { text: `SELECT ${COLUMNS} FROM ${SETS} WHERE ${where}`, values: params.values };
}

/** Sets by id, in no order. */
export function setsById(grants: Grants, ids: readonly string[]): Statement {
  const params = new Params();
  const where = allOf([`t.id = ANY(${params.bind(ids)}::uuid[])`, grants.sets(params)]);
  return { text: `SELECT ${COLUMNS} FROM ${SETS} WHERE ${where}`, values: params.values };
}

/** Applications of each set, counted by verdict. It reads the rows of these sets only, by index. */
export function verdictsBySet(grants: Grants, ids: readonly string[]): Statement {
  const params = new Params();
  const where = allOf([`a.set_id = ANY(${params.bind(ids)}::uuid[])`, grants.applications(params)]);
  return {
    text: `SELECT a.set_id AS key, s.sync, s.health, count(*)::int AS count FROM applications a
      JOIN application_status s ON s.application_id = a.id WHERE ${where} GROUP BY a.set_id, s.sync, s.health`,
    values: params.values,
  };
}

function setConditions(params: Params, grants: Grants, filter: ApplicationSetFilter): string[] {
  const conditions = [grants.sets(params)];
  if (filter.text != null) conditions.push(`t.name ILIKE ${params.bind(containsPattern(filter.text))}`);
  if (filter.hasIssues != null)
    conditions.push(`(coalesce(s.issues, '[]') <> '[]') = ${params.bind(filter.hasIssues)}::boolean`);
  return conditions;
}

/** The node of a row. */
export function toApplicationSet(row: ApplicationSetRow): ApplicationSetNode {
  return {
    id: ApplicationSetId(row.id),
    name: row.name,
    namespace: row.namespace,
    labels: labelList(row.labels),
    applicationCount: row.application_count,
    upToDate: row.up_to_date,
    expandedAt: row.expanded_at,
    conditions: objectsOf(row.conditions).map(toCondition),
    issues: objectsOf(row.issues).map(toIssue),
    createdAt: row.created_at,
  };
}

function objectsOf(value: unknown): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter(isJsonObject) : [];
}

function toCondition(condition: JsonObject): SetCondition {
  return {
    type: readText(condition['type']),
    status: readText(condition['status']),
    reason: readText(condition['reason']),
    message: readText(condition['message']),
    since: readTime(condition['since']),
  };
}

function toIssue(issue: JsonObject): SetIssue {
  return {
    severity: issue['severity'] === 'error' ? 'error' : 'warning',
    code: readText(issue['code']),
    message: readText(issue['message']),
    pointer: readText(issue['pointer'] ?? issue['path']),
    application: readText(issue['application']) || null,
  };
}
