// The matrix generator: two children in, each set of the first joined with each set that the second gives for it out.
import type { Generator, MatrixGenerator } from '@wheelwright/intent';
import { canonicalJson, jsonEqual, type JsonObject } from '@wheelwright/kernel';
import type { ProduceChild } from './generate.js';
import { mergeOver } from './go-json.js';
import { interpolateGenerator } from './interpolate.js';
import {
  anythingFrom,
  failedAt,
  type GeneratorContext,
  type Params,
  type Produced,
  type Vocabulary,
} from './params.js';
import { setOwn } from './render-tree.js';
import type { TextEngine } from './text-engine.js';
import type { ExpandIssue } from './types.js';

/** What a matrix generator gets besides its place. */
export interface MatrixContext extends GeneratorContext {
  readonly engine: TextEngine;
  readonly produce: ProduceChild;
  readonly maxSets: number;
}

/**
 * The product of exactly two generators, the second interpolated with each set of the first. In flat mode a key that both give must have one
 * value; in go mode maps are merged and the first wins. Throws ExpandFailed where one of them fails.
 */
export function generateMatrix(matrix: MatrixGenerator, context: MatrixContext): Produced {
  const [first, second, ...others] = matrix.generators;
  if (first === undefined || second === undefined) {
    throw failedAt(context.pointer, 'found less than two generators, Matrix support only two');
  }
  if (others.length > 0) throw failedAt(context.pointer, 'found more than two generators, Matrix support only two');
  const outer = context.produce(first, `${context.pointer}/generators/0`);
  const inner = secondOf(second, outer, context);
  const sets: Params[] = [];
  for (const params of outer.sets) {
    for (const own of inner.setsFor(params)) {
      sets.push(context.mode === 'go' ? mergeOver(own, params) : combine(params, own, context.pointer));
      if (sets.length > context.maxSets) {
        const message = `it comes to more than ${String(context.maxSets)} parameter sets: narrow its generators down`;
        throw failedAt(context.pointer, message);
      }
    }
  }
  return {
    sets,
    issues: [...outer.issues, ...inner.issues()],
    vocabulary: unionOf('a matrix generator', [outer.vocabulary, ...inner.vocabularies()]),
  };
}

interface Second {
  setsFor(params: Params): readonly Params[];
  issues(): readonly ExpandIssue[];
  vocabularies(): readonly Vocabulary[];
}

/** Runs the second child once for each distinct interpolation of it: most often once in all. */
function secondOf(second: Generator, outer: Produced, context: MatrixContext): Second {
  const at = `${context.pointer}/generators/1`;
  const interpolate = interpolateGenerator(second, at, context.engine);
  const runs = new Map<string, Produced>();
  const constant = interpolate === undefined ? context.produce(second, at) : undefined;
  const run = (params: Params): Produced => {
    if (interpolate === undefined) return constant ?? context.produce(second, at);
    // Without any parameter the generator is taken as it is.
    const generator = Object.keys(params).length === 0 ? second : interpolate(params);
    const key = canonicalJson(generator as Generator & JsonObject);
    const known = runs.get(key);
    if (known !== undefined) return known;
    const fresh = context.produce(generator, at);
    runs.set(key, fresh);
    return fresh;
  };
  const all = (): readonly Produced[] => (constant === undefined ? [...runs.values()] : [constant]);
  return {
    setsFor: (params) => run(params).sets,
    issues: () => distinctIssues(all().flatMap(({ issues }) => issues)),
    // Which names an interpolated generator gives is known once it has run.
    vocabularies: () =>
      outer.sets.length === 0 && constant === undefined ? [ANYTHING] : all().map((each) => each.vocabulary),
  };
}

const ANYTHING = anythingFrom('a generator');

/** One issue for each code and place: a generator that runs five hundred times has one author. */
function distinctIssues(issues: readonly ExpandIssue[]): readonly ExpandIssue[] {
  const seen = new Map<string, { readonly issue: ExpandIssue; more: number }>();
  for (const issue of issues) {
    const key = `${issue.code} ${issue.pointer}`;
    const known = seen.get(key);
    if (known === undefined) seen.set(key, { issue, more: 0 });
    else known.more += 1;
  }
  return [...seen.values()].map(({ issue, more }) =>
    more === 0
      ? issue
      : {
          ...issue,
          message: `${issue.message} (and so for ${String(more)} more parameter sets of the first generator)`,
        },
  );
}

/** The names that any of these produces. One of which nothing is known makes the whole unknown. */
export function unionOf(generator: string, parts: readonly Vocabulary[]): Vocabulary {
  const isOpen = parts.some((part) => part.names.length === 0);
  const names = isOpen ? [] : [...new Set(parts.flatMap((part) => part.names))];
  return { generator, names, produces: (name) => isOpen || parts.some((part) => part.produces(name)) };
}

/** Both sets in one flat map. */
function combine(a: Params, b: Params, pointer: string): Params {
  const out: Record<string, Params[string]> = { ...a };
  for (const [key, value] of Object.entries(b)) {
    const own = Object.hasOwn(a, key) ? a[key] : undefined;
    if (own !== undefined && !jsonEqual(own, value)) {
      const message = `found duplicate key ${key} with different value, a: ${show(own)} ,b: ${show(value)}`;
      throw failedAt(pointer, message);
    }
    setOwn(out, key, value);
  }
  return out;
}

function show(value: Params[string]): string {
  return typeof value === 'string' ? value : canonicalJson(value);
}
