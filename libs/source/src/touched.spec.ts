import { describe, expect, it } from 'vitest';
import { changesOf, mayTouch, type ChangedFile } from './touched.js';

const changes = changesOf([
  { path: 'apps/web/chart/values.yaml', change: 'modified' },
  { path: 'apps/api/deployment.yaml', change: 'added' },
  { path: 'envs/eu/prod/config.json', change: 'deleted' },
  { path: 'README.md', change: 'modified' },
]);

describe('mayTouch', () => {
  it.each<[string, boolean]>([
    ['directories:apps/*', true],
    ['directories:apps/api', true],
    ['directories:envs/*/prod', true],
    ['directories:envs/*/test', false],
    ['directories:charts/*', false],
    // What a directory holds changed, the directory itself did not.
    ['directories:apps/web', false],
    ['directories:', true],
    ['files:envs/**/config.json', true],
    ['files:*.json', true],
    ['files:**/values.yaml', true],
    ['files:envs/*/config.yaml', false],
    ['files:apps/{web,shop}/chart/values.yaml', true],
    ['files:README.md', true],
    ['files:./README.md', true],
    ['files:apps', true],
    ['files:app', false],
    ['files:', true],
    ['', true],
  ])('%s: %s', (pattern, expected) => {
    expect(mayTouch(pattern, changes)).toBe(expected);
  });

  it('says no where nothing changed', () => {
    const none: readonly ChangedFile[] = [];
    expect(['', 'files:', 'directories:*'].map((pattern) => mayTouch(pattern, changesOf(none)))).toEqual([
      false,
      false,
      false,
    ]);
    expect(mayTouch('directories:*', changesOf([{ path: 'README.md', change: 'added' }]))).toBe(false);
  });
});
