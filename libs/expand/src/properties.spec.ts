// What holds for every set: laws of expansion, checked on random inputs.
import type { ApplicationSet, Generator } from '@wheelwright/intent';
import { AppError, type JsonObject } from '@wheelwright/kernel';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chooseFiles } from './choose-files.js';
import { compileFlatText } from './flat-template.js';
import { lintUnread, type Expansion } from './index.js';
import { compileDoublestar, compilePathspec } from './pathspec.js';
import { strategicMerge } from './strategic-merge.js';
import { expandIn, type World } from './testing/answer-facts.js';
import { readSetFixture } from './testing/read-set.js';

const SERVER = 'https://kubernetes.default.svc';

function setOf(generators: readonly Generator[], mode: 'flat' | 'go', name: string): ApplicationSet {
  return readSetFixture({
    metadata: { name: 'all' },
    spec: {
      goTemplate: mode === 'go',
      generators: generators as readonly (Generator & JsonObject)[],
      template: {
        metadata: { name },
        spec: {
          project: 'default',
          source: { repoURL: 'https://git.example.com/fleet.git', path: '.' },
          destination: { server: SERVER },
        },
      },
    },
  });
}

function complete(set: ApplicationSet, world: World = {}): Expansion {
  const result = expandIn(set, world);
  if (result.kind === 'needs') throw new Error('the world answers everything');
  return result.expansion;
}

function namesOf(expansion: Expansion): readonly string[] {
  return expansion.applications.map(({ application }) => application.metadata.name);
}

const word = fc.stringMatching(/^[a-z][a-z0-9]{0,6}$/);
const words = fc.uniqueArray(word, { minLength: 1, maxLength: 6 });
const mode = fc.constantFrom('flat' as const, 'go' as const);

describe('expansion', () => {
  it('gives the same for the same facts, in a new set object or the old one', () => {
    fc.assert(
      fc.property(words, mode, (names, each) => {
        const make = (): ApplicationSet =>
          setOf(
            [{ list: { elements: names.map((name) => ({ name })) } }],
            each,
            each === 'go' ? '{{.name}}' : '{{name}}',
          );
        const set = make();
        const first = complete(set);
        expect(complete(set)).toEqual(first);
        expect(complete(make())).toEqual(first);
        expect(namesOf(first)).toEqual([...names].sort());
      }),
    );
  });

  it('makes of a matrix of two lists their product', () => {
    fc.assert(
      fc.property(words, words, mode, (left, right, each) => {
        const matrix = {
          generators: [
            { list: { elements: left.map((a) => ({ a })) } },
            { list: { elements: right.map((b) => ({ b })) } },
          ],
        };
        const name = each === 'go' ? '{{.a}}.{{.b}}' : '{{a}}.{{b}}';
        const expected = left.flatMap((a) => right.map((b) => `${a}.${b}`)).sort();
        expect(namesOf(complete(setOf([{ matrix }], each, name)))).toEqual(expected);
      }),
    );
  });

  it('changes nothing where a merge is given the same list twice', () => {
    fc.assert(
      fc.property(words, word, mode, (names, value, each) => {
        const list = { list: { elements: names.map((name) => ({ name, value })) } };
        const name = each === 'go' ? '{{.name}}-{{.value}}' : '{{name}}-{{value}}';
        const merged = (times: number): readonly string[] =>
          namesOf(
            complete(
              setOf(
                [{ merge: { mergeKeys: ['name'], generators: Array.from({ length: times }, () => list) } }],
                each,
                name,
              ),
            ),
          );
        expect(merged(2)).toEqual(namesOf(complete(setOf([list], each, name))));
        expect(merged(3)).toEqual(merged(2));
      }),
    );
  });

  it('does not depend on the order of files', () => {
    fc.assert(
      fc.property(words, (names) => {
        const git = { repoURL: 'https://git.example.com/fleet.git', revision: 'HEAD', files: [{ path: '*.json' }] };
        const world = (order: readonly string[]): World => ({
          files: {
            [`${git.repoURL}#HEAD`]: Object.fromEntries(
              order.map((name) => [`${name}.json`, JSON.stringify({ name })]),
            ),
          },
        });
        const set = (): ApplicationSet => setOf([{ git }], 'flat', '{{name}}');
        expect(complete(set(), world([...names].reverse()))).toEqual(complete(set(), world(names)));
      }),
    );
  });

  it('fails with ExpandFailed or not at all, whatever the texts are, and lint never fails', () => {
    const text = fc.oneof(fc.string(), fc.stringMatching(/^[{}.$ a-z|"()-]{0,30}$/));
    fc.assert(
      fc.property(text, text, mode, (name, value, each) => {
        const set = {
          ...setOf([{ list: { elements: [{ value }], elementsYaml: '' } }], each, name),
        };
        lintUnread(set);
        try {
          complete({ ...set, spec: { ...set.spec, templatePatch: value } });
        } catch (error) {
          expect(error).toBeInstanceOf(AppError);
          expect((error as AppError).code).toBe('ExpandFailed');
        }
      }),
    );
  });
});

describe('flat templates', () => {
  it('never throw, and know beforehand where a tag is not closed', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[{} a-z]{0,40}$/), fc.dictionary(word, fc.string()), (text, params) => {
        const compiled = compileFlatText(text);
        expect(typeof compiled.render(params)).toBe('string');
        if (compiled.problem !== undefined) expect(text.lastIndexOf('{{')).toBeGreaterThan(text.lastIndexOf('}}'));
      }),
    );
  });
});

