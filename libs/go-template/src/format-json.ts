// A JSON value in, the text that Go's `%v` prints for it out: that is how Argo CD turns parameters that are not text into text.
import { isJsonObject, type JsonValue } from '@wheelwright/kernel';
import { formatFloat } from './float-text.js';

/** The text of a value as `%v` prints what Go's JSON decoder made of it: numbers are float64, so 11223344 is `1.1223344e+07`. */
export function formatGoValue(value: JsonValue): string {
  if (value === null) return '<nil>';
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return value ? 'true' : 'false';
  if (typeof value === 'number') return formatFloat(value);
  if (isJsonObject(value)) {
    const keys = Object.keys(value)
      .filter((key) => value[key] !== undefined)
      .sort();
    return `map[${keys.map((key) => `${key}:${formatGoValue(value[key] ?? null)}`).join(' ')}]`;
  }
  return `[${value.map(formatGoValue).join(' ')}]`;
}
