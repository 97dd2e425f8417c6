import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { IgnoreDifference } from '@wheelwright/intent';
import { canonicalJson, resourceKeyOf, type JsonValue, type KubeObject } from '@wheelwright/kernel';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { compareObjects, MAX_DIFFERENCES } from './compare.js';
import { compileIgnoreRules, placed } from './ignore.js';
import { ownersOf } from './owners.js';

/** `fixtures/<verdict>_<case>/`: the live object, the answer to the dry run, rules to ignore differences, and the expected differences. */
const ROOT = new URL('../fixtures/', import.meta.url);

function read(folder: string, file: string): unknown {
  return parse(readFileSync(new URL(`${folder}/${file}`, ROOT), 'utf8')) as unknown;
}

function compareCase(folder: string): object {
  const live = read(folder, 'live.yaml') as KubeObject;
  const predicted = read(folder, 'predicted.yaml') as KubeObject;
  const hasRules = existsSync(new URL(`${folder}/ignore.yaml`, ROOT));
  const rules = compileIgnoreRules(
    placed(hasRules ? (read(folder, 'ignore.yaml') as { rules: IgnoreDifference[] }).rules : []),
  );
  const differences = compareObjects({ live, predicted, ignored: rules.fieldsOf(resourceKeyOf(live)) });
  return { differences, warnings: rules.warnings };
}

describe('golden cases of comparison', () => {
  it.each(readdirSync(ROOT))('%s', (folder) => {
    const expectedFile = new URL(`${folder}/expected.json`, ROOT);
    const result = compareCase(folder);
    if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(expectedFile, `${JSON.stringify(result, null, 2)}\n`);
    expect(result).toEqual(JSON.parse(readFileSync(expectedFile, 'utf8')));
    expect('differences' in result && Array.isArray(result.differences) && result.differences.length === 0).toBe(
      folder.startsWith('equal_'),
    );
  });

  it('Cluster credentials never come back: a comparison never tells a value of a Secret', () => {
    for (const folder of readdirSync(ROOT).filter((name) => name.includes('ecret'))) {
      const text = JSON.stringify(compareCase(folder));
      for (const value of ['b2xk', 'bmV3', 'YQ==']) expect(text).not.toContain(value);
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
