import { describe, expect, it } from 'vitest';
import {
  difference,
  formatPath,
  fromFieldsV1,
  intersection,
  isEmptySet,
  sameSet,
  toFieldsV1,
  union,
  without,
  withNamedParents,
} from './field-set.js';

const item = 'k:{"name":"main"}';
const fields = { 'f:spec': { 'f:list': { [item]: { '.': {}, 'f:image': {} } }, 'f:replicas': {} } };

describe('field sets', () => {
  it('survive the way to JSON and back', () => {
    expect(toFieldsV1(fromFieldsV1(fields))).toEqual(fields);
    expect(isEmptySet(fromFieldsV1({}))).toBe(true);
  });

  it('unite, intersect and differ by path, not by subtree', () => {
    const all = fromFieldsV1(fields);
    const image = fromFieldsV1({ 'f:spec': { 'f:list': { [item]: { 'f:image': {} } } } });
    const rest = { 'f:spec': { 'f:list': { [item]: {} }, 'f:replicas': {} } };
    expect(toFieldsV1(difference(all, image))).toEqual(rest);
    expect(sameSet(union(difference(all, image), image), all)).toBe(true);
    expect(sameSet(intersection(all, image), image)).toBe(true);
    expect(isEmptySet(difference(all, all))).toBe(true);
  });

  it('drop whole subtrees when told to', () => {
    expect(toFieldsV1(without(fromFieldsV1(fields), fromFieldsV1({ 'f:spec': { 'f:list': {} } })))).toEqual({
      'f:spec': { 'f:replicas': {} },
    });
  });

  it('count named fields on the way as members, list items only where they are', () => {
    const set = withNamedParents(fromFieldsV1({ 'f:spec': { 'f:list': { [item]: { 'f:image': {} } } } }));
    expect(toFieldsV1(set)).toEqual({ 'f:spec': { '.': {}, 'f:list': { '.': {}, [item]: { 'f:image': {} } } } });
  });

  it('print paths as conflict messages do', () => {
    expect(formatPath(['f:spec', 'f:ports', 'k:{"containerPort":80,"protocol":"TCP"}', 'f:name'])).toBe(
      '.spec.ports[containerPort=80,protocol="TCP"].name',
    );
    expect(formatPath(['f:metadata', 'f:finalizers', 'v:"a/b"'])).toBe('.metadata.finalizers[="a/b"]');
  });
});
