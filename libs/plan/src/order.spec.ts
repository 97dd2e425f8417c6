import type { KubeObject } from '@wheelwright/kernel';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareOrder, kindRank, orderTargets, reversedWaves, waveOf } from './order.js';

function target(
  kind: string,
  name: string,
  rest: { readonly wave?: number; readonly namespace?: string; readonly spec?: KubeObject['metadata'] } = {},
) {
  const group = kind === 'CustomResourceDefinition' ? 'apiextensions.k8s.io' : kind === 'Widget' ? 'example.io' : '';
  const object: KubeObject = {
    apiVersion: group === '' ? 'v1' : `${group}/v1`,
    kind,
    metadata: { name },
    ...(rest.spec === undefined ? {} : { spec: rest.spec }),
  };
  return { key: { group, kind, namespace: rest.namespace ?? '', name }, wave: rest.wave ?? 0, object };
}

const names = (targets: readonly { readonly key: { readonly name: string } }[]): string[] =>
  targets.map(({ key }) => key.name);

describe('order', () => {
  it('is wave, then kind, then name', () => {
    const targets = [
      target('Widget', 'last', { namespace: 'x' }),
      target('Deployment', 'b'),
      target('Deployment', 'a'),
      target('ConfigMap', 'c'),
      target('Namespace', 'n'),
      target('Job', 'early', { wave: -1 }),
      target('Secret', 'late', { wave: 1 }),
    ];
    expect(names(orderTargets(targets))).toEqual(['early', 'n', 'c', 'a', 'b', 'last', 'late']);
  });

  it('moves a namespace before the first object in it, into its wave', () => {
    const ordered = orderTargets([
      target('ConfigMap', 'c', { wave: -2, namespace: 'shop' }),
      target('Namespace', 'shop', { wave: 3 }),
    ]);
    expect(names(ordered)).toEqual(['shop', 'c']);
    expect(ordered.map(({ wave }) => wave)).toEqual([-2, -2]);
  });

  it('moves a CRD before the first object of its kind, and leaves others where they are', () => {
    const spec = { group: 'example.io', names: { kind: 'Widget' }, scope: 'Namespaced' };
    const ordered = orderTargets([
      target('Widget', 'w', { namespace: 'x' }),
      target('CustomResourceDefinition', 'widgets', { wave: 2, spec }),
      target('CustomResourceDefinition', 'others', { wave: 2, spec: { ...spec, names: { kind: 'Other' } } }),
    ]);
    expect(ordered.map(({ key, wave }) => `${key.name} ${String(wave)}`)).toEqual(['widgets 0', 'w 0', 'others 2']);
  });

  it('is total, and the same whatever came first (property)', () => {
    const one = fc.record({
      kind: fc.constantFrom('Namespace', 'ConfigMap', 'Deployment', 'Widget'),
      name: fc.constantFrom('a', 'b', 'c'),
      namespace: fc.constantFrom('', 'a', 'b'),
      wave: fc.integer({ min: -1, max: 1 }),
    });
    fc.assert(
      fc.property(
        fc.uniqueArray(one, { selector: ({ kind, name, namespace }) => `${kind}/${namespace}/${name}` }),
        fc.nat(),
        (items, seed) => {
          const targets = items.map(({ kind, name, ...rest }) => target(kind, name, rest));
          const shuffled = [...targets].sort(
            (a, b) => ((targets.indexOf(a) * 7 + seed) % 11) - ((targets.indexOf(b) * 7 + seed) % 11),
          );
          expect(orderTargets(shuffled)).toEqual(orderTargets(targets));
          for (const a of targets) for (const b of targets) expect(compareOrder(a, b) === 0).toBe(a === b);
        },
      ),
    );
  });

  it('knows its kinds', () => {
    expect(kindRank('Namespace')).toBe(0);
    expect(kindRank('Anything')).toBeGreaterThan(kindRank('APIService'));
  });

  it.each([
    [{ 'argocd.argoproj.io/sync-wave': '-3' }, -3],
    [{ 'argocd.argoproj.io/sync-wave': '2', 'helm.sh/hook-weight': '9' }, 2],
    [{ 'helm.sh/hook-weight': '9' }, 9],
    [{ 'argocd.argoproj.io/sync-wave': 'soon' }, 0],
    [{}, 0],
  ])('wave of %j is %i', (annotations, wave) => {
    expect(waveOf({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', annotations } })).toBe(wave);
  });

  it('reverses waves by swapping', () => {
    expect([...reversedWaves([5, -1, 5, 0])]).toEqual([
      [-1, 5],
      [0, 0],
      [5, -1],
    ]);
  });
});
