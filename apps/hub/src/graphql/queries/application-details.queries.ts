// What an Application's own page shows: one statement per group of fields, for many Applications at once.
import type { JsonObject } from '@wheelwright/kernel';
import type { HealthStatus } from '@wheelwright/health';
import type { Pin } from '@wheelwright/rollout';
import type { OperationPhase, SyncStatus } from '@wheelwright/status';
import type { HistoryKind } from '@wheelwright/status/adapters';
import type { PageWindow } from '../paging.js';
import { allOf, Params, type Statement } from '../reader.js';
import type { ResourceFilter } from '../types/application-parts.js';

export interface DetailRow {
  readonly id: string;
  readonly health_message: string;
  readonly conditions: unknown;
  readonly operation: JsonObject | null;
  readonly resource_count: number;
  readonly compared_at: Date | null;
}

/** Health message, conditions, operation. */
export function detailsById(ids: readonly string[]): Statement {
  return {
    text: `SELECT application_id AS id, health_message, conditions, operation, resource_count, compared_at
      FROM application_details WHERE application_id = ANY($1::uuid[])`,
    values: [ids],
  };
}

export interface DeclaredRow {
  readonly id: string;
  readonly destination: JsonObject | null;
  readonly sources: readonly JsonObject[] | null;
}

/** Destination and sources as declared, without parameters: these may hold what somebody should not have written there. */
export function declaredById(ids: readonly string[]): Statement {
  return {
    text: `SELECT a.id, a.spec -> 'destination' AS destination, (
        SELECT jsonb_agg(jsonb_build_object('repoURL', x.source -> 'repoURL', 'path', x.source -> 'path',
          'chart', x.source -> 'chart', 'targetRevision', x.source -> 'targetRevision') ORDER BY x.position)
        FROM jsonb_array_elements(CASE WHEN jsonb_array_length(coalesce(a.spec -> 'sources', '[]')) > 0 THEN a.spec -> 'sources'
          WHEN a.spec ? 'source' THEN jsonb_build_array(a.spec -> 'source') ELSE '[]' END) WITH ORDINALITY AS x (source, position)
      ) AS sources
      FROM applications a WHERE a.id = ANY($1::uuid[])`,
    values: [ids],
  };
}

export interface ResourceRow {
  readonly application_id: string;
  readonly api_group: string;
  readonly version: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly wave: number;
  readonly sync: SyncStatus;
  readonly health: HealthStatus | '';
  readonly health_message: string;
  readonly message: string;
}

/** One page of objects of each Application, by group, kind, namespace, name. */
export function resourcePages(ids: readonly string[], filter: ResourceFilter, window: PageWindow): Statement {
  const params = new Params();
  const wanted = params.bind(ids);
  const conditions = ['r.application_id = a.id', ...resourceConditions(params, filter)];
  if (window.after !== undefined) {
    const after = window.after.map((part) => params.bind(part)).join(', ');
    conditions.push(`(r.api_group, r.kind, r.namespace, r.name) > (${after})`);
  }
  return {
    text: `SELECT page.* FROM unnest(${wanted}::uuid[]) AS wanted (id) JOIN applications a ON a.id = wanted.id CROSS JOIN LATERAL (
        SELECT r.application_id, r.api_group, r.version, r.kind, r.namespace, r.name, r.wave, r.sync, r.health, r.health_message, r.message
        FROM resources r WHERE ${allOf(conditions)} ORDER BY r.api_group, r.kind, r.namespace, r.name LIMIT ${params.bind(window.first + 1)}
      ) AS page`,
    values: params.values,
  };
}

export interface CountRow {
  readonly id: string;
  readonly count: number;
}

/** How many objects of each Application satisfy a filter; an Application without any has no row. */
export function resourceCounts(ids: readonly string[], filter: ResourceFilter): Statement {
  const params = new Params();
  const where = allOf([`r.application_id = ANY(${params.bind(ids)}::uuid[])`, ...resourceConditions(params, filter)]);
  return {
    text: `SELECT r.application_id AS id, count(*)::int AS count FROM resources r JOIN applications a ON a.id = r.application_id WHERE ${where} GROUP BY 1`,
    values: params.values,
  };
}

