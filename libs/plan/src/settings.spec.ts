import { describe, expect, it } from 'vitest';
import { comparingOf } from './comparing.js';
import { compareSettingsOf, DEFAULT_COMPARE_SETTINGS, ignoresExtraneous, readCompareSettings } from './settings.js';

describe('settings of argocd-cm', () => {
  it.each([
    ['', { ignoreStatus: 'all', ignoreAggregatedRoles: false }],
    ['ignoreResourceStatusField: crd', { ignoreStatus: 'crd' }],
    [
      'ignoreResourceStatusField: none\nignoreAggregatedRoles: true',
      { ignoreStatus: 'none', ignoreAggregatedRoles: true },
    ],
    ['ignoreResourceStatusField: some', { ignoreStatus: 'all' }, 'all, crd or none'],
    ['ignoreAggregatedRoles: perhaps', { ignoreAggregatedRoles: false }, '/ignoreAggregatedRoles'],
    ['a: [', {}, 'not YAML'],
    ['a: &a [1]\nb: *a', {}, 'not YAML'],
    [`ignoreResourceStatusField: "${'x'.repeat(70_000)}"`, {}, 'longer than'],
  ])('%#: %.40s', (options, expected, warning = '') => {
    const { settings, warnings } = readCompareSettings({ 'resource.compareoptions': options, 'other.key': 'a: [' });
    expect(settings).toMatchObject(expected);
    expect(warnings.map(({ message }) => message).join()).toContain(warning);
    expect(warnings.length).toBe(warning === '' ? 0 : 1);
  });

  it('reads kinds out of keys, the core group and wildcards too', () => {
    const { settings } = readCompareSettings({
      'resource.customizations.ignoreDifferences.all': 'jsonPointers: [/a]',
      'resource.customizations.ignoreDifferences.Service': 'jsonPointers: [/b]',
      'resource.customizations.ignoreDifferences.*.example.com_*': 'jsonPointers: [/c]',
    });
    expect(settings.rules.map(({ rule }) => `${rule.group ?? ''}/${rule.kind}`)).toEqual([
      '*.example.com/*',
      '/Service',
      '*/*',
    ]);
  });
});

describe('how an Application is compared', () => {
  const key = { group: 'apps', kind: 'Deployment', namespace: 'shop', name: 'web' };
  const declared = { annotations: {} };

  it('has a digest that moves with what decides it, and none as usual', () => {
    const rule = { group: 'apps', kind: 'Deployment', jsonPointers: ['/spec/replicas'] };
    const digests = [
      comparingOf(DEFAULT_COMPARE_SETTINGS, declared),
      comparingOf(DEFAULT_COMPARE_SETTINGS, { ...declared, ignoreDifferences: [rule] }),
      comparingOf(DEFAULT_COMPARE_SETTINGS, {
        ...declared,
        ignoreDifferences: [{ ...rule, jqPathExpressions: ['.x | .y'] }],
      }),
      comparingOf({ ...DEFAULT_COMPARE_SETTINGS, ignoreStatus: 'none' }, declared),
      comparingOf(DEFAULT_COMPARE_SETTINGS, {
        annotations: { 'argocd.argoproj.io/compare-options': 'IncludeMutationWebhook=true' },
      }),
    ].map(({ digestFor }) => digestFor(key));
    expect(digests[0]).toBe('');
    expect(new Set(digests).size).toBe(5);
    const other = comparingOf(DEFAULT_COMPARE_SETTINGS, { ...declared, ignoreDifferences: [rule] });
    expect(other.digestFor({ ...key, kind: 'Service' })).toBe('');
  });

  it('reads compare options', () => {
    const { settings, warnings } = compareSettingsOf(
      DEFAULT_COMPARE_SETTINGS,
      'ServerSideDiff=false, IncludeMutationWebhook=true',
    );
    expect(settings.includeMutations).toBe(true);
    expect(warnings).toMatchObject([{ type: 'SyncOptionWarning' }]);
    expect(compareSettingsOf(DEFAULT_COMPARE_SETTINGS, 'ServerSideDiff=true').warnings).toEqual([]);
    expect(ignoresExtraneous({ 'argocd.argoproj.io/compare-options': 'ServerSideDiff=true,IgnoreExtraneous' })).toBe(
      true,
    );
    expect(ignoresExtraneous(undefined)).toBe(false);
  });
});
