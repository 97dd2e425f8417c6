// A map and the maps that are merged into it in, the map out: Sprig's `merge` fills what is missing or empty, `mergeOverwrite` replaces.
import { limitError, type Budget } from '../limits.js';
import { isDict, itemsOf, newDict, type GoDict, type GoValue } from '../values.js';
import { isEmpty } from './empty.js';

export interface MergeOptions {
  readonly overwrite: boolean;
  readonly budget: Budget;
}

const DEEPEST = 500;

/** Changes and answers the first map. Maps merge key by key; lists and other values are taken as a whole. */
export function mergeMaps(into: GoValue, sources: readonly GoValue[], options: MergeOptions): GoValue {
  const target = isDict(into) ? into : newDict();
  for (const source of sources) if (isDict(source)) mergeOne(target, source, { ...options, depth: 0 });
  return target;
}

function mergeOne(target: GoDict, source: GoDict, options: MergeOptions & { readonly depth: number }): void {
  const { overwrite, budget, depth } = options;
  if (depth > DEEPEST) throw limitError(`to merge maps nested deeper than ${DEEPEST}`);
  for (const key of Object.keys(source)) {
    budget.step();
    const value = source[key];
    if (value === undefined) continue;
    const present = Object.hasOwn(target, key) ? target[key] : undefined;
    if (value === null) {
      if (overwrite) target[key] = null;
    } else if (isDict(value) && isDict(present)) {
      mergeOne(present, value, { ...options, depth: depth + 1 });
      // An empty map is taken whole: it is then the same object as the source's.
      if (isEmpty(present)) target[key] = value;
    } else if (itemsOf(value) !== undefined) {
      if (overwrite || isEmpty(present)) target[key] = value;
    } else if (overwrite || isEmpty(present)) {
      target[key] = value;
    }
  }
}
