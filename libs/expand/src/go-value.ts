// A JSON value in, the text that Go's `%v` prints for it out: that is how Argo CD turns parameters that are not text into text.
import { isJsonObject, type JsonValue } from '@wheelwright/kernel';

/** From this power of ten on, Go's shortest form of a float has an exponent. */
const EXPONENT_FROM = 6;

/** The text of a value as `%v` prints what Go's JSON decoder made of it: numbers are float64, so 11223344 is `1.1223344e+07`. */
export function formatGoValue(value: JsonValue): string {
  if (value === null) return '<nil>';
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return value ? 'true' : 'false';
  if (typeof value === 'number') return formatGoFloat(value);
  if (isJsonObject(value)) {
    const keys = Object.keys(value).sort();
    return `map[${keys.map((key) => `${key}:${formatGoValue(value[key] ?? null)}`).join(' ')}]`;
  }
  return `[${value.map(formatGoValue).join(' ')}]`;
}

/** A float64 in its shortest form: plain from 1e-4 up to 999999, otherwise with an exponent of at least two digits. */
export function formatGoFloat(value: number): string {
  const [mantissa = '', power = '0'] = value.toExponential().split('e');
  const exponent = Number(power);
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  if (exponent >= -4 && exponent < EXPONENT_FROM) return String(value);
  return `${mantissa}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
}
