import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { treeOf, type OwnedObject } from './resource-tree.js';

const object = (kind: string, name: string, owners: readonly string[] = []): OwnedObject => ({
  key: { group: '', kind, namespace: 'shop', name },
  uid: `${kind}-${name}`,
  owners,
  createdAt: '2026-01-01T00:00:00Z',
});
const LISTED = [
  object('Pod', 'web-1-a', ['ReplicaSet-web-1']),
  object('Pod', 'web-1-b', ['ReplicaSet-web-1']),
  object('ReplicaSet', 'web-1', ['Deployment-web']),
  object('Pod', 'stranger', ['ReplicaSet-other']),
  object('Pod', 'circle-a', ['Pod-circle-b']),
  object('Pod', 'circle-b', ['Pod-circle-a']),
];
const ROOTS = [object('Deployment', 'web'), object('Service', 'web')];
const names = (limit = 100, listed: readonly OwnedObject[] = LISTED): readonly string[] =>
  treeOf(ROOTS, listed, limit).map(({ uid, parent }) => `${parent ?? ''} > ${uid}`);

describe('treeOf', () => {
  it('goes down to pods, and takes nothing that others own', () => {
    expect(names()).toEqual([
      ' > Deployment-web',
      ' > Service-web',
      'Deployment-web > ReplicaSet-web-1',
      'ReplicaSet-web-1 > Pod-web-1-a',
      'ReplicaSet-web-1 > Pod-web-1-b',
    ]);
  });

  it('does not depend on the order of what was listed', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(LISTED, { minLength: LISTED.length }), (listed) => {
        expect(names(100, listed)).toEqual(names());
      }),
    );
  });

  it('keeps an object once, and to its limit', () => {
    const shared = object('Pod', 'shared', ['Deployment-web', 'Service-web']);
    expect(names(100, [shared])).toEqual([' > Deployment-web', ' > Service-web', 'Deployment-web > Pod-shared']);
    expect(names(3)).toHaveLength(3);
  });
});
