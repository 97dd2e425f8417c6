// A value in, whether Sprig calls it empty out.
import { GoInstance, GoInt, lengthOf, type GoValue } from '../values.js';

/** Nil, false, zero, and whatever has no characters, items or entries. */
export function isEmpty(value: GoValue): boolean {
  if (value === null || value === undefined) return true;
  if (typeof value === 'boolean') return !value;
  if (typeof value === 'number') return value === 0;
  if (typeof value === 'string') return value === '';
  if (value instanceof GoInt) return value.value === 0n;
  return value instanceof GoInstance ? false : lengthOf(value) === 0;
}
