import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compilePathPattern } from './path-match.js';

function matches(pattern: string, path: string): boolean | string {
  const compiled = compilePathPattern(pattern);
  return 'matches' in compiled ? compiled.matches(path) : 'bad';
}

/** Verdicts of Go's `path.Match` on its own test table, as documented for the package. */
const TABLE: readonly (readonly [string, string, boolean | 'bad'])[] = [
  ['abc', 'abc', true],
  ['*', 'abc', true],
  ['*c', 'abc', true],
  ['a*', 'a', true],
  ['a*', 'abc', true],
  ['a*', 'ab/c', false],
  ['a*/b', 'abc/b', true],
  ['a*/b', 'a/c/b', false],
  ['a*b*c*d*e*/f', 'axbxcxdxe/f', true],
  ['a*b*c*d*e*/f', 'axbxcxdxexxx/fff', false],
  ['a*b?c*x', 'abxbbxdbxebxczzx', true],
  ['a*b?c*x', 'abxbbxdbxebxczzy', false],
  ['ab[c]', 'abc', true],
  ['ab[b-d]', 'abc', true],
  ['ab[e-g]', 'abc', false],
  ['ab[^c]', 'abc', false],
  ['ab[^e-g]', 'abc', true],
  ['a\\*b', 'a*b', true],
  ['a\\*b', 'ab', false],
  ['a?b', 'a☺b', true],
  ['a[^a]b', 'a☺b', true],
  ['a???b', 'a☺b', false],
  ['[a-ζ]*', 'α', true],
  ['*[a-ζ]', 'A', false],
  ['a?b', 'a/b', false],
  ['a*b', 'a/b', false],
  ['[\\]a]', ']', true],
  ['[\\-]', '-', true],
  ['[x\\-]', 'z', false],
  ['[]a]', ']', 'bad'],
  ['[-]', '-', 'bad'],
  ['[x-]', 'x', 'bad'],
  ['[-x]', 'x', 'bad'],
  ['\\', 'a', 'bad'],
  ['[a-b-c]', 'a', 'bad'],
  ['[', 'a', 'bad'],
  ['[^', 'a', 'bad'],
  ['a[', 'ab', 'bad'],
  ['*x', 'xxx', true],
  ['', '', true],
  ['**', 'a/b', false],
];

describe('compilePathPattern', () => {
  it.each(TABLE)('%s on %s', (pattern, path, verdict) => {
    expect(matches(pattern, path)).toBe(verdict);
  });

  it('agrees with a regular expression for patterns of letters, stars and question marks', () => {
    const part = fc.constantFrom('a', 'b', '/', '*', '?');
    fc.assert(
      fc.property(
        fc.array(part, { maxLength: 8 }),
        fc.array(fc.constantFrom('a', 'b', '/'), { maxLength: 12 }),
        (pattern, path) => {
          const source = pattern.map((each) => (each === '*' ? '[^/]*' : each === '?' ? '[^/]' : each)).join('');
          expect(matches(pattern.join(''), path.join(''))).toBe(new RegExp(`^${source}$`).test(path.join('')));
        },
      ),
    );
  });

  it('matches any path that is spelled with its special characters escaped', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 20 }), (path) => {
        expect(matches(path.replace(/[\\*?[\]]/g, '\\$&'), path)).toBe(true);
      }),
    );
  });

  it('User expressions cannot burn CPU: fast on patterns that make backtracking matchers explode', () => {
    const started = performance.now();
    expect(matches(`${'*a'.repeat(50)}b`, 'a'.repeat(5_000))).toBe(false);
    expect(performance.now() - started).toBeLessThan(1_000);
  });
});
