// What one reconcile found out of each object, and what was stored, in; the rows to write and the verdict out. Replaying the same findings changes nothing.
import { formatResourceKey, jsonEqual, type ResourceKey } from '@wheelwright/kernel';
import type { Health } from '@wheelwright/health';
import type { Condition, ResourceStatus, SyncStatus } from './types.js';

/** Identity and state of a live object, as far as the next reconcile compares it. */
export interface LiveState {
  readonly uid: string;
  readonly fingerprint: string;
  readonly resourceVersion: string;
}

/** What is known of one object at the end of a reconcile. */
export interface Finding {
  readonly key: ResourceKey;
  readonly version: string;
  readonly wave: number;
  /** Empty: no longer desired, but still on the spoke. */
  readonly desiredDigest: string;
  /** Absent: not on the spoke. */
  readonly live?: LiveState;
  readonly sync: SyncStatus;
  /** Absent: the kind has no rule, or there is nothing to judge. */
  readonly health?: Health;
  readonly message: string;
}

/** Rows to write and rows to remove, so that the stored inventory becomes what was found. */
export interface InventoryChange {
  readonly upserts: readonly ResourceStatus[];
  readonly removed: readonly ResourceKey[];
}

/** The row that stands for a finding. */
export function rowOf(finding: Finding): ResourceStatus {
  return {
    key: finding.key,
    version: finding.version,
    wave: finding.wave,
    desiredDigest: finding.desiredDigest,
    appliedDigest: finding.sync === 'Synced' ? finding.desiredDigest : '',
    uid: finding.live?.uid ?? '',
    fingerprint: finding.live?.fingerprint ?? '',
    resourceVersion: finding.live?.resourceVersion ?? '',
    sync: finding.sync,
    health: finding.health?.status ?? (finding.live === undefined ? 'Missing' : ''),
    healthMessage: finding.health?.message ?? '',
    message: finding.message,
  };
}

/** The difference between the stored rows and the findings: equal rows are not written, rows without a finding are removed. */
export function foldInventory(stored: readonly ResourceStatus[], findings: readonly Finding[]): InventoryChange {
  const before = new Map(stored.map((row) => [formatResourceKey(row.key), row]));
  const upserts: ResourceStatus[] = [];
  for (const finding of findings) {
    const row = rowOf(finding);
    const id = formatResourceKey(row.key);
    const old = before.get(id);
    before.delete(id);
    if (old === undefined || !sameRow(old, row)) upserts.push(row);
  }
  return { upserts, removed: [...before.values()].map((row) => row.key) };
}

function sameRow(a: ResourceStatus, b: ResourceStatus): boolean {
  return jsonEqual({ ...a, key: formatResourceKey(a.key) }, { ...b, key: formatResourceKey(b.key) });
}

/** Synced only where every object is; an object that is no longer desired keeps the whole out of sync; nothing desired is in sync. */
export function foldSync(findings: readonly Finding[]): SyncStatus {
  if (findings.some((finding) => finding.sync === 'Unknown')) return 'Unknown';
  return findings.every((finding) => finding.sync === 'Synced') ? 'Synced' : 'OutOfSync';
}

/** The conditions that hold now; one that held before with the same words keeps the time at which it appeared. Sorted by type and message. */
export function foldConditions(
  before: readonly Condition[],
  now: readonly { readonly type: string; readonly message: string }[],
  nowIso: string,
): readonly Condition[] {
  const since = new Map(before.map((condition) => [`${condition.type}\n${condition.message}`, condition.since]));
  const unique = new Map(now.map(({ type, message }) => [`${type}\n${message}`, { type, message }]));
  return [...unique]
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([id, condition]) => ({ ...condition, since: since.get(id) ?? nowIso }));
}
