import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { foldConditions, foldInventory, foldSync, rowOf, type Finding } from './fold.js';
import { SYNC_STATUSES } from './types.js';

const finding = (name: string, patch: Partial<Finding> = {}): Finding => ({
  key: { group: '', kind: 'ConfigMap', namespace: 'a', name },
  version: 'v1',
  wave: 0,
  desiredDigest: 'd',
  live: { uid: 'u', fingerprint: 'v1:x', resourceVersion: '1' },
  sync: 'Synced',
  message: '',
  ...patch,
});

const findings = fc.uniqueArray(
  fc.record({
    name: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
    sync: fc.constantFrom(...SYNC_STATUSES),
    desiredDigest: fc.constantFrom('', 'd1', 'd2'),
    resourceVersion: fc.constantFrom('1', '2'),
  }),
  { selector: (item) => item.name },
);
const toFindings = (
  items: readonly { name: string; sync: Finding['sync']; desiredDigest: string; resourceVersion: string }[],
): Finding[] =>
  items.map(({ name, resourceVersion, ...rest }) =>
    finding(name, { ...rest, live: { uid: 'u', fingerprint: 'f', resourceVersion } }),
  );

describe('foldInventory', () => {
  it('brings any stored inventory to what was found, and then changes nothing', () => {
    fc.assert(
      fc.property(findings, findings, (before, after) => {
        const stored = toFindings(before).map(rowOf);
        const wanted = toFindings(after).map(rowOf);
        const change = foldInventory(stored, toFindings(after));
        const gone = new Set(change.removed.map((key) => key.name));
        const changed = new Set(change.upserts.map((row) => row.key.name));
        const result = [
          ...stored.filter((row) => !gone.has(row.key.name) && !changed.has(row.key.name)),
          ...change.upserts,
        ];
        const byName = (a: { key: { name: string } }, b: { key: { name: string } }): number =>
          a.key.name.localeCompare(b.key.name);
        expect(result.sort(byName)).toEqual(wanted.sort(byName));
        expect(foldInventory(wanted, toFindings(after))).toEqual({ upserts: [], removed: [] });
      }),
    );
  });

  it('remembers a digest as applied only where the object is in sync', () => {
    expect(rowOf(finding('a')).appliedDigest).toBe('d');
    expect(rowOf(finding('a', { sync: 'OutOfSync' })).appliedDigest).toBe('');
  });
});

describe('foldSync', () => {
  it('is in sync only where every object is', () => {
    expect(foldSync([])).toBe('Synced');
    expect(foldSync([finding('a'), finding('b', { sync: 'OutOfSync' })])).toBe('OutOfSync');
    expect(foldSync([finding('a', { sync: 'OutOfSync' }), finding('b', { sync: 'Unknown' })])).toBe('Unknown');
  });
});

describe('foldConditions', () => {
  it('keeps the time of a condition that still holds, and drops one that no longer does', () => {
    const before = [
      { type: 'SyncError', message: 'a', since: '2026-01-01T00:00:00.000Z' },
      { type: 'SyncError', message: 'b', since: '2026-01-01T00:00:00.000Z' },
    ];
    expect(
      foldConditions(
        before,
        [
          { type: 'SyncError', message: 'b' },
          { type: 'ComparisonError', message: 'c' },
        ],
        '2026-02-02T00:00:00.000Z',
      ),
    ).toEqual([
      { type: 'ComparisonError', message: 'c', since: '2026-02-02T00:00:00.000Z' },
      { type: 'SyncError', message: 'b', since: '2026-01-01T00:00:00.000Z' },
    ]);
  });
});
