// Paths without wildcards in, as jq names them in one value; the value without all that they name out.
import { removePath, type JsonValue } from '@wheelwright/kernel';

/** Keys, and indices of lists as decimal text. */
export type ConcretePath = readonly string[];

/** Removes from the end, so that no index moves before its turn, and what is deeper first. The order and repetitions of the paths do not matter. */
export function removeConcrete(value: JsonValue, paths: readonly ConcretePath[]): JsonValue {
  const distinct = new Map(paths.map((path) => [JSON.stringify(path), path]));
  return [...distinct.values()].sort(lastFirst).reduce<JsonValue>((left, path) => removePath(left, path), value);
}

function lastFirst(a: ConcretePath, b: ConcretePath): number {
  for (let at = 0; at < Math.min(a.length, b.length); at += 1) {
    const order = compareSegments(a[at] ?? '', b[at] ?? '');
    if (order !== 0) return -order;
  }
  return b.length - a.length;
}

function compareSegments(a: string, b: string): number {
  if (a === b) return 0;
  const areIndices = /^\d+$/.test(a) && /^\d+$/.test(b);
  return areIndices ? Number(a) - Number(b) : a < b ? -1 : 1;
}
