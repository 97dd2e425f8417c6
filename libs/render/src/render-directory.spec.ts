import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { DirectoryOptions } from '@wheelwright/intent';
import { AppError } from '@wheelwright/kernel';
import { describe, expect, it } from 'vitest';
import { renderDirectory } from './render-directory.js';

const FIXTURES = fileURLToPath(new URL('../fixtures', import.meta.url));

function filesOf(folder: string): { path: string; bytes: Uint8Array }[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((file) => ({ path: relative(folder, file).replaceAll('\\', '/'), bytes: readFileSync(file) }));
}

function outcomeOf(folder: string): unknown {
  const optionsFile = join(folder, 'options.json');
  const options = existsSync(optionsFile) ? (JSON.parse(readFileSync(optionsFile, 'utf8')) as DirectoryOptions) : {};
  try {
    const { objects, warnings } = renderDirectory(filesOf(join(folder, 'files')), options);
    return { objects, warnings };
  } catch (error) {
    if (error instanceof AppError && error.code === 'RenderFailed') return { error: error.message };
    throw error;
  }
}

describe('fixtures', () => {
  it.each(readdirSync(FIXTURES))('%s', (name) => {
    const expected = join(FIXTURES, name, 'expected.json');
    const text = `${JSON.stringify(outcomeOf(join(FIXTURES, name)), undefined, 2)}\n`;
    if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(expected, text);
    expect(text).toBe(readFileSync(expected, 'utf8'));
  });
});

const file = (path: string, text: string): { path: string; bytes: Uint8Array } => ({ path, bytes: Buffer.from(text) });
const manifest = (rest: string): string => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n${rest}`;

describe('renderDirectory', () => {
  it('gives one digest for one content, whatever the order of files and keys', () => {
    const one = renderDirectory([file('a.yaml', manifest('x: 1\ny: 2')), file('b.yaml', manifest('z: 1'))], {});
    const two = renderDirectory([file('b.yaml', manifest('z: 1 # why')), file('a.yaml', manifest('y: 2\nx: 1'))], {});
    expect(one.digest).toBe(two.digest);
    expect(renderDirectory([file('a.yaml', manifest('x: 2'))], {}).digest).not.toBe(one.digest);
  });

  it('names every broken document, up to twenty', () => {
    const broken = Array.from({ length: 30 }, (_, index) =>
      file(`f${String(index)}.yaml`, 'apiVersion: v1\nkind: X\nmetadata: {}'),
    );
    const error = caught(() => renderDirectory(broken, {}));
    expect(error.faults).toHaveLength(20);
    expect(error.message).toMatch(/^f0\.yaml, document 1, line 1: X: metadata\.name is missing \(and 19 more\)$/);
  });

  it('refuses bytes that are not UTF-8', () => {
    expect(() => renderDirectory([{ path: 'a.yaml', bytes: Uint8Array.of(0xff, 0xfe) }], {})).toThrow(
      /a\.yaml: it is not UTF-8/,
    );
  });
});

describe('YAML/JSON/archive bombs bounded', () => {
  const laughs = ['a: &a [x, x, x, x, x, x, x, x, x, x]'];
  for (let level = 1; level < 10; level += 1) {
    const [name, before] = [level, level - 1].map((index) => 'abcdefghij'.charAt(index));
    laughs.push(`${name ?? ''}: &${name ?? ''} [${Array.from({ length: 10 }, () => `*${before ?? ''}`).join(', ')}]`);
  }
  const deepJson = `{"apiVersion":"v1","kind":"X","metadata":{"name":"x"},"d":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
  it.each([
    ['aliases', 'a.yaml', manifest(laughs.join('\n'))],
    ['a million keys', 'a.yaml', manifest(Array.from({ length: 1_000_000 }, (_, index) => `k${index}: 1`).join('\n'))],
    ['flow depth', 'a.yaml', manifest(`d: ${'['.repeat(10_000)}${']'.repeat(10_000)}`)],
    ['block depth', 'a.yaml', manifest(`d:\n${'- '.repeat(10_000)}x`)],
    ['an alias of itself', 'a.yaml', manifest('d: &d [*d]')],
    ['depth in JSON', 'a.json', deepJson],
    [
      'a wide JSON',
      'a.json',
      `{"apiVersion":"v1","kind":"X","metadata":{"name":"x"},"d":[${'0,'.repeat(1_000_000)}0]}`,
    ],
  ])('refuses %s within 2 s', (_, path, text) => {
    const startedMs = performance.now();
    expect(() => renderDirectory([file(path, text)], {})).toThrow(AppError);
    expect(performance.now() - startedMs).toBeLessThan(2_000);
  });

  it('never reaches a prototype', () => {
    const text = manifest('a: {constructor: {prototype: {polluted: 1}}, toString: x, hasOwnProperty: z}');
    const [object] = renderDirectory([file('a.yaml', text)], {}).objects;
    expect(Object.hasOwn({}, 'polluted')).toBe(false);
    expect(object?.['a']).toEqual({ constructor: { prototype: { polluted: 1 } }, toString: 'x', hasOwnProperty: 'z' });
  });
});

function caught(work: () => unknown): AppError {
  try {
    work();
  } catch (error) {
    if (error instanceof AppError) return error;
  }
  throw new Error('nothing was thrown');
}
