import fc from 'fast-check';
import { MANAGED_BY_LABEL, TRACKING_ANNOTATION, type KubeObject } from '@wheelwright/kernel';
import { describe, expect, it } from 'vitest';
import { DEFAULT_SYNC_OPTIONS, parseSyncOptions } from './options.js';
import { LAST_APPLIED_ANNOTATION } from './shape.js';
import { aimObjects, type AimOptions } from './target.js';
import type { AimedSet, Target } from './types.js';

const CLUSTER_KINDS = new Set(['Namespace', 'ClusterRole', 'CustomResourceDefinition']);
const KNOWN_KINDS = new Set([...CLUSTER_KINDS, 'ConfigMap', 'Secret', 'Deployment', 'Job', 'Endpoints']);

const options: AimOptions = {
  applicationName: 'web',
  destinationNamespace: 'shop',
  installationId: 'hub-1',
  scopeOf: (_group, kind) => (KNOWN_KINDS.has(kind) ? (CLUSTER_KINDS.has(kind) ? 'Cluster' : 'Namespaced') : undefined),
  syncOptions: DEFAULT_SYNC_OPTIONS,
};

function object(
  kind: string,
  name: string,
  rest: Partial<KubeObject> & { readonly annotations?: Record<string, string> } = {},
): KubeObject {
  const { annotations, metadata, ...other } = rest;
  return {
    apiVersion:
      kind === 'Deployment' ? 'apps/v1' : kind === 'CustomResourceDefinition' ? 'apiextensions.k8s.io/v1' : 'v1',
    kind,
    ...other,
    metadata: { name, ...(annotations === undefined ? {} : { annotations }), ...metadata },
  };
}

function only(aimed: AimedSet): Target {
  expect(aimed.problems).toEqual([]);
  expect(aimed.targets).toHaveLength(1);
  const [target] = aimed.targets;
  if (target === undefined) throw new Error('there is no target');
  return target;
}

