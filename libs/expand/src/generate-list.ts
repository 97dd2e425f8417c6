// The list generator: elements in, one set of parameters for each out.
import type { ListGenerator } from '@wheelwright/intent';
import { formatGoValue } from '@wheelwright/go-template';
import { isJsonObject, type JsonObject, type JsonValue } from '@wheelwright/kernel';
import { failedAt, pointerKey, type GeneratorContext, type Params, type Produced } from './params.js';
import { parseYaml } from './parse-yaml.js';
import { setOwn } from './render-tree.js';

/**
 * Every key of an element is a parameter. In flat mode the keys of its `values` are `values.<key>`, and whatever is not a text in `elements`
 * throws ExpandFailed; in go mode an element is any JSON. Elements of `elementsYaml` follow, taken as they are. Throws ExpandFailed where
 * that is not a list of maps.
 */
export function generateList(list: ListGenerator, context: GeneratorContext): Produced {
  const sets: Params[] = (list.elements ?? []).map((element, index) =>
    context.mode === 'go' ? element : readElement(element, `${context.pointer}/elements/${String(index)}`),
  );
  const pointer = `${context.pointer}/elementsYaml`;
  sets.push(...parseElements(list.elementsYaml ?? '', pointer));
  const names = new Set(sets.flatMap((params) => Object.keys(params)));
  return {
    sets,
    issues: [],
    vocabulary: {
      generator: 'a list generator',
      names: [...names].sort(),
      produces: (name) => names.has(name),
    },
  };
}

function readElement(element: JsonObject, pointer: string): Params {
  const params: Record<string, JsonValue> = {};
  for (const [key, value] of Object.entries(element)) {
    if (value === undefined) continue;
    if (key !== 'values') {
      setOwn(params, key, readText(value, `${pointer}/${pointerKey(key)}`));
      continue;
    }
    if (!isJsonObject(value))
      throw failedAt(`${pointer}/values`, 'error parsing values map: it must be a map of texts');
    for (const [name, text] of Object.entries(value)) {
      if (text !== undefined) params[`values.${name}`] = readText(text, `${pointer}/values/${pointerKey(name)}`);
    }
  }
  return params;
}

function readText(value: JsonValue, pointer: string): string {
  if (typeof value === 'string') return value;
  const hint =
    typeof value === 'number' || typeof value === 'boolean'
      ? `put it in quotes (unquoted, it would be printed as ${formatGoValue(value)})`
      : 'only texts can be put into a flat template';
  throw failedAt(pointer, `error parsing value as string: ${hint}`);
}

function parseElements(text: string, pointer: string): readonly JsonObject[] {
  if (text.trim() === '') return [];
  const parsed = parseYaml(text, pointer);
  if (parsed === null || parsed === undefined) return [];
  if (!Array.isArray(parsed)) throw failedAt(pointer, 'it must be a YAML list of maps');
  return parsed.map((element: unknown) => {
    if (!isJsonObject(element)) throw failedAt(pointer, 'it must be a YAML list of maps');
    return element;
  });
}
