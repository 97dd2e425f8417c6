import { describe, expect, it } from 'vitest';
import { readUserChecks, userCheckFinder } from './user-checks.js';

const SCRIPT = 'return { status = "Healthy" }';

describe('checks that users keep in argocd-cm', () => {
  it('are read from keys of their own and from the old form, of which the former win', () => {
    const { checks, problems } = readUserChecks({
      'resource.customizations.health.acme.example.com_Widget': SCRIPT,
      'resource.customizations.useOpenLibs.acme.example.com_Widget': 'true',
      'resource.customizations.health.ConfigMap': `${SCRIPT} -- core`,
      'resource.customizations.useOpenLibs.acme.example.com_Other': 'true',
      'resource.customizations': [
        'acme.example.com/Widget:',
        '  health.lua: return nil',
        '"*.crossplane.io/*":',
        '  health.lua: return nil',
        '  health.lua.useOpenLibs: true',
        'apps/Deployment:',
        '  ignoreDifferences: |',
        '    jsonPointers: [/spec/replicas]',
        '  actions: "#canary#"',
      ].join('\n'),
    });
    expect(checks.map(({ pattern, script, openLibs }) => [pattern, script, openLibs])).toEqual([
      ['*.crossplane.io/*', 'return nil', true],
      ['ConfigMap', `${SCRIPT} -- core`, false],
      ['acme.example.com/Widget', SCRIPT, true],
    ]);
    expect(problems).toEqual([
      { key: 'resource.customizations: apps/Deployment: actions', message: 'is ignored: it has no effect here' },
    ]);
  });

  it.each([
    ['a key that names no kind', { 'resource.customizations.health.a_b_c': SCRIPT }],
    ['a text that is no YAML', { 'resource.customizations': ': {' }],
    ['a text that is no map', { 'resource.customizations': '[]' }],
    ['aliases that multiply', { 'resource.customizations': `a: &a [${'x,'.repeat(200)}]\nb: [${'*a,'.repeat(200)}]` }],
    ['a broken pattern', { 'resource.customizations': `"[/X": { health.lua: "return nil" }` }],
  ])('that cannot be used are told: %s', (_, data) => {
    expect(readUserChecks(data)).toEqual({ checks: [], problems: [expect.anything()] });
  });

  it('are found by name before pattern, and by the longest pattern', () => {
    const { checks } = readUserChecks({
      'resource.customizations': [
        '"*/*": { health.lua: return 1 }',
        '"*.example.com/*": { health.lua: return 2 }',
        'acme.example.com/Widget: { health.lua: return 3 }',
      ].join('\n'),
    });
    const find = userCheckFinder(checks);
    expect(find('acme.example.com', 'Widget')?.script).toBe('return 3');
    expect(find('acme.example.com', 'Gadget')?.script).toBe('return 2');
    expect(find('apps', 'Deployment')?.script).toBe('return 1');
    expect(find('', 'ConfigMap')).toBeUndefined();
  });
});
