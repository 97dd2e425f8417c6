// The second generator of a matrix and the parameters of the first in, the generator with its texts rendered out.
import type { Generator } from '@wheelwright/intent';
import { AppError, isJsonObject, type JsonObject, type JsonValue } from '@wheelwright/kernel';
import { pointerKey, type Params } from './params.js';
import { compileTree, setOwn } from './render-tree.js';
import { textEngineOf, type TextEngine } from './text-engine.js';

/** The generators whose `values` are rendered later, against their own parameters. */
const WITH_VALUES = new Set(['clusters', 'git', 'scmProvider', 'pullRequest', 'plugin']);

type Render = (params: Params) => JsonObject;

/**
 * What renders every text and every key of a generator, in the mode of the set; `undefined` where it holds no template at all. Two parts are left
 * as they stand, as Argo CD does: the `selector` of the element itself, and `template`, which is not read of a child. A value of `values` that
 * asks for a parameter which is not there is left for the generator's own parameters. Throws ExpandFailed where a text cannot be rendered.
 */
export function interpolateGenerator(
  generator: Generator,
  pointer: string,
  engine: TextEngine,
): ((params: Params) => Generator) | undefined {
  const { selector, ...rest } = generator;
  if (isConstant(rest as JsonObject, engine)) return undefined;
  const render = compileElement(rest as JsonObject, pointer, engine);
  // Rendering texts keeps the shape that the schema gave the generator.
  return (params) => ({ ...(render(params) as Generator), ...(selector === undefined ? {} : { selector }) });
}

/** An element of `generators`, at any depth. */
function compileElement(element: JsonObject, pointer: string, engine: TextEngine): Render {
  const parts = Object.entries(element).flatMap(([key, part]): readonly { key: string; render: Render }[] => {
    if (!isJsonObject(part)) return [];
    return [{ key, render: compilePart(key, part, { pointer: `${pointer}/${pointerKey(key)}`, engine }) }];
  });
  return (params) => Object.fromEntries(parts.map(({ key, render }) => [key, render(params)]));
}

function compilePart(
  kind: string,
  part: JsonObject,
  { pointer, engine }: { readonly pointer: string; readonly engine: TextEngine },
): Render {
  const { template: _template, values, generators, ...rest } = part;
  const render = compileTree(rest, pointer, engine);
  const children = !isList(generators)
    ? undefined
    : generators.map((child, index) =>
        compileElement(isJsonObject(child) ? child : {}, `${pointer}/generators/${String(index)}`, engine),
      );
  const ownValues = isJsonObject(values) ? compileValues(kind, values, { pointer, engine }) : undefined;
  return (params) => ({
    ...render(params),
    ...(children === undefined ? {} : { generators: children.map((child) => child(params)) }),
    ...(ownValues === undefined ? {} : { values: ownValues(params) }),
  });
}

/** Flat templates leave an unknown tag by themselves; Go templates are asked to fail for it, and the text is kept. */
function compileValues(
  kind: string,
  values: JsonObject,
  { pointer, engine }: { readonly pointer: string; readonly engine: TextEngine },
): Render {
  if (engine.mode === 'flat' || !WITH_VALUES.has(kind)) return compileTree(values, `${pointer}/values`, engine);
  const strict = textEngineOf({ goTemplate: true, goTemplateOptions: ['missingkey=error'] });
  return (params) => {
    const out: Record<string, JsonValue> = {};
    for (const [key, text] of Object.entries(values)) {
      if (typeof text === 'string')
        setOwn(
          out,
          key,
          renderOr(text, () => strict.compile(text).render(params, pointer)),
        );
    }
    return out;
  };
}

function renderOr(fallback: string, render: () => string): string {
  try {
    return render();
  } catch (error) {
    if (error instanceof AppError) return fallback;
    throw error;
  }
}

function isConstant(value: JsonValue | undefined, engine: TextEngine): boolean {
  if (typeof value === 'string') return engine.compile(value).isConstant;
  if (typeof value !== 'object' || value === null) return true;
  if (isList(value)) return value.every((item) => isConstant(item, engine));
  return Object.entries(value).every(([key, member]) => engine.compile(key).isConstant && isConstant(member, engine));
}

function isList(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value);
}
