import fc from 'fast-check';
import {
  formatResourceKey,
  TRACKING_ANNOTATION,
  trackingId,
  type KubeObject,
  type ResourceKey,
} from '@wheelwright/kernel';
import type { Observed } from '@wheelwright/observe';
import { describe, expect, it } from 'vitest';
import { DEFAULT_SYNC_OPTIONS, parseSyncOptions } from './options.js';
import { plan } from './plan.js';
import { questionsOf } from './questions.js';
import { prunedKeys, prunesWithinBudget, summarise, wavesOf, withoutPrunes } from './summary.js';
import { aimObjects } from './target.js';
import type { Answer, KnownObject, PlanInput, Target } from './types.js';

function configMap(
  name: string,
  rest: { readonly data?: Record<string, string>; readonly annotations?: Record<string, string> } = {},
): KubeObject {
  const { data, annotations } = rest;
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, ...(annotations === undefined ? {} : { annotations }) },
    ...(data === undefined ? {} : { data }),
  };
}

function targetsOf(
  objects: readonly KubeObject[],
  syncOptions: readonly string[] = [],
  application = 'web',
): readonly Target[] {
  return aimObjects(objects, {
    applicationName: application,
    destinationNamespace: 'shop',
    installationId: 'hub-1',
    scopeOf: (_group, kind) => (kind === 'Namespace' ? 'Cluster' : 'Namespaced'),
    syncOptions: parseSyncOptions(syncOptions).options,
  }).targets;
}

const keyOf = (name: string): ResourceKey => ({ group: '', kind: 'ConfigMap', namespace: 'shop', name });

function observedOf(name: string, rest: Partial<Observed> = {}): Observed {
  return {
    key: keyOf(name),
    uid: `u-${name}`,
    fingerprint: 'f1',
    resourceVersion: '1',
    trackingId: trackingId('web', keyOf(name)),
    deleting: false,
    ...rest,
  };
}

function knownOf(target: Target, rest: Partial<KnownObject> = {}): KnownObject {
  const { key, version, wave, digest } = target;
  return { key, version, wave, appliedDigest: digest, fingerprint: 'f1', uid: `u-${key.name}`, ...rest };
}

/** A live object as a spoke would answer it. */
function live(target: Target, rest: Partial<KubeObject> = {}): KubeObject {
  return {
    ...target.object,
    ...rest,
    metadata: { ...target.object.metadata, uid: `u-${target.key.name}`, ...rest.metadata },
  };
}

function inputOf(rest: Partial<PlanInput> & { readonly seen?: readonly Observed[] }): PlanInput {
  const { seen = [], ...others } = rest;
  return {
    application: 'web',
    targets: [],
    known: [],
    observed: new Map(seen.map((object) => [formatResourceKey(object.key), object])),
    options: DEFAULT_SYNC_OPTIONS,
    ...others,
  };
}

const answersOf = (answers: Readonly<Record<string, Answer>>): ReadonlyMap<string, Answer> =>
  new Map(Object.entries(answers).map(([name, answer]) => [formatResourceKey(keyOf(name)), answer]));

function first(targets: readonly Target[]): Target {
  const [target] = targets;
  if (target === undefined) throw new Error('there is no target');
  return target;
}