describe('aiming', () => {
  it('places, labels and tracks a namespaced object', () => {
    const target = only(
      aimObjects([object('ConfigMap', 'c', { metadata: { name: 'c', labels: { a: 'b' } } })], options),
    );
    expect(target.key).toEqual({ group: '', kind: 'ConfigMap', namespace: 'shop', name: 'c' });
    expect(target.object.metadata).toEqual({
      name: 'c',
      namespace: 'shop',
      labels: { a: 'b', [MANAGED_BY_LABEL]: 'hub-1' },
      annotations: { [TRACKING_ANNOTATION]: 'web:/ConfigMap:shop/c' },
    });
  });

  it('keeps a namespace that is given, and drops that of a cluster-scoped object, whose tracking id names the destination', () => {
    expect(
      only(aimObjects([object('ConfigMap', 'c', { metadata: { name: 'c', namespace: 'other' } })], options)).key
        .namespace,
    ).toBe('other');
    const role = only(aimObjects([object('ClusterRole', 'r', { metadata: { name: 'r', namespace: 'x' } })], options));
    expect(role.key.namespace).toBe('');
    expect(role.object.metadata.namespace).toBeUndefined();
    expect(role.object.metadata.annotations?.[TRACKING_ANNOTATION]).toBe('web:/ClusterRole:shop/r');
  });

  it('strips what a server owns, and folds stringData', () => {
    const pasted = object('Secret', 's', {
      metadata: {
        name: 's',
        uid: 'u',
        resourceVersion: '1',
        generation: 4,
        creationTimestamp: null,
        managedFields: [],
        annotations: { [LAST_APPLIED_ANNOTATION]: '{}', keep: 'me' },
      },
      status: { a: 1 },
      data: { a: 'QQ==', b: 'Qg==' },
      stringData: { b: 'grün', c: '' },
    });
    const { object: desired } = only(aimObjects([pasted], options));
    expect(Object.keys(desired).sort()).toEqual(['apiVersion', 'data', 'kind', 'metadata']);
    expect(desired['data']).toEqual({ a: 'QQ==', b: 'Z3LDvG4=', c: '' });
    expect(Object.keys(desired.metadata).sort()).toEqual(['annotations', 'labels', 'name', 'namespace']);
    expect(desired.metadata.annotations).toEqual({ keep: 'me', [TRACKING_ANNOTATION]: 'web:/Secret:shop/s' });
  });

  it('keeps the last of repeated objects, and says so', () => {
    const aimed = aimObjects(
      [object('ConfigMap', 'c', { data: { a: '1' } }), object('ConfigMap', 'c', { data: { a: '2' } })],
      options,
    );
    expect(only(aimed).object['data']).toEqual({ a: '2' });
    expect(aimed.warnings).toEqual([
      {
        type: 'RepeatedResourceWarning',
        message: '/ConfigMap/shop/c appears 2 times among the objects; the last one is taken',
      },
    ]);
  });

  it('leaves out excluded kinds with a warning, and what only tests or skips without one', () => {
    const aimed = aimObjects(
      [
        object('Endpoints', 'e'),
        object('Job', 'test', { annotations: { 'helm.sh/hook': 'test' } }),
        object('Job', 'odd', { annotations: { 'argocd.argoproj.io/hook': 'Whenever' } }),
        object('Job', 'skip', { annotations: { 'argocd.argoproj.io/hook': 'Skip' } }),
        object('ConfigMap', 'crd', { annotations: { 'helm.sh/hook': 'crd-install' } }),
      ],
      options,
    );
    expect(aimed.targets.map(({ key }) => key.name)).toEqual(['crd']);
    expect(aimed.hooks).toEqual([]);
    expect(aimed.warnings.map(({ type }) => type)).toEqual(['ExcludedResourceWarning']);
  });

  it('keeps hooks apart from what is compared: placed and tracked, without the label that sweeps look for', () => {
    const aimed = aimObjects(
      [
        object('ConfigMap', 'c'),
        object('Job', 'migrate', { annotations: { 'argocd.argoproj.io/hook': 'PostSync,PreSync' } }),
        object('Job', 'install', {
          annotations: { 'helm.sh/hook': 'pre-install,pre-upgrade', 'helm.sh/hook-weight': '-2' },
        }),
      ],
      options,
    );
    expect(aimed.targets.map(({ key }) => key.name)).toEqual(['c']);
    expect(aimed.hooks.map(({ phase, wave, key }) => [phase, wave, key.name, key.namespace])).toEqual([
      ['PreSync', -2, 'install', 'shop'],
      ['PreSync', 0, 'migrate', 'shop'],
      ['PostSync', 0, 'migrate', 'shop'],
    ]);
    expect(aimed.hooks[0]?.object.metadata.labels).toEqual({});
    expect(aimed.hooks[0]?.object.metadata.annotations?.[TRACKING_ANNOTATION]).toBe('web:/Job:shop/install');
    expect(aimed.digest).toBe(aimObjects([object('ConfigMap', 'c')], options).digest);
    expect(aimed.warnings).toEqual([]);
  });

  it('finds fault with hooks as with all objects, but for a name that the operation gives, and what a deletion runs', () => {
    const hook = (kind: string, phase: string, metadata: KubeObject['metadata']): KubeObject =>
      object(kind, '', { metadata: { ...metadata, annotations: { 'argocd.argoproj.io/hook': phase } } });
    const aimed = aimObjects(
      [
        hook('Job', 'PreSync', { generateName: 'migrate-' }),
        hook('Job', 'PreSync', {}),
        hook('Widget', 'PostSync', { name: 'w' }),
        hook('Widget', 'PostDelete', { name: 'w' }),
      ],
      options,
    );
    expect(aimed.problems.map(({ message }) => message)).toEqual([
      expect.stringContaining('it has no metadata.name'),
      expect.stringContaining('does not know the kind Widget'),
    ]);
  });

  it('takes the scope of a kind from a CRD of the same set', () => {
    const crd = object('CustomResourceDefinition', 'widgets.example', {
      spec: { group: '', scope: 'Cluster', names: { kind: 'Widget' } },
    });
    const aimed = aimObjects([object('Widget', 'w'), crd], options);
    expect(aimed.problems).toEqual([]);
    expect(aimed.unknownKinds).toEqual([]);
    expect(aimed.targets.map(({ key }) => `${key.kind}/${key.namespace}`)).toEqual([
      'CustomResourceDefinition/',
      'Widget/',
    ]);
  });

  it('tells unknown kinds, missing names and missing namespaces as problems', () => {
    const unnamed = object('ConfigMap', '', { metadata: { generateName: 'c-' } });
    const aimed = aimObjects([object('Widget', 'w'), unnamed], options);
    expect(aimed.unknownKinds).toEqual([{ group: '', kind: 'Widget' }]);
    expect(aimed.problems.map(({ message }) => message.slice(0, 20))).toEqual([
      'the spoke does not k',
      'it has no metadata.n',
    ]);
    const homeless = aimObjects([object('ConfigMap', 'c'), object('ClusterRole', 'r')], {
      ...options,
      destinationNamespace: '',
    });
    expect(homeless.problems.map(({ key }) => key.kind)).toEqual(['ConfigMap']);
  });

  it('lets a kind be missing for now where the object says so', () => {
    const annotations = { 'argocd.argoproj.io/sync-options': 'SkipDryRunOnMissingResource=true' };
    const aimed = aimObjects([object('Widget', 'w', { annotations })], options);
    expect(aimed.problems).toEqual([]);
    expect(aimed.unknownKinds).toHaveLength(1);
  });

  it('digests Secrets with the key, and nothing else', () => {
    const keyed = { ...options, keyedDigest: (text: string) => `keyed:${String(text.length)}` };
    const digests = aimObjects([object('Secret', 's'), object('ConfigMap', 'c')], keyed).targets.map(({ digest }) =>
      digest.slice(0, 6),
    );
    expect(digests.filter((digest) => digest === 'keyed:')).toHaveLength(1);
  });

  it('does not depend on the order of objects (property)', () => {
    const objects = [
      object('ConfigMap', 'a'),
      object('Deployment', 'b'),
      object('Namespace', 'shop'),
      object('ClusterRole', 'c'),
      object('Secret', 'd'),
    ];
    const expected = aimObjects(objects, options);
    fc.assert(
      fc.property(fc.shuffledSubarray(objects, { minLength: objects.length }), (shuffled) => {
        expect(aimObjects(shuffled, options)).toEqual(expected);
      }),
    );
  });
});

