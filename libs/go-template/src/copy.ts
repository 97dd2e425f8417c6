// A value in, a copy that may be changed out.
import { limitError, type Budget } from './limits.js';
import { GoSlice, isDict, isList, newDict, type GoValue } from './values.js';

const DEEPEST = 500;

/** A copy down to the leaves. Each value costs a step. */
export function deepCopy(value: GoValue, budget: Budget, depth = 0): GoValue {
  if (typeof value !== 'object' || value === null) return value;
  budget.step();
  if (depth > DEEPEST) throw limitError(`to copy values nested deeper than ${DEEPEST}`);
  if (isList(value)) return value.map((item) => deepCopy(item ?? null, budget, depth + 1));
  if (value instanceof GoSlice) {
    return new GoSlice(
      value.items.map((item) => deepCopy(item, budget, depth + 1)),
      value.type,
      value.absent,
    );
  }
  if (!isDict(value)) return value;
  const copy = newDict();
  for (const key of Object.keys(value))
    if (value[key] !== undefined) copy[key] = deepCopy(value[key], budget, depth + 1);
  return copy;
}
