import { describe, expect, it } from 'vitest';
import { resolveRevision } from './revisions.js';

const id = (digit: string): string => digit.repeat(40);
const refs = new Map([
  ['HEAD', id('a')],
  ['refs/heads/main', id('a')],
  ['refs/heads/feature/x', id('b')],
  ['refs/heads/both', id('c')],
  ['refs/tags/both', id('d')],
  ['refs/tags/v1', id('e')],
  ['refs/tags/v1^{}', id('f')],
  ['refs/tags/light', id('1')],
  ['refs/pull/7/head', id('2')],
]);

describe('resolveRevision', () => {
  it.each([
    ['', id('a')],
    ['HEAD', id('a')],
    ['main', id('a')],
    ['feature/x', id('b')],
    ['both', id('c')],
    ['v1', id('f')],
    ['light', id('1')],
    ['refs/heads/main', id('a')],
    ['refs/tags/v1', id('f')],
    ['refs/pull/7/head', id('2')],
    [id('9'), id('9')],
    ['bbbbbbb', id('b')],
    ['fffffff', id('f')],
    ['eeeeeee', undefined],
    ['99999999', undefined],
    ['nope', undefined],
    ['pull/7/head', undefined],
    ['head', undefined],
    ['refs/tags/v1^{}', undefined],
  ])('%j is %s', (revision, commit) => {
    expect(resolveRevision(refs, revision)).toBe(commit);
  });

  it('takes a shortened id only where it is the start of one commit', () => {
    const two = new Map([
      ['refs/heads/a', `abcdef0${'1'.repeat(33)}`],
      ['refs/heads/b', `abcdef0${'2'.repeat(33)}`],
    ]);
    expect(resolveRevision(two, 'abcdef0')).toBeUndefined();
    expect(resolveRevision(two, 'abcdef01')).toBe(`abcdef0${'1'.repeat(33)}`);
  });

  it('knows nothing of an empty repository', () => {
    expect(resolveRevision(new Map(), 'HEAD')).toBeUndefined();
  });
});