describe('planning', () => {
  it('asks nothing and changes nothing where nothing changed', () => {
    const targets = targetsOf([configMap('a'), configMap('b')]);
    const input = inputOf({
      targets,
      known: targets.map((target) => knownOf(target)),
      seen: [observedOf('a'), observedOf('b')],
    });
    expect(questionsOf(input)).toEqual([]);
    const made = plan(input, new Map());
    expect(made.entries.map(({ action, fingerprint, uid }) => [action, fingerprint, uid])).toEqual([
      ['unchanged', 'f1', 'u-a'],
      ['unchanged', 'f1', 'u-b'],
    ]);
    expect(summarise(made)).toEqual({ changes: 0, prunes: 0, desired: 2, inSync: true });
    expect(wavesOf(made)).toEqual([]);
  });

  it('leaves alone what asks for that, and makes what is to be made only where there is none', () => {
    const withSsa = (ssa: string): readonly Target[] =>
      targetsOf([configMap('a', { annotations: { 'kustomize.toolkit.fluxcd.io/ssa': ssa } })]);
    for (const [ssa, action] of [
      ['IfNotPresent', 'create'],
      ['Ignore', 'skip'],
    ] as const) {
      const targets = withSsa(ssa);
      const absent = inputOf({ targets });
      expect(questionsOf(absent)).toEqual([{ key: keyOf('a'), version: 'v1' }]);
      expect(plan(absent, answersOf({ a: {} })).entries.map((entry) => entry.action)).toEqual([action]);
      const foreign = plan(absent, answersOf({ a: { live: live(first(targets)), fingerprint: 'f9' } }));
      expect(foreign.entries).toMatchObject([{ action: 'unchanged', fingerprint: 'f9' }]);
      const there = inputOf({ targets, seen: [observedOf('a', { fingerprint: 'f2' })] });
      expect(questionsOf(there)).toEqual([]);
      expect(plan(there, new Map()).entries).toMatchObject([{ action: 'unchanged', fingerprint: 'f2', uid: 'u-a' }]);
    }
  });

  it('creates what is not there without a question', () => {
    const targets = targetsOf([configMap('a')]);
    const input = inputOf({ targets });
    expect(questionsOf(input)).toEqual([]);
    expect(plan(input, new Map()).entries).toMatchObject([
      { action: 'create', desired: first(targets).object, differences: [] },
    ]);
  });

  it.each<[string, Partial<KnownObject>, Partial<Observed>]>([
    ['the desired digest moved', { appliedDigest: 'old' }, {}],
    ['the live fingerprint moved', {}, { fingerprint: 'f2' }],
    ['another object has the name now', {}, { uid: 'other' }],
    ['it was never in sync', { fingerprint: '' }, {}],
  ])('asks again where %s', (_case, known, observed) => {
    const target = first(targetsOf([configMap('a', { data: { k: '1' } })]));
    const input = inputOf({ targets: [target], known: [knownOf(target, known)], seen: [observedOf('a', observed)] });
    expect(questionsOf(input)).toEqual([{ key: keyOf('a'), version: 'v1', object: target.object }]);
    expect(() => plan(input, new Map())).toThrow('was to be read on the spoke');
    const same = plan(input, answersOf({ a: { live: live(target), dryRun: live(target), fingerprint: 'f3' } }));
    expect(same.entries).toMatchObject([{ action: 'unchanged', fingerprint: 'f3', uid: 'u-a' }]);
    const differs = plan(
      input,
      answersOf({ a: { live: live(target, { data: { k: '0' } }), dryRun: live(target), fingerprint: 'f3' } }),
    );
    expect(differs.entries).toMatchObject([
      { action: 'update', differences: [{ pointer: '/data/k', live: '0', desired: '1' }] },
    ]);
    const vanished = plan(input, answersOf({ a: {} }));
    expect(vanished.entries).toMatchObject([{ action: 'create' }]);
  });

  it('names the managers that fields are taken from', () => {
    const target = first(targetsOf([configMap('a', { data: { k: '1' } })]));
    const managedFields = [{ manager: 'kubectl-edit', fieldsV1: { 'f:data': { 'f:k': {} } } }];
    const drifted = live(target, { data: { k: '0' }, metadata: { ...target.object.metadata, managedFields } });
    const input = inputOf({ targets: [target], seen: [observedOf('a')] });
    expect(plan(input, answersOf({ a: { live: drifted, dryRun: live(target) } })).entries[0]?.reason).toBe(
      'takes fields over from kubectl-edit',
    );
  });

  it('ignores what it is told to ignore', () => {
    const target = first(targetsOf([configMap('a', { data: { k: '1' } })]));
    const ignoreDifferences = [{ kind: 'ConfigMap', jsonPointers: ['/data/k', 'nonsense'] }];
    const made = plan(
      inputOf({ targets: [target], seen: [observedOf('a')], ignoreDifferences }),
      answersOf({ a: { live: live(target, { data: { k: '0' } }), dryRun: live(target) } }),
    );
    expect(made.entries[0]?.action).toBe('unchanged');
    expect(made.warnings.map(({ type }) => type)).toEqual(['IgnoreDifferencesWarning']);
  });

  it('leaves an object to the Application that owns it', () => {
    const targets = targetsOf([configMap('a')]);
    const seen = [observedOf('a', { trackingId: trackingId('other', keyOf('a')) })];
    const input = inputOf({ targets, seen });
    expect(questionsOf(input)).toEqual([]);
    const made = plan(input, new Map());
    expect(made.entries).toMatchObject([{ action: 'skip', reason: 'it belongs to the Application other' }]);
    expect(made.warnings.map(({ type }) => type)).toEqual(['SharedResourceWarning']);
    expect(made.problems).toEqual([]);
    const strict = targetsOf([configMap('a')], ['FailOnSharedResource=true']);
    expect(plan(inputOf({ targets: strict, seen }), new Map()).problems).toHaveLength(1);
    // What an Application that is gone left behind is free to take.
    expect(questionsOf({ ...input, isApplication: () => false })).toHaveLength(1);
    // A copy carries the id of its original, which is not this object.
    const copied = [observedOf('a', { trackingId: trackingId('other', keyOf('original')) })];
    expect(questionsOf(inputOf({ targets, seen: copied }))).toHaveLength(1);
  });

  it('does not write to an object that is being deleted', () => {
    const targets = targetsOf([configMap('a')]);
    const made = plan(inputOf({ targets, seen: [observedOf('a', { deleting: true, fingerprint: 'f2' })] }), new Map());
    expect(made.entries).toMatchObject([{ action: 'skip' }]);
    expect(summarise(made)).toMatchObject({ changes: 0, inSync: false });
  });

  it('makes a refusal of the spoke a problem of the whole', () => {
    const targets = targetsOf([configMap('a')]);
    const made = plan(
      inputOf({ targets, seen: [observedOf('a')] }),
      answersOf({ a: { refused: 'field is immutable' } }),
    );
    expect(made.problems).toEqual([{ key: keyOf('a'), message: 'field is immutable' }]);
    expect(made.entries[0]?.action).toBe('skip');
  });

  it('looks at everything for a preview', () => {
    const targets = targetsOf([configMap('a'), configMap('b')]);
    const input = inputOf({
      targets,
      known: targets.map((target) => knownOf(target)),
      seen: [observedOf('a')],
      thorough: true,
    });
    expect(questionsOf(input)).toHaveLength(2);
    const foreign = live(first(targets), {
      metadata: { name: 'b', labels: {}, annotations: { [TRACKING_ANNOTATION]: trackingId('theirs', keyOf('b')) } },
    });
    const made = plan(
      input,
      answersOf({
        a: { live: live(first(targets)), dryRun: live(first(targets)) },
        b: { live: foreign, dryRun: foreign },
      }),
    );
    expect(made.warnings.map(({ message }) => message)).toEqual([
      expect.stringContaining('theirs of another installation'),
    ]);
  });

  it('leaves an object alone whose live tracking names another Application of this hub, whatever was seen of it', () => {
    const [target] = targetsOf([configMap('a')]);
    if (target === undefined) throw new Error('there is no target');
    const input = inputOf({
      targets: [target],
      known: [{ ...knownOf(target), fingerprint: '' }],
      seen: [observedOf('a')],
    });
    const annotations = { [TRACKING_ANNOTATION]: trackingId('theirs', keyOf('a')) };
    const theirs = live(target, { metadata: { ...target.object.metadata, uid: 'u-a', annotations } });
    const made = plan(input, answersOf({ a: { live: theirs, dryRun: live(target) } }));
    expect(made.entries).toMatchObject([{ action: 'skip' }]);
    expect(made.warnings).toMatchObject([{ type: 'SharedResourceWarning' }]);
  });
});

