import { describe, expect, it } from 'vitest';
import { isSafeRevision } from './revisions.js';

describe('No shell, no alternative transport: revisions', () => {
  it.each([
    'HEAD',
    'main',
    'v1.2.3',
    'feature/x-1',
    'refs/heads/main',
    'refs/pull/1/head',
    'a'.repeat(40),
    'release_1',
  ])('takes %s', (text) => {
    expect(isSafeRevision(text)).toBe(true);
  });
  it.each([
    '',
    '-u',
    '--upload-pack=x',
    'a..b',
    'main@{1}',
    '@',
    'a^',
    'a~1',
    'a:b',
    'a b',
    'a\nb',
    'a\0b',
    'a*',
    'a?',
    'a[',
    'a\\b',
    '/a',
    'a/',
    'a//b',
    'a/-b',
    '.a',
    'a.lock',
    'a.',
    'x'.repeat(300),
  ])('refuses %j', (text) => {
    expect(isSafeRevision(text)).toBe(false);
  });
});