describe('chooseFiles', () => {
  const path = fc
    .array(fc.constantFrom('a', 'b', '.c', 'd.yaml'), { minLength: 1, maxLength: 4 })
    .map((each) => each.join('/'));

  it('chooses a path by its own name, and never what is excluded', () => {
    fc.assert(
      fc.property(fc.uniqueArray(path, { maxLength: 8 }), path, (paths, one) => {
        expect(chooseFiles([one, ...paths], [{ path: one }])).toContain(one);
        expect(chooseFiles([one, ...paths], [{ path: '*' }, { path: one, exclude: true }])).not.toContain(one);
        expect(chooseFiles(paths, [{ path: '*' }])).toEqual([...paths].sort());
      }),
    );
  });

  it.each([
    ['*.json', 'a/b.json', true],
    ['a/*.json', 'a/b/c.json', true],
    ['a/?.json', 'a/b.json', true],
    ['a/[bc].json', 'a/b.json', true],
    ['a/[!bc].json', 'a/b.json', false],
    ['a/[[:digit:]].json', 'a/7.json', true],
    ['a/[]x].json', 'a/].json', true],
    ['a\\*', 'a*', true],
    ['a\\*', 'ab', false],
    ['**/x.json', 'x.json', false],
    ['**/x.json', 'a/x.json', true],
    ['a', 'a/b/c.json', true],
    ['a/', 'a/b/c.json', true],
    ['a', 'ab/c.json', false],
    ['', 'anything', true],
    ['./a//./b.json', 'a/b.json', true],
    ['a/../b*', 'b.json', true],
    ['a/./', 'a/b.json', true],
    ['../a', 'a', false],
  ])('git pathspec %s on %s: %s', (pattern, file, verdict) => {
    const compiled = compilePathspec(pattern);
    expect('matches' in compiled && compiled.matches(file)).toBe(verdict);
  });

  it.each([
    ['*.json', 'a/b.json', false],
    ['*.json', 'b.json', true],
    ['**/x.json', 'x.json', true],
    ['**/x.json', 'a/b/x.json', true],
    ['a/**', 'a/b/c.json', true],
    ['a/**/c.json', 'a/c.json', true],
    ['a/{b,c}/*.json', 'a/c/x.json', true],
    ['a/[^b]/*.json', 'a/b/x.json', false],
    ['a**/x', 'ab/c/x', false],
  ])('doublestar %s on %s: %s', (pattern, file, verdict) => {
    const compiled = compileDoublestar(pattern);
    expect('matches' in compiled && compiled.matches(file)).toBe(verdict);
  });

  it('User expressions cannot burn CPU: fast on patterns that make backtracking matchers explode', () => {
    const started = performance.now();
    expect(chooseFiles(['a'.repeat(5_000)], [{ path: `${'*a'.repeat(50)}b` }])).toEqual([]);
    expect(chooseFiles(['a'.repeat(5_000)], [{ path: `${'*a'.repeat(50)}b` }], 'doublestar')).toEqual([]);
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});

describe('strategic merge', () => {
  const tree = fc.letrec<{ readonly node: unknown }>((tie) => ({
    node: fc.oneof(
      { depthSize: 'small' },
      fc.string(),
      fc.integer(),
      fc.array(fc.string()),
      fc.dictionary(word, tie('node')),
    ),
  })).node;
  const object = fc.dictionary(word, tree) as fc.Arbitrary<JsonObject>;

  it('changes nothing with an empty patch or the object itself, and twice is once', () => {
    fc.assert(
      fc.property(object, object, (original, patch) => {
        expect(strategicMerge(original, {}, '')).toEqual(original);
        expect(strategicMerge(original, original, '')).toEqual(original);
        const once = strategicMerge(original, patch, '');
        expect(strategicMerge(once, patch, '')).toEqual(once);
      }),
    );
  });
});
