// The list generator: elements in, one set of parameters for each out.
import type { Generator } from '@wheelwright/intent';
import { AppError, isJsonObject, type JsonObject, type JsonValue } from '@wheelwright/kernel';
import { parse, type Tags } from 'yaml';
import { formatGoValue } from './go-value.js';
import { pointerKey, warning, type GeneratorContext, type Params, type Produced } from './params.js';
import type { ExpandIssue } from './types.js';

type ListGenerator = NonNullable<Generator['list']>;

/** Scalars that YAML 1.1 has and JSON has too: the others (dates, binary data) stay texts. */
const JSON_TAGS = new Set(
  ['null', 'bool', 'int', 'float', 'str', 'map', 'seq', 'merge'].map((name) => `tag:yaml.org,2002:${name}`),
);
const MAX_ALIASES = 100;

/**
 * Every key of an element is a parameter, and the keys of its `values` are `values.<key>`. Throws ExpandFailed where an element of `elements`
 * holds something other than text, and where `elementsYaml` is not a list of objects. Elements of `elementsYaml` follow, taken as they are.
 */
export function generateList(list: ListGenerator, context: GeneratorContext): Produced {
  const issues: ExpandIssue[] = [];
  const sets: Params[] = [];
  for (const [index, element] of (list.elements ?? []).entries()) {
    sets.push(readElement(element, `${context.pointer}/elements/${String(index)}`));
  }
  for (const element of parseElements(list.elementsYaml ?? '', context)) {
    const params = new Map(
      Object.entries(element).flatMap(([key, value]) => (value === undefined ? [] : [[key, value] as const])),
    );
    for (const [key, value] of params) issues.push(...lintValue(key, value, context));
    sets.push(params);
  }
  const names = [...new Set(sets.flatMap((params) => [...params.keys()]))].sort();
  return {
    sets,
    issues,
    vocabulary: { generator: 'a list generator', names, produces: (name) => names.includes(name) },
  };
}

function readElement(element: JsonObject, pointer: string): Params {
  const params = new Map<string, JsonValue>();
  for (const [key, value] of Object.entries(element)) {
    if (value === undefined) continue;
    if (key !== 'values') {
      params.set(key, readText(value, `${pointer}/${pointerKey(key)}`));
      continue;
    }
    if (!isJsonObject(value)) throw failed(`${pointer}/values`, 'error parsing values map: it must be a map of texts');
    for (const [name, text] of Object.entries(value)) {
      if (text !== undefined) params.set(`values.${name}`, readText(text, `${pointer}/values/${pointerKey(name)}`));
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
  throw failed(pointer, `error parsing value as string: ${hint}`);
}

function parseElements(text: string, context: GeneratorContext): readonly JsonObject[] {
  if (text.trim() === '') return [];
  const pointer = `${context.pointer}/elementsYaml`;
  const parsed = parseYaml(text, pointer);
  if (parsed === null || parsed === undefined) return [];
  if (!Array.isArray(parsed)) throw failed(pointer, 'it must be a YAML list of maps');
  return parsed.map((element: unknown) => {
    if (!isJsonObject(element)) throw failed(pointer, 'it must be a YAML list of maps');
    return element;
  });
}

function parseYaml(text: string, pointer: string): unknown {
  try {
    const customTags = (tags: Tags): Tags => tags.filter(isJsonTag);
    return parse(text, { version: '1.1', maxAliasCount: MAX_ALIASES, customTags });
  } catch (cause) {
    const [reason = ''] = (cause instanceof Error ? cause.message : String(cause)).split('\n');
    throw new AppError('ExpandFailed', `${pointer} is not valid YAML: ${reason.replace(/:$/, '')}`, {
      details: { pointer },
      cause,
    });
  }
}

function isJsonTag(tag: unknown): boolean {
  return typeof tag !== 'object' || tag === null || !('tag' in tag) || JSON_TAGS.has(String(tag.tag));
}

function lintValue(key: string, value: JsonValue, context: GeneratorContext): readonly ExpandIssue[] {
  if (typeof value === 'string') return [];
  const pointer = `${context.pointer}/elementsYaml`;
  if (typeof value === 'number' || typeof value === 'boolean') {
    const printed = formatGoValue(value);
    const message = `${key} is not a text: selectors see it as ${printed}, and flat templates leave {{${key}}} as it stands. Put it in quotes.`;
    return [warning(typeof value === 'number' ? 'UnquotedNumber' : 'NotText', pointer, message)];
  }
  return [
    warning(
      'NotText',
      pointer,
      `${key} is not a text: flat templates leave {{${key}}} as it stands. Write flat elements with texts.`,
    ),
  ];
}

function failed(pointer: string, message: string): AppError {
  return new AppError('ExpandFailed', `${pointer}: ${message}`, {
    details: { pointer },
    faults: [{ pointer, message }],
  });
}