describe('CreateNamespace', () => {
  const create = { ...options, syncOptions: parseSyncOptions(['CreateNamespace=true']).options };

  it('adds the namespace before everything, without a tracking id', () => {
    const late = { 'argocd.argoproj.io/sync-wave': '-5' };
    const aimed = aimObjects([object('ConfigMap', 'c', { annotations: late })], create);
    const [namespace] = aimed.targets;
    expect(namespace).toMatchObject({
      key: { kind: 'Namespace', name: 'shop', namespace: '' },
      wave: -5,
      implicitNamespace: 'bare',
    });
    expect(namespace?.object.metadata).toEqual({ name: 'shop', labels: { [MANAGED_BY_LABEL]: 'hub-1' } });
  });

  it('carries managed metadata', () => {
    const [namespace] = aimObjects([], { ...create, managedNamespaceMetadata: { labels: { tier: 'gold' } } }).targets;
    expect(namespace?.implicitNamespace).toBe('managedMetadata');
    expect(namespace?.object.metadata.labels).toEqual({ tier: 'gold', [MANAGED_BY_LABEL]: 'hub-1' });
  });

  it('gives way to a manifest of the namespace', () => {
    expect(only(aimObjects([object('Namespace', 'shop')], create)).implicitNamespace).toBeUndefined();
  });
});
