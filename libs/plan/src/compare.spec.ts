import { canonicalJson, type JsonValue, type KubeObject } from '@wheelwright/kernel';
import fc from 'fast-check';
import { JqPaths } from '@wheelwright/platform-jq';
import { afterAll, describe, expect, it } from 'vitest';
import { caseNames, compareCase, readExpected, readSides, writeExpected } from './adapters/cases.fixture.js';
import { compareObjects, MAX_DIFFERENCES } from './compare.js';
import { removeConcrete } from './concrete.js';
import { ownersOf } from './owners.js';
import { DEFAULT_COMPARE_SETTINGS } from './settings.js';

describe('golden cases of comparison', () => {
  const jq = new JqPaths();
  afterAll(() => jq.close());

  it.each(caseNames())('%s', async (name) => {
    const result = await compareCase(jq, name, readSides(name));
    if (process.env['UPDATE_GOLDEN'] === '1') writeExpected(name, result);
    expect(result).toEqual(readExpected(name));
    const isEqual = 'differences' in result && Array.isArray(result.differences) && result.differences.length === 0;
    expect(isEqual).toBe(name.startsWith('equal_'));
  });

  it('Cluster credentials never come back: a comparison never tells a value of a Secret', async () => {
    for (const name of caseNames().filter((folder) => folder.includes('ecret'))) {
      const text = JSON.stringify(await compareCase(jq, name, readSides(name)));
      for (const value of ['b2xk', 'bmV3', 'YQ==', 'YWdhaW4=', 'dG9rZW4=']) expect(text).not.toContain(value);
    }
  });
});

const json = fc.jsonValue({ maxDepth: 4 }) as fc.Arbitrary<JsonValue>;
const config = (data: JsonValue): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'c' },
  data,
});

describe('comparison', () => {
  it('finds nothing between equals, and something between others (property)', () => {
    fc.assert(
      fc.property(json, json, (a, b) => {
        expect(compareObjects({ live: config(a), predicted: config(structuredClone(a)) })).toEqual([]);
        const found = compareObjects({ live: config(a), predicted: config(b) });
        expect(found.length === 0).toBe(canonicalJson(a) === canonicalJson(b));
      }),
    );
  });

  it('is bounded', () => {
    const many = Object.fromEntries(Array.from({ length: 1_000 }, (_unused, at) => [`k${String(at)}`, 'v']));
    expect(compareObjects({ live: config(many), predicted: config({}) })).toHaveLength(MAX_DIFFERENCES);
  });

  it('takes own members only, whatever they are called', () => {
    const live = JSON.parse(
      '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c"},"data":{"__proto__":{"a":1}}}',
    ) as KubeObject;
    const found = compareObjects({ live, predicted: config({}) });
    expect(found).toEqual([{ pointer: '/data/__proto__', live: { a: 1 } }]);
  });
});

describe('owners of a field', () => {
  const live: KubeObject = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: 'p',
      finalizers: ['x/y'],
      managedFields: [
        {
          manager: 'a',
          fieldsV1: { 'f:spec': { 'f:containers': { 'k:{"name":"web"}': { '.': {}, 'f:image': {} } } } },
        },
        { manager: 'b', fieldsV1: { 'f:metadata': { 'f:finalizers': { 'v:"x/y"': {} } } } },
        { manager: 'c', fieldsV1: { 'f:spec': { 'f:atomic': {} } } },
        { manager: 'd', subresource: 'status', fieldsV1: { 'f:spec': {} } },
        { manager: 'e', fieldsV1: 'nonsense' },
        'nonsense',
      ],
    },
    spec: { containers: [{ name: 'web', image: 'x', env: [] }], atomic: { a: [1] } },
  };
  it.each([
    ['/spec/containers/0/image', ['a']],
    ['/spec/containers/0/env', []],
    ['/spec/containers/1/image', []],
    ['/metadata/finalizers/0', ['b']],
    ['/spec/atomic/a/0', ['c']],
    ['nonsense', []],
  ])('%s: %j', (pointer, owners) => {
    expect(ownersOf(live, pointer)).toEqual(owners);
  });
});

describe('changes that admission webhooks make', () => {
  const object = (data: Record<string, string>, owned: readonly string[]): KubeObject => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: 'c',
      managedFields: [
        {
          manager: 'wheelwright',
          fieldsV1: { 'f:data': Object.fromEntries(owned.map((name) => [`f:${name}`, {}])) },
        },
      ],
    },
    data,
  });
  const live = object({ ours: '1', dropped: '1', stamp: 'monday' }, ['ours', 'dropped']);
  const predicted = object({ ours: '2', stamp: 'tuesday' }, ['ours']);

  it('are no drift in fields that we do not own, neither before nor after', () => {
    expect(compareObjects({ live, predicted }).map(({ pointer }) => pointer)).toEqual(['/data/dropped', '/data/ours']);
  });

  it('count where the settings include them, and where nobody says who owns what', () => {
    const all = ['/data/dropped', '/data/ours', '/data/stamp'];
    const settings = { ...DEFAULT_COMPARE_SETTINGS, includeMutations: true };
    expect(compareObjects({ live, predicted, settings }).map(({ pointer }) => pointer)).toEqual(all);
    const bare = { ...predicted, metadata: { name: 'c' } };
    expect(compareObjects({ live, predicted: bare }).map(({ pointer }) => pointer)).toEqual(all);
  });
});

describe('removing what jq names', () => {
  it('does not depend on the order of the paths, nor on repetitions', () => {
    const value = { list: ['a', 'b', { c: 1, d: 2 }, 'e'] };
    const paths = [
      ['list', '0'],
      ['list', '2', 'c'],
      ['list', '10'],
      ['list', '3'],
      ['list', '0'],
      ['none', 'x'],
    ];
    const left = { list: ['b', { d: 2 }] };
    expect(removeConcrete(value, paths)).toEqual(left);
    expect(removeConcrete(value, [...paths].reverse())).toEqual(left);
    expect(
      removeConcrete(value, [
        ['list', '2', 'c'],
        ['list', '2'],
      ]),
    ).toEqual({ list: ['a', 'b', 'e'] });
  });
});
