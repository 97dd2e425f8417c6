import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { DEFAULT_LIMITS, parseDocuments } from './index.js';

const FIXTURES = fileURLToPath(new URL('../fixtures/', import.meta.url));

/** Each folder holds an input and what it is parsed to. `UPDATE_GOLDEN=1` rewrites the expectations. */
describe('golden cases', () => {
  it.each(readdirSync(FIXTURES).filter((name) => !name.startsWith('.')))('%s', (name) => {
    const { objects, warnings, faults } = parseDocuments(readFileSync(`${FIXTURES}${name}/input.yaml`, 'utf8'));
    const actual = `${JSON.stringify({ objects, warnings, faults }, null, 2)}\n`;
    const file = `${FIXTURES}${name}/expected.json`;
    if (process.env['UPDATE_GOLDEN'] === '1' || !existsSync(file)) writeFileSync(file, actual);
    expect(JSON.parse(actual)).toEqual(JSON.parse(readFileSync(file, 'utf8')));
    if (name.startsWith('accepted') && !name.endsWith('refused')) expect(faults).toEqual([]);
    if (name.startsWith('refused')) expect(faults).not.toEqual([]);
    if (name.startsWith('warned')) expect([faults.length, warnings.length > 0]).toEqual([0, true]);
  });
});

describe('YAML/JSON/archive bombs bounded', () => {
  const refusal = (text: string): string => {
    const before = process.cpuUsage();
    const { objects, faults } = parseDocuments(text);
    // Time of this process, not of the clock: other tests run beside it.
    expect(process.cpuUsage(before).user / 1_000).toBeLessThan(2_000);
    expect(objects).toEqual([]);
    return faults[0]?.message ?? '';
  };

  it('refuses a text over the size limit without reading it', () => {
    expect(refusal(' '.repeat(DEFAULT_LIMITS.maxLength + 1))).toContain('apply it in parts');
  });

  it('refuses aliases that multiply', () => {
    const levels = Array.from(
      { length: 12 },
      (_, level) => `l${level + 1}: &l${level + 1} [${Array(10).fill(`*l${level}`).join(', ')}]`,
    );
    expect(refusal(['l0: &l0 [x]', ...levels].join('\n'))).toContain('too many values');
  });

  it('refuses an alias of itself', () => {
    expect(refusal('a: &a [*a]')).not.toBe('');
  });

  it('refuses 10^6 keys', () => {
    expect(refusal(Array.from({ length: 500_000 }, (_, n) => `k${n}: 1`).join('\n'))).not.toBe('');
  });

  it('refuses many keys of one map fast', () => {
    expect(refusal(Array.from({ length: 90_000 }, (_, n) => `k${n}: 1`).join('\n'))).toContain('no apiVersion');
  });

  it('refuses flow and block nesting of 10^4', () => {
    expect(refusal('['.repeat(10_000))).toContain('nested deeper');
    expect(refusal('{a: '.repeat(10_000))).toContain('nested deeper');
    expect(refusal('- '.repeat(10_000))).toContain('nested deeper');
    expect(refusal(Array.from({ length: 1_000 }, (_, n) => `${' '.repeat(n)}a:`).join('\n'))).toContain(
      'nested deeper',
    );
  });

  it('refuses more objects than the limit', () => {
    const many = Array.from(
      { length: 5_001 },
      (_, n) => `{apiVersion: argoproj.io/v1alpha1, kind: AppProject, metadata: {name: p${n}}}`,
    );
    expect(parseDocuments(many.join('\n---\n')).faults.map(({ message }) => message)).toContain(
      'the text holds more than 5000 objects; apply it in parts',
    );
  });

  it('refuses many empty documents fast', () => {
    expect(refusal('---\n'.repeat(1_000_000))).toContain('more than 20000 documents');
  });

  it('quotes no more of a text than a line', () => {
    expect(refusal('!'.repeat(1_000_000)).length).toBeLessThan(300);
  });

  it('refuses prototype keys', () => {
    expect(refusal('__proto__: {polluted: true}')).toContain('__proto__');
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  });
});

describe('scalars as Kubernetes reads them', () => {
  const spec = (body: string): unknown => {
    const { objects } = parseDocuments(
      `apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {name: a}\nspec:\n  template: {}\n  generators:\n  - list:\n      elements:\n      - ${body}\n`,
    );
    const [first] = objects;
    return first?.kind === 'ApplicationSet' ? first.object.spec.generators[0]?.list?.elements?.[0] : undefined;
  };

  it.each([
    ['v: yes', true],
    ['v: off', false],
    ['v: 0777', 511],
    ['v: 1e3', 1000],
    ['v: 11223344', 11223344],
    ['v: 2026-01-01', '2026-01-01'],
    ['v: 1:30', '1:30'],
    ['v: ~', null],
    ['v: "yes"', 'yes'],
    ['v: {<<: {a: 1}, b: 2}', { a: 1, b: 2 }],
    ['v: {8080: x, true: z}', { '8080': 'x', true: 'z' }],
  ])('%s', (body, expected) => {
    expect(spec(body)).toEqual({ v: expected });
  });
});

it('never repeats a value in a message', () => {
  const text =
    'apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: a}\nspec: {source: "canary-value", destination: canary-value}\n';
  expect(JSON.stringify(parseDocuments(text).faults)).not.toContain('canary-value');
});

it('caps the number of faults', () => {
  expect(parseDocuments(Array(500).fill('a: 1').join('\n---\n')).faults).toHaveLength(100);
});
