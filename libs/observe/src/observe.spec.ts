import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ApplicationId, type ObjectMeta } from '@wheelwright/kernel';
import {
  compareSweep,
  digestOfList,
  fingerprintOf,
  fingerprintOfObject,
  type KnownObject,
  type Observed,
} from './index.js';

const META: ObjectMeta = {
  name: 'api',
  uid: 'u1',
  generation: 3,
  resourceVersion: '70',
  labels: { app: 'api', tier: 'web' },
  annotations: { note: 'x' },
};

const app = ApplicationId('app-1');
const key = { group: 'apps', kind: 'Deployment', namespace: 'shop', name: 'api' };
const observed: Observed = {
  key,
  uid: 'u1',
  fingerprint: 'g1:x',
  resourceVersion: '7',
  trackingId: 'web:apps/Deployment:shop/api',
  deleting: false,
};
const known: KnownObject = {
  applicationId: app,
  key,
  fingerprint: 'g1:x',
  resourceVersion: '7',
  uid: 'u1',
  watchBody: true,
};

describe('fingerprints', () => {
  it('are stable texts (golden)', () => {
    expect(fingerprintOf(META, true)).toBe('g3:8e9a7ea3e3313af2');
    expect(fingerprintOf(META, false)).toBe('v70:8e9a7ea3e3313af2');
    expect(fingerprintOf({}, false)).toBe('v:d827049039f82a8b');
  });

  it('ignore status, key order, and what other programs note down', () => {
    const noted = {
      ...META,
      resourceVersion: '99',
      labels: { tier: 'web', app: 'api' },
      annotations: {
        'deployment.kubernetes.io/revision': '4',
        note: 'x',
        'kubectl.kubernetes.io/last-applied-configuration': '{}',
      },
      managedFields: [{ manager: 'kube-controller-manager' }],
    };
    expect(fingerprintOf(noted, true)).toBe(fingerprintOf(META, true));
  });

  it.each([
    ['generation', { generation: 4 }],
    ['a label', { labels: { app: 'api' } }],
    ['an annotation', { annotations: { note: 'y' } }],
  ])('move with %s', (_what, change) => {
    expect(fingerprintOf({ ...META, ...change }, true)).not.toBe(fingerprintOf(META, true));
  });

  it('do not mix up labels and annotations', () => {
    expect(fingerprintOf({ labels: { a: 'b' } }, true)).not.toBe(fingerprintOf({ annotations: { a: 'b' } }, true));
  });

  it('use the resourceVersion where a kind has no generation, or one that does not count', () => {
    expect(fingerprintOfObject({ group: '', kind: 'ConfigMap' }, { resourceVersion: '5' })).toMatch(/^v5:/);
    expect(
      fingerprintOfObject(
        { group: 'scheduling.k8s.io', kind: 'PriorityClass' },
        { generation: 1, resourceVersion: '5' },
      ),
    ).toMatch(/^v5:/);
    expect(fingerprintOfObject({ group: 'apps', kind: 'Deployment' }, { generation: 1, resourceVersion: '5' })).toMatch(
      /^g1:/,
    );
  });
});

describe('the digest of a list', () => {
  const objects = fc.uniqueArray(fc.record({ uid: fc.uuid(), resourceVersion: fc.nat().map(String) }), {
    selector: (object) => object.uid,
    maxLength: 20,
  });

  it('ignores order, and moves with any change', () => {
    fc.assert(
      fc.property(objects, fc.nat(), (list, at) => {
        expect(digestOfList([...list].reverse())).toBe(digestOfList(list));
        const index = list.length === 0 ? 0 : at % list.length;
        const moved = list.map((object, place) =>
          place === index ? { ...object, resourceVersion: `${object.resourceVersion}1` } : object,
        );
        if (list.length > 0) {
          expect(digestOfList(moved)).not.toBe(digestOfList(list));
          expect(digestOfList(list.slice(1))).not.toBe(digestOfList(list));
        }
      }),
    );
  });
});

describe('comparing a sweep with the inventory', () => {
  interface Case {
    /** What is there differs by this; `null`: nothing is there. */
    readonly live: Partial<Observed> | null;
    readonly last: Partial<KnownObject>;
    readonly expected?: string;
  }
  const cases: readonly (readonly [string, Case])[] = [
    ['nothing changed', { live: {}, last: {} }],
    ['its version moved and nobody reads its body', { live: { resourceVersion: '8' }, last: { watchBody: false } }],
    ['its version moved and its health is read', { live: { resourceVersion: '8' }, last: {}, expected: 'status' }],
    ['its fingerprint moved', { live: { fingerprint: 'g2:x' }, last: {}, expected: 'changed' }],
    ['another object has its name', { live: { uid: 'u2' }, last: {}, expected: 'replaced' }],
    ['it is gone', { live: null, last: {}, expected: 'vanished' }],
    ['it was missing and still is', { live: null, last: { fingerprint: '' } }],
    ['it was missing and is there', { live: {}, last: { fingerprint: '', uid: '' }, expected: 'appeared' }],
    ['somebody deletes it', { live: { fingerprint: 'g2:x', deleting: true }, last: {}, expected: 'deleting' }],
  ];
  it.each(cases)('%s', (_what, { live, last, expected }) => {
    const found = live === null ? [] : [{ ...observed, ...live }];
    const { touched, strays } = compareSweep(found, [{ ...known, ...last }]);
    expect(touched.get(app)).toEqual(expected === undefined ? undefined : [expected]);
    expect(strays).toEqual([]);
  });

  it('names objects that carry our label and are in no inventory; copies of ours are neither', () => {
    const stray = { ...observed, key: { ...key, name: 'old' }, trackingId: 'web:apps/Deployment:shop/old' };
    const unmarked = { ...observed, key: { ...key, name: 'new' }, trackingId: '' };
    const copy = { ...observed, key: { ...key, name: 'copy' } };
    const { touched, strays } = compareSweep([observed, stray, copy, unmarked], [known]);
    expect(touched.size).toBe(0);
    expect(strays.map((object) => object.key.name)).toEqual(['new', 'old']);
  });

  it('finds nothing when the inventory is what was observed, in any order', () => {
    const names = fc.uniqueArray(fc.stringMatching(/^[a-z]{1,8}$/), { maxLength: 20 });
    fc.assert(
      fc.property(names, (list) => {
        const live = list.map((name) => ({ ...observed, key: { ...key, name }, uid: `u-${name}`, trackingId: '' }));
        const inventory = live.map(({ key: itsKey, uid }) => ({ ...known, key: itsKey, uid }));
        const { touched, strays } = compareSweep(live.reverse(), inventory);
        expect(touched.size + strays.length).toBe(0);
        expect(compareSweep([], inventory).touched.size).toBe(Math.min(1, list.length));
      }),
    );
  });
});
