import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { renderText, renderValue, tagsOf } from './flat-template.js';
import { formatGoValue } from './go-value.js';
import { normaliseName } from './normalise-name.js';

describe('normaliseName', () => {
  it.each([
    ['Lab_3', 'lab-3'],
    ['-.edge.-', 'edge'],
    ['a/b c', 'a-b-c'],
    ['', ''],
    ['x'.repeat(300), 'x'.repeat(253)],
  ])('%s', (text, expected) => {
    expect(normaliseName(text)).toBe(expected);
  });

  it('changes nothing the second time', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), (text) => {
        expect(normaliseName(normaliseName(text))).toBe(normaliseName(text));
      }),
    );
  });
});

describe('formatGoValue', () => {
  it.each([
    [123456, '123456'],
    [11223344, '1.1223344e+07'],
    [1_000_000, '1e+06'],
    [-2_500_000, '-2.5e+06'],
    [0, '0'],
    [-0, '-0'],
    [0.5, '0.5'],
    [0.0001, '0.0001'],
    [0.00001, '1e-05'],
    [1e21, '1e+21'],
    [1e100, '1e+100'],
    [true, 'true'],
    [null, '<nil>'],
    ['x', 'x'],
    [[1, 'a'], '[1 a]'],
    [{ b: 2, a: [true] }, 'map[a:[true] b:2]'],
  ])('%j', (value, expected) => {
    expect(formatGoValue(value)).toBe(expected);
  });
});

describe('flat templates', () => {
  const params = new Map([
    ['name', 'edge'],
    ['key', 'k'],
  ]);

  it('replaces texts and keys, and leaves the rest', () => {
    const value = { '{{ key }}': ['{{name}}-{{name}}', '{{other}}', 5, null], plain: true };
    expect(renderValue(value, params)).toEqual({ k: ['edge-edge', '{{other}}', 5, null], plain: true });
  });

  it('does not render what a parameter brings in', () => {
    expect(renderText('{{a}}', new Map([['a', '{{a}}']]))).toBe('{{a}}');
  });

  it('leaves a text without complete tags as it is', () => {
    fc.assert(
      fc.property(
        fc.string().filter((text) => !text.includes('}}')),
        (text) => {
          expect(renderText(text, params)).toBe(text);
        },
      ),
    );
  });

  it('finds the names that it would replace', () => {
    expect(tagsOf('{{ a }}x{{b}} {c} {{}}')).toEqual(['a', 'b', '']);
  });
});
