import { describe, expect, it } from 'vitest';
import { DEFAULT_SYNC_OPTIONS, objectSyncOptions, parseSyncOptions, propagationOf } from './options.js';

function pod(annotations: Record<string, string>) {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', annotations } };
}

describe('sync options', () => {
  it('are folded, the last one wins', () => {
    const { options, warnings } = parseSyncOptions([
      'CreateNamespace=true',
      'PruneLast=true',
      'PrunePropagationPolicy=background',
      'Prune=false',
      'Prune=confirm',
    ]);
    expect(options).toEqual({
      ...DEFAULT_SYNC_OPTIONS,
      createNamespace: true,
      pruneLast: true,
      propagation: 'Background',
      prune: 'confirm',
    });
    expect(warnings).toEqual([]);
  });

  it.each([
    'ServerSideApply=true',
    'ApplyOutOfSyncOnly=true',
    'Validate=true',
    'ClientSideApplyMigration=false',
    'Replace=false',
    '',
  ])('what works that way anyway is taken in silence: %s', (text) => {
    expect(parseSyncOptions([text])).toEqual({ options: DEFAULT_SYNC_OPTIONS, warnings: [] });
  });

  it.each([
    'Replace=true',
    'Validate=false',
    'ServerSideApply=false',
    'PrunePropagationPolicy=later',
    'Prune=maybe',
    'Unheard=of',
    '__proto__=1',
  ])('what is not carried out is told: %s', (text) => {
    const { options, warnings } = parseSyncOptions([text]);
    expect(options).toEqual(DEFAULT_SYNC_OPTIONS);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]?.message).toContain(text);
  });

  it('of an object win over those of its Application', () => {
    const base = parseSyncOptions(['Prune=false', 'PruneLast=true']).options;
    const own = objectSyncOptions(
      base,
      pod({ 'argocd.argoproj.io/sync-options': 'Prune=true, Delete=false' }),
      'Pod p',
    ).options;
    expect(own).toEqual({ ...base, prune: 'allowed', delete: 'refused' });
    expect(objectSyncOptions(base, pod({}), 'Pod p').options).toBe(base);
  });

  it.each([
    ['prune: disabled', { prune: 'refused', delete: 'refused' }],
    ['reconcile: disabled', { prune: 'refused', delete: 'refused', write: 'never' }],
    ['ssa: Ignore', { write: 'never' }],
    ['ssa: IfNotPresent', { write: 'ifAbsent' }],
    ['ssa: Merge', {}],
    ['force: enabled', { force: true }],
  ])('follow what Flux calls %s', (text, expected) => {
    const [name = '', value = ''] = text.split(': ');
    const { options } = objectSyncOptions(
      DEFAULT_SYNC_OPTIONS,
      pod({ [`kustomize.toolkit.fluxcd.io/${name}`]: value }),
      'Pod p',
    );
    expect(options).toEqual({ ...DEFAULT_SYNC_OPTIONS, ...expected });
  });

  it("keep what Helm's resource policy keeps", () => {
    const { options } = objectSyncOptions(DEFAULT_SYNC_OPTIONS, pod({ 'helm.sh/resource-policy': 'keep' }), 'Pod p');
    expect([options.prune, options.delete]).toEqual(['refused', 'refused']);
  });
});

describe('propagationOf', () => {
  const of = (group: string, kind: string, texts: readonly string[] = []): string =>
    propagationOf(parseSyncOptions(texts).options, { group, kind, namespace: 'shop', name: 'web' });

  it('waits for dependents where there may be some, and does as it is told', () => {
    expect(of('apps', 'Deployment')).toBe('Foreground');
    expect(of('example.com', 'ConfigMap')).toBe('Foreground');
    expect(of('', 'ConfigMap')).toBe('Background');
    expect(of('', 'ConfigMap', ['PrunePropagationPolicy=foreground'])).toBe('Foreground');
    expect(of('apps', 'Deployment', ['PrunePropagationPolicy=orphan'])).toBe('Orphan');
  });
});
