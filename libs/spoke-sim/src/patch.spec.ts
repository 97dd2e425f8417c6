import { describe, expect, it } from 'vitest';
import { jsonPatch, mergePatch, strategicPatch } from './patch.js';
import { canonicalQuantity } from './quantity.js';

describe('JSON patch', () => {
  it('carries out each operation of RFC 6902', () => {
    const target = { a: [1, 2], 'x/y': { '~': 1 } };
    expect(
      jsonPatch(target, [
        { op: 'test', path: '/x~1y/~0', value: 1 },
        { op: 'add', path: '/a/1', value: 9 },
        { op: 'add', path: '/a/-', value: 3 },
        { op: 'remove', path: '/a/0' },
        { op: 'copy', from: '/a/0', path: '/b' },
        { op: 'move', from: '/x~1y', path: '/c' },
        { op: 'replace', path: '/a/0', value: { deep: true } },
      ]),
    ).toEqual({ a: [{ deep: true }, 2, 3], b: 9, c: { '~': 1 } });
    expect(target).toEqual({ a: [1, 2], 'x/y': { '~': 1 } });
  });

  it('fails as a whole where one operation fails', () => {
    expect(() => jsonPatch({ a: 1 }, [{ op: 'remove', path: '/b' }])).toThrow('path /b does not exist');
    expect(() => jsonPatch({ a: 1 }, [{ op: 'test', path: '/a', value: 2 }])).toThrow('failed');
    expect(() => jsonPatch({ a: [] }, [{ op: 'add', path: '/a/5', value: 2 }])).toThrow('no place 5');
    expect(() => jsonPatch({}, { op: 'add' })).toThrow('list of operations');
  });
});

describe('merge patch', () => {
  it('merges maps, replaces lists, removes with null', () => {
    expect(mergePatch({ a: { b: 1, c: 2 }, l: [1] }, { a: { b: null, d: 3 }, l: [2] })).toEqual({
      a: { c: 2, d: 3 },
      l: [2],
    });
  });
});

describe('strategic merge patch', () => {
  const live = {
    containers: [
      { name: 'a', image: '1' },
      { name: 'b', image: '1' },
    ],
    args: ['x'],
    metadata: { finalizers: ['one'] },
  };

  it('merges known lists by key and replaces the others', () => {
    expect(strategicPatch(live, { containers: [{ name: 'b', image: '2' }, { name: 'c' }], args: ['y'] })).toMatchObject(
      {
        containers: [{ name: 'a', image: '1' }, { name: 'b', image: '2' }, { name: 'c' }],
        args: ['y'],
      },
    );
  });

  it('obeys its directives', () => {
    expect(strategicPatch(live, { containers: [{ name: 'a', $patch: 'delete' }] })).toMatchObject({
      containers: [{ name: 'b' }],
    });
    expect(strategicPatch(live, { metadata: { $patch: 'replace', x: 1 } })).toMatchObject({ metadata: { x: 1 } });
    expect(strategicPatch(live, { metadata: { finalizers: ['one', 'two'] } })).toMatchObject({
      metadata: { finalizers: ['one', 'two'] },
    });
  });
});

describe('quantities', () => {
  it.each([
    ['1000m', '1'],
    [0.5, '500m'],
    [2, '2'],
    ['1024Mi', '1Gi'],
    ['0.5Gi', '512Mi'],
    ['1500Mi', '1500Mi'],
    ['1000k', '1M'],
    ['0', '0'],
    ['not one', 'not one'],
  ])('stores %s as %s', (written, stored) => {
    expect(canonicalQuantity(written)).toBe(stored);
  });
});