/** Over `resources r` and their `applications a`. */
function resourceConditions(params: Params, filter: ResourceFilter): string[] {
  // What a move left on another spoke is not part of what the Application is now.
  const conditions = ['(a.cluster_id IS NULL OR r.cluster_id = a.cluster_id)'];
  if (filter.kind != null) conditions.push(`r.kind = ANY(${params.bind(filter.kind)}::text[])`);
  if (filter.sync != null) conditions.push(`r.sync = ANY(${params.bind(filter.sync)}::text[])`);
  if (filter.health != null) conditions.push(`r.health = ANY(${params.bind(filter.health)}::text[])`);
  return conditions;
}

export interface HistoryRow {
  readonly application_id: string;
  readonly id: string;
  readonly kind: HistoryKind;
  readonly reason: string;
  readonly retries: number;
  /** Without parameters. */
  readonly source: JsonObject;
  readonly revision: string;
  readonly phase: OperationPhase;
  readonly message: string;
  readonly initiated_by: string;
  readonly automated: boolean;
  readonly started_at: Date;
  readonly finished_at: Date;
  readonly change_set: JsonObject;
}

/** One page of the history of each Application, newest first. `before` is the id of the last entry of the page before. */
export function historyPages(
  ids: readonly string[],
  page: { readonly first: number; readonly before?: string },
): Statement {
  const params = new Params();
  const wanted = params.bind(ids);
  const conditions = ['h.application_id = wanted.id'];
  if (page.before !== undefined) conditions.push(`h.id < ${params.bind(page.before)}::bigint`);
  return {
    text: `SELECT page.* FROM unnest(${wanted}::uuid[]) AS wanted (id) CROSS JOIN LATERAL (
        SELECT h.application_id, h.id::text AS id, h.kind, h.reason, h.retries,
          jsonb_build_object('repoURL', h.source -> 'repoURL', 'path', h.source -> 'path', 'chart', h.source -> 'chart',
            'targetRevision', h.source -> 'targetRevision') AS source, h.revision, h.phase, h.message, h.initiated_by, h.automated, h.started_at, h.finished_at, h.change_set
        FROM application_history h WHERE ${allOf(conditions)} ORDER BY h.id DESC LIMIT ${params.bind(page.first + 1)}
      ) AS page`,
    values: params.values,
  };
}

/** How many entries the history of each Application has; one without any has no row. */
export function historyCounts(ids: readonly string[]): Statement {
  return {
    text: `SELECT application_id AS id, count(*)::int AS count FROM application_history WHERE application_id = ANY($1::uuid[]) GROUP BY 1`,
    values: [ids],
  };
}

export interface HeldRow {
  readonly owner: string;
  readonly id: string;
  readonly names: unknown;
  readonly total: number;
  readonly digest: string;
  readonly reason: string;
  readonly created_at: Date;
  readonly approved_at: Date | null;
  readonly approved_by: string | null;
}

/** Held deletions by what they belong to: Applications or sets. A column name never comes from a caller. */
export function heldBy(owner: 'application_id' | 'set_id', ids: readonly string[]): Statement {
  return {
    text: `SELECT ${owner} AS owner, id, names, total, digest, reason, created_at, approved_at, approved_by
      FROM held_deletions WHERE ${owner} = ANY($1::uuid[])`,
    values: [ids],
  };
}

export interface HoldRow {
  readonly id: string;
  readonly kind: Pin['kind'];
  readonly revision: string;
  readonly reason: string;
  readonly by: string;
  readonly since: Date;
  readonly denied: readonly string[];
}

/** What holds Applications at a revision. */
export function holdsById(ids: readonly string[]): Statement {
  return {
    text: `SELECT application_id AS id, kind, revision, reason, pinned_by AS by, pinned_at AS since, denied
      FROM application_pins WHERE application_id = ANY($1::uuid[])`,
    values: [ids],
  };
}

export interface PauseRow {
  readonly id: string;
  readonly reason: string;
  readonly by: string;
  readonly since: Date;
}

/** Who paused Applications. */
export function pausesById(ids: readonly string[]): Statement {
  return {
    text: `SELECT application_id AS id, reason, paused_by AS by, paused_at AS since FROM application_pauses WHERE application_id = ANY($1::uuid[])`,
    values: [ids],
  };
}
