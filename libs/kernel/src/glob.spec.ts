import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileGlob } from './glob.js';

const PATHS = { separators: '/' };

describe('globs', () => {
  it.each([
    ['*', 'anything/at/all', true],
    ['', '', true],
    ['', 'a', false],
    ['team-*', 'team-blue', true],
    ['team-*', 'a-team-blue', false],
    ['a?c', 'abc', true],
    ['a?c', 'ac', false],
    ['{a,b}c', 'bc', true],
    ['{a,b{1,2}}c', 'b2c', true],
    ['{a,}c', 'c', true],
    ['{a,b}c', 'cc', false],
    ['[a-c]x', 'bx', true],
    ['[!a-c]x', 'bx', false],
    ['[!a-c]x', 'dx', true],
    ['[-a]', '-', true],
    ['[a-]', '-', true],
    ['\\*', '*', true],
    ['\\*', 'a', false],
    ['a,b', 'a,b', true],
    ['a}b', 'a}b', true],
    ['*ü?', 'grün', true],
  ])('without separators, %j on %j: %s', (pattern, text, matches) => {
    expect(compileGlob(pattern)(text)).toBe(matches);
  });

  it.each([
    ['https://host/*', 'https://host/repo', true],
    ['https://host/*', 'https://host/org/repo', false],
    ['https://host/**', 'https://host/org/repo', true],
    ['https://host/*/repo', 'https://host/org/repo', true],
    ['a?b', 'a/b', false],
    ['[/]', '/', true],
    ['**/x', 'a/b/x', true],
    ['*.{yaml,yml}', 'a.yml', true],
    ['*.{yaml,yml}', 'd/a.yml', false],
  ])('with the separator /, %j on %j: %s', (pattern, text, matches) => {
    expect(compileGlob(pattern, PATHS)(text)).toBe(matches);
  });

  it.each(['{a', '[a', '[]', 'a\\', '[c-a]', 'x'.repeat(5_000), '{'.repeat(20) + '}'.repeat(20)])(
    'refuses %j',
    (pattern) => {
      expect(() => compileGlob(pattern)).toThrow('is not a glob');
    },
  );

  it('agrees with a plain reading of * and ? (property)', () => {
    const small = fc.string({ unit: fc.constantFrom('a', 'b', '/'), maxLength: 10 });
    const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '/', '*', '?'), maxLength: 7 });
    fc.assert(
      fc.property(pattern, small, (glob, text) => {
        const source = glob.replace(/\*\*+|\*|\?/g, (token) =>
          token === '?' ? '[^/]' : token === '*' ? '[^/]*' : '.*',
        );
        expect(compileGlob(glob, PATHS)(text)).toBe(new RegExp(`^${source}$`).test(text));
      }),
      { numRuns: 500 },
    );
  });

  it('matches a text that is escaped to itself (property)', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const escaped = Array.from(text, (char) => `\\${char}`).join('');
        expect(compileGlob(escaped, PATHS)(text)).toBe(true);
      }),
    );
  });

  it('User expressions cannot burn CPU: linear where a backtracking matcher explodes', () => {
    const matcher = compileGlob(`${'*a'.repeat(30)}b`);
    const started = performance.now();
    expect(matcher('a'.repeat(5_000))).toBe(false);
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});