describe('pruning', () => {
  const [old] = targetsOf([configMap('old')]);
  if (old === undefined) throw new Error('there is no target');
  const input = inputOf({ known: [knownOf(old)], seen: [observedOf('old')] });
  const annotated = (annotations: Record<string, string>): KubeObject =>
    live(old, {
      metadata: { ...old.object.metadata, annotations: { ...old.object.metadata.annotations, ...annotations } },
    });

  it('reads what it would delete, and deletes by uid', () => {
    expect(questionsOf(input)).toEqual([{ key: keyOf('old'), version: 'v1' }]);
    expect(() => plan(input, new Map())).toThrow('before it is pruned');
    const made = plan(input, answersOf({ old: { live: live(old) } }));
    expect(made.entries).toMatchObject([
      { action: 'prune', uid: 'u-old', propagation: 'Background', desiredDigest: '' },
    ]);
    expect(prunedKeys(made).keys).toEqual(['/ConfigMap/shop/old']);
    expect(summarise(made)).toEqual({ changes: 0, prunes: 1, desired: 0, inSync: false });
    const kept = withoutPrunes(made, 'held');
    expect(kept.entries).toMatchObject([{ action: 'skip', reason: 'held' }]);
    expect(kept.digest).not.toBe(made.digest);
  });

  it.each<[string, Answer, string]>([
    ['is gone', {}, 'it is gone'],
    [
      'belongs to another',
      { live: annotated({ [TRACKING_ANNOTATION]: trackingId('other', keyOf('old')) }) },
      'its tracking id is other:/ConfigMap:shop/old',
    ],
    [
      'is a copy',
      { live: annotated({ [TRACKING_ANNOTATION]: trackingId('web', keyOf('x')) }) },
      'its tracking id is web:/ConfigMap:shop/x',
    ],
    ['names nobody', { live: { ...live(old), metadata: { name: 'old', uid: 'u-old' } } }, 'it carries no tracking id'],
  ])('releases what %s', (_case, answer, reason) => {
    const made = plan(input, answersOf({ old: answer }));
    expect(made.entries).toEqual([]);
    expect(made.released).toEqual([{ key: keyOf('old'), reason }]);
  });

  const OPTIONS = 'argocd.argoproj.io/sync-options';
  it.each<{ annotations: Record<string, string>; removal: 'prune' | 'delete'; action: string }>([
    { annotations: { [OPTIONS]: 'Prune=false' }, removal: 'prune', action: 'skip' },
    { annotations: { [OPTIONS]: 'Prune=confirm' }, removal: 'prune', action: 'skip' },
    { annotations: { [OPTIONS]: 'Delete=false' }, removal: 'prune', action: 'prune' },
    { annotations: { [OPTIONS]: 'Delete=false' }, removal: 'delete', action: 'skip' },
    { annotations: { 'helm.sh/resource-policy': 'keep' }, removal: 'prune', action: 'skip' },
  ])('honours $annotations when it is to $removal: $action', ({ annotations, removal, action }) => {
    const made = plan({ ...input, removal }, answersOf({ old: { live: annotated(annotations) } }));
    expect(made.entries.map((entry) => entry.action)).toEqual([action]);
  });

  it('takes an object for no drift that says so of itself (IgnoreExtraneous), and deletes it along with other changes', () => {
    const answers = answersOf({
      old: { live: annotated({ 'argocd.argoproj.io/compare-options': 'IgnoreExtraneous' }) },
    });
    const made = plan({ ...input, removal: 'prune' }, answers);
    expect(made.entries).toMatchObject([{ action: 'prune', extraneous: true }]);
    expect(summarise(made)).toEqual({ changes: 0, prunes: 0, desired: 0, inSync: true });
    expect(summarise(plan({ ...input, removal: 'delete' }, answers))).toMatchObject({ prunes: 1, inSync: false });
  });

  it('does not delete twice', () => {
    const deleting = live(old, { metadata: { ...old.object.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } });
    expect(plan(input, answersOf({ old: { live: deleting } })).entries).toMatchObject([{ action: 'skip' }]);
  });

  it('goes through the waves in reverse, PruneLast after everything', () => {
    const waves = { early: '-1', middle: '0', late: '4' };
    const gone = targetsOf(
      Object.entries(waves).map(([name, wave]) =>
        configMap(name, { annotations: { 'argocd.argoproj.io/sync-wave': wave } }),
      ),
    );
    const last = first(
      targetsOf([configMap('last', { annotations: { 'argocd.argoproj.io/sync-options': 'PruneLast=true' } })]),
    );
    const kept = targetsOf([configMap('kept', { annotations: { 'argocd.argoproj.io/sync-wave': '7' } })]);
    const all = [...gone, last];
    const made = plan(
      inputOf({ targets: kept, known: all.map((target) => knownOf(target)) }),
      answersOf(Object.fromEntries(all.map((target) => [target.key.name, { live: live(target) }]))),
    );
    expect(made.entries.map(({ key, wave }) => `${key.name} ${String(wave)}`)).toEqual([
      'late -1',
      'middle 0',
      'early 4',
      'kept 7',
      'last 8',
    ]);
  });

  it('is measured by the budget', () => {
    const targets = targetsOf(['a', 'b', 'c', 'd', 'e'].map((name) => configMap(name)));
    const known = targets.map((target) => knownOf(target));
    const answers = answersOf(Object.fromEntries(targets.map((target) => [target.key.name, { live: live(target) }])));
    const everything = plan(inputOf({ known }), answers);
    expect(prunesWithinBudget(everything, known.length)).toBe(false);
    const one = plan(inputOf({ known: known.slice(0, 1) }), answers);
    expect(prunesWithinBudget(one, 5)).toBe(true);
  });

  it('counts the Applications that a set takes along', () => {
    const set = (resourcesCount: number): KubeObject => ({
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'ApplicationSet',
      metadata: { name: 'services' },
      status: { resourcesCount },
    });
    const [target] = targetsOf([set(0)]);
    if (target === undefined) throw new Error('there is no target');
    const prune = (resourcesCount: number) =>
      plan(
        inputOf({ known: [knownOf(target)] }),
        new Map([[formatResourceKey(target.key), { live: live(target, { status: { resourcesCount } }) }]]),
      );
    expect(prunesWithinBudget(prune(2), 10)).toBe(true);
    expect(prunesWithinBudget(prune(40), 10)).toBe(false);
    expect(prunesWithinBudget(prune(0), 10)).toBe(true);
  });

  it.each(['prune', 'delete'] as const)('never takes the Application itself (%s)', (removal) => {
    const made = plan({ ...input, removal, applicationUid: 'u-old' }, answersOf({ old: { live: live(old) } }));
    expect(made.entries).toMatchObject([{ action: 'skip', reason: expect.stringContaining('itself') as string }]);
    expect(made.warnings).toMatchObject([{ type: 'SelfPruneWarning' }]);
  });
});

