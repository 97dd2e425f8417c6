import { describe, expect, it } from 'vitest';
import { canonicalJson, type JsonValue } from './json.js';
import { parseJqPath, parsePointer, removePath, takePath } from './paths.js';

describe('paths', () => {
  it.each([
    ['/a/b~1c/~0d', ['a', 'b/c', '~d']],
    ['', []],
    ['a', undefined],
  ])('pointer %j', (text, segments) => {
    expect(parsePointer(text)).toEqual(segments);
  });

  it.each([
    ['.spec.replicas', 2],
    ['.data["a.b/c"]', 2],
    ['.spec.template.spec.containers[0].image', 6],
    ['.webhooks[]?.clientConfig.caBundle', 4],
    ['.', undefined],
    ['', undefined],
    ['spec', undefined],
    ['.a | .b', undefined],
    ['.a[] | select(.b)', undefined],
    ['.ab"c"d', undefined],
    ['..', undefined],
  ])('jq path %j', (text, count) => {
    expect(parseJqPath(text)?.length).toBe(count);
  });

  it('removes what is there, and changes nothing otherwise', () => {
    const value = { a: [{ b: 1, c: 2 }, { b: 3 }] };
    expect(removePath(value, ['a', '0', 'b'])).toEqual({ a: [{ c: 2 }, { b: 3 }] });
    expect(removePath(value, parseJqPath('.a[].b') ?? [])).toEqual({ a: [{ c: 2 }, {}] });
    expect(removePath(value, ['a', '0'])).toEqual({ a: [{ b: 3 }] });
    expect(removePath(value, ['x', 'y'])).toEqual(value);
    expect(removePath(value, ['a', 'b'])).toEqual(value);
  });
});

describe('takePath', () => {
  it.each<[string, JsonValue, JsonValue, JsonValue]>([
    ['.a.b', { a: { b: 1, c: 1 } }, { a: { b: 2, c: 2 } }, { a: { b: 2, c: 1 } }],
    ['.a.b', { a: { b: 1, c: 1 } }, { a: { c: 2 } }, { a: { c: 1 } }],
    ['.a.b', { a: { b: 1 } }, {}, { a: {} }],
    ['.a.b', { c: 1 }, { a: { b: 2, d: 2 } }, { c: 1, a: { b: 2 } }],
    ['.a.b', { a: 1 }, { a: { b: 2 } }, { a: 1 }],
    ['.a.b', { a: { b: 1 } }, { a: 2 }, { a: {} }],
    ['.a.b', { c: 1 }, { c: 2 }, { c: 1 }],
    ['.a[0].b', { a: [{ b: 1 }, { b: 1 }] }, { a: [{ b: 2 }, { b: 2 }] }, { a: [{ b: 2 }, { b: 1 }] }],
    ['.a[].b', { a: [{ b: 1 }, { b: 1 }, { b: 1 }] }, { a: [{ b: 2 }, { c: 2 }] }, { a: [{ b: 2 }, {}, { b: 1 }] }],
    ['.a[0].b', { c: 1 }, { a: [{ b: 2 }] }, { c: 1 }],
    ['.a[1]', { a: [1, 1] }, { a: [2, 2] }, { a: [1, 2] }],
    ['.a[1]', { a: [1] }, { a: [2, 2] }, { a: [1, 2] }],
    ['.a[2]', { a: [1] }, { a: [2, 2, 2] }, { a: [1] }],
    ['.a[1]', { a: [1, 1] }, { a: [2] }, { a: [1] }],
    ['.a[]', { a: [1, 1] }, { a: [2] }, { a: [2] }],
    ['.a[]', { a: [1, 1] }, {}, { a: [1, 1] }],
    [
      '.["__proto__"].a',
      { b: 1 },
      JSON.parse('{"__proto__": {"a": 2}}') as JsonValue,
      JSON.parse('{"b": 1, "__proto__": {"a": 2}}') as JsonValue,
    ],
  ])('%s of %j as in %j: %j', (...[path, value, other, expected]) => {
    expect(canonicalJson(takePath(value, other, parseJqPath(path) ?? []))).toBe(canonicalJson(expected));
  });
});
