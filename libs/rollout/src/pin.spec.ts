import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pinHolds, pinText, sourceDigest, type Pin } from './pin.js';

const source = { repoURL: 'https://git.example.com/shop', path: 'web', targetRevision: 'main' };
const digest = sourceDigest(source);
const rollback: Pin = {
  id: 'p',
  kind: 'rollback',
  revision: 'b'.repeat(40),
  declaredDigest: digest,
  denied: ['c'.repeat(40)],
  reason: 'errors in checkout',
  pinnedBy: 'ada',
};
const none: ReadonlySet<string> = new Set();

describe('pinHolds', () => {
  it('denies what was rolled away, by its commit or by its files', () => {
    const deniedTrees = new Set(['tree-c']);
    const at = (commit: string, treeDigest: string): boolean =>
      pinHolds(rollback, { digest, tip: { commit, treeDigest }, deniedTrees });
    expect(at('c'.repeat(40), 'whatever')).toBe(true);
    expect(at('d'.repeat(40), 'tree-c')).toBe(true);
    expect(at('d'.repeat(40), 'tree-d')).toBe(false);
  });

  it('lets a reverted commit through, which holds the files from before', () => {
    const tip = { commit: 'e'.repeat(40), treeDigest: 'tree-b' };
    expect(pinHolds(rollback, { digest, tip, deniedTrees: new Set(['tree-c']) })).toBe(false);
  });

  it('ends a rollback where another source is declared, and no pin', () => {
    const other = sourceDigest({ ...source, targetRevision: 'v2' });
    const tip = { commit: 'c'.repeat(40), treeDigest: 'tree-c' };
    expect(pinHolds(rollback, { digest: other, tip, deniedTrees: none })).toBe(false);
    expect(pinHolds({ ...rollback, kind: 'pin' }, { digest: other, tip, deniedTrees: none })).toBe(true);
  });

  it('knows of nothing newer while the target revision cannot be read', () => {
    expect(pinHolds(rollback, { digest, deniedTrees: none })).toBe(true);
  });
});

describe('sourceDigest', () => {
  it('does not depend on the order of fields, nor on absent ones', () => {
    const fields = fc.shuffledSubarray(Object.entries(source), { minLength: 3 });
    fc.assert(
      fc.property(fields, (entries) => {
        const shuffled = { ...source, ...Object.fromEntries(entries) };
        expect(sourceDigest(shuffled)).toBe(digest);
      }),
    );
    expect(sourceDigest({ ...source, helm: { releaseName: 'a' } })).not.toBe(digest);
  });
});

describe('pinText', () => {
  it('names who, why, and what ends it', () => {
    expect(pinText(rollback)).toBe(
      'rolled back to bbbbbbbbbbbb by ada: errors in checkout; what was rolled away is not deployed again until something newer is declared (unpinApplication ends it)',
    );
    expect(pinText({ ...rollback, kind: 'pin', reason: '' })).toBe(
      'pinned to bbbbbbbbbbbb by ada; nothing else is deployed until unpinApplication ends it',
    );
  });
});
