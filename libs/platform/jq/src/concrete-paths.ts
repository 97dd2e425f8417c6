// Paths as jq writes them (negative indices and slices among them) in, paths of keys and plain indices out.
import { isJsonObject, type JsonValue } from '@wheelwright/kernel';

/** A path without wildcards: keys, and indices as decimal text. */
export type ConcretePath = readonly string[];

/** What the path names in the value; several where it holds a slice. `undefined`: it is not a path. */
export function concretePaths(value: JsonValue | undefined, path: JsonValue): readonly ConcretePath[] | undefined {
  if (!Array.isArray(path)) return undefined;
  return walk(value, path as readonly JsonValue[], []);
}

function walk(
  value: JsonValue | undefined,
  path: readonly JsonValue[],
  done: ConcretePath,
): readonly ConcretePath[] | undefined {
  const [segment, ...rest] = path;
  if (segment === undefined) return [done];
  if (typeof segment === 'string') return walk(memberOf(value, segment), rest, [...done, segment]);
  const list = Array.isArray(value) ? (value as readonly JsonValue[]) : [];
  const indices = indicesOf(segment, list.length);
  if (indices === undefined) return undefined;
  const found: ConcretePath[] = [];
  for (const index of indices) {
    const below = walk(list[index], rest, [...done, String(index)]);
    if (below === undefined) return undefined;
    found.push(...below);
  }
  return found;
}

/** The indices of a list that a number or a slice names; none where it names nothing. */
function indicesOf(segment: JsonValue, length: number): readonly number[] | undefined {
  if (typeof segment === 'number') {
    const index = segment < 0 ? length + Math.floor(segment) : Math.floor(segment);
    return index >= 0 && index < length ? [index] : [];
  }
  if (!isJsonObject(segment)) return undefined;
  const start = bound(segment['start'], { length, otherwise: 0 });
  const end = bound(segment['end'], { length, otherwise: length });
  return Array.from({ length: Math.max(0, end - start) }, (_unused, at) => start + at);
}

function bound(
  value: JsonValue | undefined,
  { length, otherwise }: { readonly length: number; readonly otherwise: number },
): number {
  if (typeof value !== 'number') return otherwise;
  return Math.min(length, Math.max(0, value < 0 ? length + Math.floor(value) : Math.floor(value)));
}

function memberOf(value: JsonValue | undefined, name: string): JsonValue | undefined {
  return isJsonObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}
