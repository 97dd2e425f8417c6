import { describe, expect, it } from 'vitest';
import { sanitisePath } from './paths.js';

describe('sanitisePath', () => {
  it.each([
    ['', ''],
    ['.', ''],
    ['./', ''],
    ['apps/a', 'apps/a'],
    ['./apps/a/', 'apps/a'],
    ['apps//a/./b', 'apps/a/b'],
    ['a..b/c.d', 'a..b/c.d'],
    ['.hidden/x', '.hidden/x'],
    ['mein ordner/ä', 'mein ordner/ä'],
    ['100%/x', '100%/x'],
  ])('%j is %j', (given, expected) => {
    expect(sanitisePath(given)).toBe(expected);
  });
});

describe('Value files and paths stay in the repo', () => {
  it.each([
    '..',
    '../x',
    'a/../../x',
    'a/..',
    '/etc',
    '%2e%2e/x',
    '%2E%2e%2Fx',
    '%252e%252e/x',
    '%2fetc',
    'a\\..\\b',
    '..\\x',
    '%5c..',
    'C:/x',
    'c:x',
    'a/... /b',
    'a/.. /b',
    'a/.../b',
    '..::$DATA/x',
    'a\0b',
    'a\nb',
    '-x',
    '%2dx',
    '\u2025/x',
    '\uff0e\uff0e/x',
    '\u2024\u2024/x',
    'a\uff0f..\uff0fb',
    '.git/config',
    'a/.GIT/config',
    'a/.git /x',
    'GIT~1/config',
    'a'.repeat(2_000),
  ])('refuses %j', (given) => {
    expect(() => sanitisePath(given)).toThrow(/^The path/);
  });
});
