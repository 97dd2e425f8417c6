// A JSON text in, its one document out, under the same limits as YAML.
import type { JsonValue } from '@wheelwright/kernel';
import type { RenderLimits } from './limits.js';
import { Refusal, type ManifestText } from './read-yaml.js';

/** Reads a text of one JSON value; an empty text has no document. Throws {@link Refusal}. */
export function readJson(text: string, limits: RenderLimits): ManifestText {
  if (text.trim() === '') return { documents: [], warnings: [] };
  const value = parse(text);
  measure(value, limits);
  return { documents: value === null ? [] : [{ number: 1, line: 1, value }], warnings: [] };
}

function parse(text: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue;
  } catch (error) {
    throw new Refusal(error instanceof Error ? `not valid JSON: ${error.message.slice(0, 100)}` : 'not valid JSON');
  }
}

/** Level by level, so that depth costs no stack. */
function measure(value: JsonValue, limits: RenderLimits): void {
  let level: readonly JsonValue[] = [value];
  let values = 0;
  for (let depth = 0; level.length > 0; depth += 1) {
    values += level.length;
    if (depth > limits.maxDepth) throw new Refusal(`it is nested deeper than ${limits.maxDepth} levels`);
    if (values > limits.maxValues) throw new Refusal('it holds too many values');
    level = level.flatMap((item) => {
      if (typeof item !== 'object' || item === null) return [];
      if (Object.hasOwn(item, '__proto__')) throw new Refusal('the key "__proto__" is not allowed');
      return Object.values(item) as JsonValue[];
    });
  }
}
