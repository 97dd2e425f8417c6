import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { diffJson } from './json-diff.js';
import { jsonEqual, type JsonValue } from './json.js';

const json = fc.jsonValue({ maxDepth: 4 }) as fc.Arbitrary<JsonValue>;

describe('diffJson', () => {
  it('names each place by its pointer, maps by key and lists by index', () => {
    const before = { a: { 'x/y': 1, same: true }, list: [1, 2], gone: 'x' };
    const after = { a: { 'x/y': 2, same: true }, list: [1, 3, 4], come: null };
    expect(diffJson(before, after, { most: 10 })).toEqual([
      { pointer: '/a/x~1y', before: 1, after: 2 },
      { pointer: '/come', after: null },
      { pointer: '/gone', before: 'x' },
      { pointer: '/list/1', before: 2, after: 3 },
      { pointer: '/list/2', after: 4 },
    ]);
  });

  it('takes a map and a list for different as a whole', () => {
    expect(diffJson({ a: [] }, { a: {} }, { most: 10 })).toEqual([{ pointer: '/a', before: [], after: {} }]);
  });

  it('finds nothing exactly where the values are equal', () => {
    fc.assert(
      fc.property(json, json, (a, b) => {
        expect(diffJson(a, b, { most: 1 }).length === 0).toBe(jsonEqual(a, b));
        expect(diffJson(a, a, { most: 1 })).toEqual([]);
      }),
    );
  });

  it('stops at the bound, and leaves out what its caller lets pass', () => {
    const after = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`k${String(index)}`, index]));
    expect(diffJson({}, after, { most: 7 })).toHaveLength(7);
    const options = { most: 99, isIgnored: (pointer: string) => pointer !== '/k3' };
    expect(diffJson({}, after, options).map(({ pointer }) => pointer)).toEqual(['/k3']);
    expect(diffJson({ a: {} }, {}, { most: 9, isSame: ({ pointer }) => pointer === '/a' })).toEqual([]);
  });
});
