import { TRACKING_ANNOTATION, type KubeObject } from '@wheelwright/kernel';
import { describe, expect, it } from 'vitest';
import { deletePolicies, hookPhases, namedHook } from './hooks.js';
import { DEFAULT_SYNC_OPTIONS } from './options.js';
import { stepsOf } from './steps.js';
import { aimObjects } from './target.js';
import type { HookTarget } from './hooks.js';
import type { PlanEntry } from './types.js';

const ARGO = 'argocd.argoproj.io/hook';
const HELM = 'helm.sh/hook';

function object(kind: string, metadata: KubeObject['metadata'], rest: Partial<KubeObject> = {}): KubeObject {
  return { apiVersion: kind === 'Job' ? 'batch/v1' : 'v1', kind, ...rest, metadata };
}

function hooksOf(...objects: readonly KubeObject[]): readonly HookTarget[] {
  return aimObjects(objects, {
    applicationName: 'web',
    destinationNamespace: 'shop',
    installationId: 'hub-1',
    scopeOf: (_group, kind) => (kind === 'Namespace' ? 'Cluster' : 'Namespaced'),
    syncOptions: DEFAULT_SYNC_OPTIONS,
  }).hooks;
}

function entry(kind: string, name: string, rest: Partial<PlanEntry> = {}): PlanEntry {
  const namespace = kind === 'Namespace' ? '' : 'shop';
  return {
    key: { group: '', kind, namespace, name },
    version: 'v1',
    action: 'create',
    wave: 0,
    desired: object(kind, { name, ...(namespace === '' ? {} : { namespace }) }),
    desiredDigest: 'd',
    fingerprint: '',
    differences: [],
    ...rest,
  };
}

describe('hooks', () => {
  it.each([
    [{ [ARGO]: 'PostSync, PreSync' }, ['PreSync', 'PostSync']],
    [{ [ARGO]: 'Sync,Nonsense' }, ['Sync']],
    [{ [ARGO]: 'Skip' }, []],
    [{ [ARGO]: 'Skip,PreSync' }, ['PreSync']],
    [{ [ARGO]: 'SyncFail', [HELM]: 'pre-install' }, ['SyncFail']],
    [{ [HELM]: 'pre-install,post-upgrade' }, ['PreSync', 'PostSync']],
    [{ [HELM]: 'pre-delete,post-delete' }, ['PreDelete', 'PostDelete']],
    [{ [HELM]: 'test' }, []],
    [{ [HELM]: 'crd-install' }, []],
    [{}, []],
  ])('%j runs in %j', (annotations: Record<string, string>, phases) => {
    expect(hookPhases(object('Job', { name: 'j', annotations }))).toEqual(phases);
  });

  it.each([
    [{}, ['BeforeHookCreation']],
    [{ 'argocd.argoproj.io/hook-delete-policy': 'HookSucceeded,HookFailed' }, ['HookSucceeded', 'HookFailed']],
    [{ 'helm.sh/hook-delete-policy': 'before-hook-creation, hook-succeeded' }, ['BeforeHookCreation', 'HookSucceeded']],
    [{ 'argocd.argoproj.io/hook-delete-policy': 'constructor' }, ['BeforeHookCreation']],
  ])('%j deletes at %j', (annotations: Record<string, string>, policies) => {
    expect(deletePolicies(object('Job', { name: 'j', annotations }))).toEqual(policies);
  });

  it('names what leaves its name open by revision, phase and start, the same each time', () => {
    const [hook] = hooksOf(object('Job', { generateName: 'Migrate-', annotations: { [ARGO]: 'PreSync' } }));
    if (hook === undefined) throw new Error('there is no hook');
    const named = namedHook(hook, { revision: '0123456789', startedAtMs: 1_700_000_000_999 });
    expect(named.key.name).toBe('migrate-0123456-presync-1700000000');
    expect(named.object.metadata).toMatchObject({ name: named.key.name, namespace: 'shop' });
    expect(named.object.metadata.generateName).toBeUndefined();
    expect(named.object.metadata.annotations?.[TRACKING_ANNOTATION]).toBe(`web:batch/Job:shop/${named.key.name}`);
    expect(namedHook(named, { revision: 'other', startedAtMs: 0 })).toBe(named);
  });
});

describe('steps', () => {
  it('go by phase and wave, and leave out what this operation does not run', () => {
    const hooks = hooksOf(
      object('Job', { name: 'after', annotations: { [ARGO]: 'PostSync' } }),
      object('Job', { name: 'late', annotations: { [ARGO]: 'PreSync', 'argocd.argoproj.io/sync-wave': '3' } }),
      object('Job', { name: 'early', annotations: { [ARGO]: 'PreSync' } }),
      object('Job', { name: 'with', annotations: { [ARGO]: 'Sync', 'argocd.argoproj.io/sync-wave': '1' } }),
      object('Job', { name: 'sorry', annotations: { [ARGO]: 'SyncFail' } }),
    );
    const steps = stepsOf([entry('ConfigMap', 'a', { wave: 1 }), entry('ConfigMap', 'b')], hooks);
    const shown = steps.map(({ phase, wave, entries, hooks: run }) => [
      phase,
      wave,
      ...[...entries, ...run].map(({ key }) => key.name),
    ]);
    expect(shown).toEqual([
      ['PreSync', 0, 'early'],
      ['PreSync', 3, 'late'],
      ['Sync', 0, 'b'],
      ['Sync', 1, 'a', 'with'],
      ['PostSync', 0, 'after'],
    ]);
    expect(stepsOf([], hooks, ['SyncFail']).map(({ hooks: run }) => run[0]?.key.name)).toEqual(['sorry']);
  });

  it('bring the namespace of a hook before the hook, and never remove it that early', () => {
    const hooks = hooksOf(
      object('Job', { name: 'early', annotations: { [ARGO]: 'PreSync', 'argocd.argoproj.io/sync-wave': '-1' } }),
    );
    const namespaces = [entry('Namespace', 'shop'), entry('Namespace', 'other')];
    expect(stepsOf(namespaces, hooks).map(({ phase, wave, entries }) => [phase, wave, entries.length])).toEqual([
      ['PreSync', -1, 1],
      ['Sync', 0, 1],
    ]);
    const pruned = entry('Namespace', 'shop', { action: 'prune' });
    expect(stepsOf([pruned], hooks).at(-1)).toMatchObject({ phase: 'Sync', entries: [pruned] });
  });
});
