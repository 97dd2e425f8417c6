// Rows in, the parts of an Application out. What rooms wrote as JSON is read with care: an old or odd shape must not break a page.
import { isJsonObject, type JsonObject } from '@wheelwright/kernel';
import { OPERATION_PHASES, type OperationPhase } from '@wheelwright/status';
import { RESTORABLE_KINDS } from '@wheelwright/status/adapters';
import type {
  ApplicationCondition,
  Destination,
  HistoryEntry,
  Operation,
  Resource,
  Source,
} from '../types/application-parts.js';
import type { HeldDeletion } from '../types/common.js';
import type { DeclaredRow, DetailRow, HeldRow, HistoryRow, ResourceRow } from './application-details.queries.js';
import { readCount, readText, readTime } from './text.js';

const MAX_HELD_NAMES = 1_000;

export function toHeldDeletion(row: HeldRow): HeldDeletion {
  return {
    id: row.id,
    names: Array.isArray(row.names) ? row.names.slice(0, MAX_HELD_NAMES).map(readText) : [],
    total: row.total,
    digest: row.digest,
    reason: row.reason,
    createdAt: row.created_at,
    approvedAt: row.approved_at,
    approvedBy: row.approved_by,
  };
}

export function toConditions(detail: DetailRow | null): ApplicationCondition[] {
  const conditions: unknown = detail?.conditions;
  if (!Array.isArray(conditions)) return [];
  return conditions.filter(isJsonObject).map((item) => ({
    type: readText(item['type']),
    message: readText(item['message']),
    since: readTime(item['since']),
  }));
}

export function toOperation(detail: DetailRow | null): Operation | null {
  const operation = detail?.operation ?? null;
  if (operation === null) return null;
  return {
    phase: readPhase(operation['phase']),
    message: readText(operation['message']),
    startedAt: readTime(operation['startedAt']),
    finishedAt: readTime(operation['finishedAt']),
    revision: readText(operation['revision']),
    initiatedBy: readText(operation['initiatedBy']),
    automated: operation['automated'] === true,
    retries: readCount(operation['retries']),
  };
}

function readPhase(value: unknown): OperationPhase {
  return OPERATION_PHASES.find((phase) => phase === value) ?? 'Error';
}

export function toDestination(declared: DeclaredRow | null): Destination {
  const destination: JsonObject = declared?.destination ?? {};
  return {
    server: readText(destination['server']),
    name: readText(destination['name']),
    namespace: readText(destination['namespace']),
  };
}

/** Why an Application whose destination is no registered spoke is not compared. */
export function withoutSpoke({ name, server }: Destination): ApplicationCondition {
  const destination = name === '' ? server : name;
  return {
    type: 'InvalidSpecError',
    message: `the destination "${destination}" is no registered cluster: register it, or change the destination`,
    since: null,
  };
}

export function toSources(declared: DeclaredRow | null): Source[] {
  return (declared?.sources ?? []).map(toSource);
}

function toSource(source: JsonObject): Source {
  return {
    repoURL: readText(source['repoURL']),
    path: readText(source['path']),
    chart: readText(source['chart']),
    targetRevision: readText(source['targetRevision']) || 'HEAD',
  };
}

export function toResource(row: ResourceRow): Resource {
  return {
    group: row.api_group,
    version: row.version,
    kind: row.kind,
    namespace: row.namespace,
    name: row.name,
    wave: row.wave,
    sync: row.sync,
    health: row.health === '' ? null : row.health,
    healthMessage: row.health_message,
    message: row.message,
  };
}

export function toHistoryEntry(row: HistoryRow): HistoryEntry {
  const changes = row.change_set;
  return {
    id: row.id,
    kind: row.kind,
    restorable: row.phase === 'Succeeded' && RESTORABLE_KINDS.includes(row.kind),
    reason: row.reason,
    revision: row.revision,
    source: toSource(row.source),
    retries: row.retries,
    phase: row.phase,
    message: row.message,
    initiatedBy: row.initiated_by,
    automated: row.automated,
    startedAt: row.started_at,
    finishedAt: row.finished_at,
    changes: {
      created: readCount(changes['created']),
      configured: readCount(changes['configured']),
      unchanged: readCount(changes['unchanged']),
      deleted: readCount(changes['deleted']),
      failed: readCount(changes['failed']),
    },
  };
}
