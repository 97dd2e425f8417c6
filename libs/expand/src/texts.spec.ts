import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileFlatText, tagsOf } from './flat-template.js';
import { compileTree } from './render-tree.js';
import type { Params } from './params.js';
import { textEngineOf } from './text-engine.js';

function renderText(text: string, params: Params): string {
  return compileFlatText(text).render(params);
}

describe('flat templates', () => {
  const params = { name: 'edge', key: 'k' };

  it('replaces texts and keys, and leaves the rest', () => {
    const value = { '{{ key }}': ['{{name}}-{{name}}', '{{other}}', 5, null], plain: true };
    expect(compileTree(value, '', textEngineOf({ goTemplate: false }))(params)).toEqual({
      k: ['edge-edge', '{{other}}', 5, null],
      plain: true,
    });
  });

  it('does not render what a parameter brings in', () => {
    expect(renderText('{{a}}', { a: '{{a}}' })).toBe('{{a}}');
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
