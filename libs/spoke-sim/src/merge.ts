// A live object and an applied configuration in, the merged object out; and the removal of field paths from an object.
// The rules are those of structured merge: maps by key, keyed lists by item, everything else replaced.
import type { FieldSet } from './field-set.js';
import { clone, isMap, type Json, type JsonMap } from './json.js';
import { itemElement, jointShape, shapeOf, type KindShape, type Shape } from './structure.js';

/** Lays an applied configuration over a live object. Neither is changed; parts may be shared with the result. */
export function mergeApplied(kind: KindShape, live: JsonMap, applied: JsonMap): JsonMap {
  return mergeMaps(kind, [], [live, applied]);
}

function mergeMaps(kind: KindShape, path: readonly string[], [live, applied]: readonly [JsonMap, JsonMap]): JsonMap {
  const out: JsonMap = { ...live };
  for (const key of Object.keys(applied)) {
    const value = applied[key];
    if (value !== undefined) out[key] = mergeValues(kind, [...path, `f:${key}`], [live[key], value]);
  }
  return out;
}

function mergeValues(
  kind: KindShape,
  path: readonly string[],
  [live, applied]: readonly [Json | undefined, Json],
): Json {
  const shape = jointShape(kind, path, [live, applied]);
  if (shape.kind === 'atomic' || live === undefined) return clone(applied);
  if (Array.isArray(live) && Array.isArray(applied) && shape.kind !== 'granular') {
    return mergeLists(kind, path, { shape, live, applied });
  }
  if (isMap(live) && isMap(applied)) return mergeMaps(kind, path, [live, applied]);
  return clone(applied);
}

/** Items keep the order of the configuration; live items that it does not name stay where they stood between the shared ones. */
function mergeLists(
  kind: KindShape,
  path: readonly string[],
  lists: { readonly shape: Shape; readonly live: Json[]; readonly applied: Json[] },
): Json[] {
  const { shape } = lists;
  const live = lists.live.map((item) => ({ element: itemElement(shape, item), item }));
  const liveItems = new Map(live.map(({ element, item }) => [element, item]));
  const applied = lists.applied.map((item) => ({ element: itemElement(shape, item), item }));
  const named = new Set(applied.map(({ element }) => element));
  const out: Json[] = [];
  let at = 0;
  for (const [index, { element, item }] of applied.entries()) {
    const nextShared = applied.slice(index).find((other) => liveItems.has(other.element))?.element;
    for (let here = live[at]; here !== undefined && here.element !== nextShared; here = live[at]) {
      // A live item that the configuration moves elsewhere is passed over here, and taken where the configuration has it.
      if (!named.has(here.element)) out.push(here.item);
      at += 1;
    }
    out.push(mergeValues(kind, [...path, element], [liveItems.get(element), item]));
    if (element === nextShared) at += 1;
  }
  for (const { element, item } of live.slice(at)) if (!named.has(element)) out.push(item);
  return out;
}

/** The object without the paths given (and all that lies below them). Containers that this empties go too. */
export function removeFields(kind: KindShape, object: JsonMap, paths: FieldSet): JsonMap {
  return removeFromMap(kind, [], { map: object, paths });
}

interface Removal<Part> {
  readonly map: Part;
  readonly paths: FieldSet;
}

function removeFromMap(kind: KindShape, path: readonly string[], { map, paths }: Removal<JsonMap>): JsonMap {
  const out: JsonMap = {};
  for (const key of Object.keys(map)) {
    const value = map[key];
    const below = paths.children.get(`f:${key}`);
    const kept =
      below === undefined || value === undefined
        ? value
        : removeFromValue(kind, [...path, `f:${key}`], { map: value, paths: below });
    if (kept !== undefined) out[key] = kept;
  }
  return out;
}

function removeFromValue(
  kind: KindShape,
  path: readonly string[],
  { map: value, paths }: Removal<Json>,
): Json | undefined {
  if (paths.member) return undefined;
  if (paths.children.size === 0) return value;
  if (isMap(value)) {
    const out = removeFromMap(kind, path, { map: value, paths });
    return Object.keys(out).length === 0 ? undefined : out;
  }
  const shape = shapeOf(kind, path, value);
  if (!Array.isArray(value) || shape.kind === 'atomic') return value;
  const out = value.flatMap((item) => {
    const element = itemElement(shape, item);
    const below = paths.children.get(element);
    const kept = below === undefined ? item : removeFromValue(kind, [...path, element], { map: item, paths: below });
    return kept === undefined ? [] : [kept];
  });
  return out.length === 0 ? undefined : out;
}
