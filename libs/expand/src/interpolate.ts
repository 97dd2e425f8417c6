// The second generator of a matrix and the parameters of the first in, the generator with its texts rendered out.
import type { Generator } from '@wheelwright/intent';
import { AppError, isJsonObject, type JsonObject, type JsonValue } from '@wheelwright/kernel';
import type { Params } from './params.js';
import { compileTree, setOwn } from './render-tree.js';
import { textEngineOf, type TextEngine } from './text-engine.js';

/** The generators whose `values` are rendered later, against their own parameters. */
const WITH_VALUES = ['clusters', 'git', 'scmProvider', 'pullRequest', 'plugin'] as const;

/**
 * What renders every text and every key of a generator, in the mode of the set; `undefined` where it holds no template at all. Two parts are left
 * as they stand, as Argo CD does: the `selector` of the element, and `template`, which a child's is not read. A value of `values` that asks
 * for a parameter which is not there is left for the generator's own parameters. Throws ExpandFailed where a text cannot be rendered.
 */
export function interpolateGenerator(
  generator: Generator,
  pointer: string,
  engine: TextEngine,
): ((params: Params) => Generator) | undefined {
  const { selector, ...rest } = generator;
  const { parts, values } = setValuesAside(rest as JsonObject);
  const render = compileTree(parts, pointer, engine);
  const renderValues = values.map((each) => ({ ...each, render: compileValues(each.values, engine) }));
  if (isConstant(parts, engine) && values.every((each) => isConstant(each.values, engine))) return undefined;
  return (params) => {
    const rendered: Record<string, JsonValue | undefined> = { ...render(params) };
    for (const each of renderValues) {
      const own = rendered[each.kind];
      if (isJsonObject(own)) rendered[each.kind] = { ...own, values: each.render(params) };
    }
    // Rendering texts keeps the shape that the schema gave the generator.
    return { ...(rendered as Generator), ...(selector === undefined ? {} : { selector }) };
  };
}

interface SetAside {
  readonly kind: (typeof WITH_VALUES)[number];
  readonly values: JsonObject;
}

function setValuesAside(generator: JsonObject): { readonly parts: JsonObject; readonly values: readonly SetAside[] } {
  const parts: Record<string, JsonValue | undefined> = {};
  const values: SetAside[] = [];
  for (const [key, part] of Object.entries(generator)) {
    if (!isJsonObject(part)) continue;
    const { template: _template, ...rest } = part;
    const kind = WITH_VALUES.find((each) => each === key);
    const own = rest['values'];
    if (kind === undefined || !isJsonObject(own)) {
      parts[key] = rest;
      continue;
    }
    const { values: _values, ...others } = rest;
    parts[key] = others;
    values.push({ kind, values: own });
  }
  return { parts, values };
}

/** Flat templates leave an unknown tag by themselves; Go templates are asked to fail for it. */
function compileValues(values: JsonObject, engine: TextEngine): (params: Params) => JsonObject {
  const strict =
    engine.mode === 'flat' ? engine : textEngineOf({ goTemplate: true, goTemplateOptions: ['missingkey=error'] });
  const compiled = Object.entries(values).map(([key, text]) => ({
    key,
    text: typeof text === 'string' ? text : '',
    compiled: strict.compile(typeof text === 'string' ? text : ''),
  }));
  return (params) => {
    const out: Record<string, JsonValue> = {};
    for (const { key, text, compiled: template } of compiled) {
      setOwn(
        out,
        key,
        renderOr(text, () => template.render(params, '')),
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
  if (!isJsonObject(value)) return value.every((item) => isConstant(item, engine));
  return Object.entries(value).every(([key, member]) => engine.compile(key).isConstant && isConstant(member, engine));
}
