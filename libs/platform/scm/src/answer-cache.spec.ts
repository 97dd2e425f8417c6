import { describe, expect, it } from 'vitest';
import { AnswerCache, type KeptAnswer } from './answer-cache.js';

const kept = (size: number): KeptAnswer => ({
  etag: '"1"',
  lastModified: undefined,
  headers: new Map(),
  bytes: new Uint8Array(size),
});

describe('kept answers', () => {
  it('stay within their bytes: the least recently used goes first', () => {
    const cache = new AnswerCache(10_000);
    for (const key of ['a', 'b', 'c']) cache.set(key, kept(2_000));
    cache.get('a');
    cache.set('d', kept(2_000));
    expect(['a', 'b', 'c', 'd'].map((key) => cache.get(key) !== undefined)).toEqual([true, false, true, true]);
    expect(cache.bytes).toBeLessThanOrEqual(10_000);
  });

  it('are replaced, not added, and given up entirely', () => {
    const cache = new AnswerCache(10_000);
    cache.set('a', kept(2_000));
    const { bytes } = cache;
    cache.set('a', kept(2_000));
    expect(cache.bytes).toBe(bytes);
    cache.set('a', kept(9_000));
    expect(cache.get('a')).toBeUndefined();
    expect(cache.bytes).toBe(0);
  });
});