describe('the namespace that CreateNamespace asks for', () => {
  const options = ['CreateNamespace=true'];
  const key = { group: '', kind: 'Namespace', namespace: '', name: 'shop' };
  const text = formatResourceKey(key);

  it('costs a read where nothing says that it is there, and is created only if it is not', () => {
    const input = inputOf({ targets: targetsOf([], options) });
    expect(questionsOf(input)).toEqual([{ key, version: 'v1' }]);
    expect(plan(input, new Map([[text, {}]])).entries).toMatchObject([{ action: 'create', key }]);
    const there = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop', uid: 'u' } };
    expect(plan(input, new Map([[text, { live: there }]])).entries).toEqual([]);
  });

  it('costs nothing where something of ours lives in it, and is left alone', () => {
    const targets = targetsOf([configMap('a')], options);
    const known = targets.filter(({ key: { kind } }) => kind === 'ConfigMap').map((target) => knownOf(target));
    const input = inputOf({ targets, known, seen: [observedOf('a')] });
    expect(questionsOf(input)).toEqual([]);
    expect(plan(input, new Map()).entries.map(({ key: { kind }, action }) => `${kind} ${action}`)).toEqual([
      'ConfigMap unchanged',
    ]);
  });

  it('stays when it is no longer asked for', () => {
    const [namespace] = targetsOf([], options);
    if (namespace === undefined) throw new Error('there is no namespace');
    const input = inputOf({ known: [knownOf(namespace)] });
    const answers = new Map([[text, { live: live(namespace) }]]);
    expect(plan(input, answers)).toMatchObject({ entries: [], released: [{ key }] });
  });
});

describe('plans', () => {
  it('do not depend on the order of inputs (property)', () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f'];
    const all = targetsOf(
      names.map((name) =>
        configMap(name, { annotations: { 'argocd.argoproj.io/sync-wave': String(name.charCodeAt(0) % 3) } }),
      ),
    );
    const answers = answersOf(
      Object.fromEntries(
        all.map((target) => [
          target.key.name,
          { live: live(target), dryRun: live(target, { data: { k: target.key.name } }) },
        ]),
      ),
    );
    const shuffled = <T>(items: readonly T[]): fc.Arbitrary<T[]> =>
      fc.shuffledSubarray([...items], { minLength: items.length });
    fc.assert(
      fc.property(fc.subarray([...all]), fc.subarray([...all]), fc.subarray(names), (targets, known, seen) =>
        fc.assert(
          fc.property(shuffled(targets), shuffled(known), shuffled(seen), (t, k, s) => {
            const made = (ts: readonly Target[], ks: readonly Target[], ss: readonly string[]): unknown =>
              plan(
                inputOf({
                  targets: ts,
                  known: ks.map((target) => knownOf(target, { fingerprint: 'f0' })),
                  seen: ss.map((name) => observedOf(name)),
                }),
                answers,
              );
            expect(made(t, k, s)).toEqual(made(targets, known, seen));
          }),
          { numRuns: 3 },
        ),
      ),
      { numRuns: 60 },
    );
  });
});
