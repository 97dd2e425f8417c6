// Two versions of an object in, the field paths that were added, changed and removed out; and the paths that an object sets.
// The rules are those of structured merge: https://github.com/kubernetes-sigs/structured-merge-diff
import { FieldSetBuilder, type FieldSet } from './field-set.js';
import { equal, isMap, type Json, type JsonMap } from './json.js';
import { itemElement, jointShape, shapeOf, type KindShape, type Shape } from './structure.js';

/** What differs between two versions. Paths of containers that came or went are listed besides their contents. */
export interface Comparison {
  readonly added: FieldSet;
  readonly modified: FieldSet;
  readonly removed: FieldSet;
}

interface Walk {
  readonly kind: KindShape;
  readonly added: FieldSetBuilder;
  readonly modified: FieldSetBuilder;
  readonly removed: FieldSetBuilder;
}

/** Compares two versions of an object of one kind. */
export function compare(kind: KindShape, before: JsonMap, after: JsonMap): Comparison {
  const walk: Walk = {
    kind,
    added: new FieldSetBuilder(),
    modified: new FieldSetBuilder(),
    removed: new FieldSetBuilder(),
  };
  compareMaps(walk, [], [before, after]);
  return { added: walk.added.build(), modified: walk.modified.build(), removed: walk.removed.build() };
}

type Sides = readonly [Json | undefined, Json | undefined];

function compareMaps(walk: Walk, path: readonly string[], [before, after]: readonly [JsonMap, JsonMap]): void {
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const sides: Sides = [before[key], after[key]];
    if (sides[0] === sides[1]) continue;
    compareValues(walk, [...path, `f:${key}`], sides);
  }
}

function compareValues(walk: Walk, path: readonly string[], sides: Sides): void {
  const [before, after] = sides;
  if (before === undefined && after === undefined) return;
  if (!descend(walk, path, sides)) {
    if (before !== undefined && after !== undefined) {
      if (!equal(before, after)) walk.modified.add(path);
      return;
    }
  }
  if (before === undefined) walk.added.add(path);
  else if (after === undefined) walk.removed.add(path);
}

/** Compares what lies below a path; false where the value is a leaf. An empty or missing pair of containers counts as a leaf. */
function descend(walk: Walk, path: readonly string[], [before, after]: Sides): boolean {
  const shape = jointShape(walk.kind, path, [before, after]);
  if (shape.kind === 'atomic') return false;
  const lists = [before, after].every((side) => side === undefined || side === null || Array.isArray(side));
  if (shape.kind === 'keyed' || shape.kind === 'set') {
    const [left, right] = [asList(before), asList(after)];
    if (!lists || left.length + right.length === 0) return false;
    compareItems(walk, path, { shape, before: left, after: right });
    return true;
  }
  const maps = [before, after].every((side) => side === undefined || side === null || isMap(side));
  const [left, right] = [asMap(before), asMap(after)];
  if (!maps || Object.keys(left).length + Object.keys(right).length === 0) return false;
  compareMaps(walk, path, [left, right]);
  return true;
}

const asList = (value: Json | undefined): Json[] => (Array.isArray(value) ? value : []);
const asMap = (value: Json | undefined): JsonMap => (isMap(value) ? value : {});

function compareItems(
  walk: Walk,
  path: readonly string[],
  lists: { readonly shape: Shape; readonly before: Json[]; readonly after: Json[] },
): void {
  const items = new Map<string, [Json | undefined, Json | undefined]>();
  for (const item of lists.before) items.set(itemElement(lists.shape, item), [item, undefined]);
  for (const item of lists.after) {
    const element = itemElement(lists.shape, item);
    items.set(element, [items.get(element)?.[0], item]);
  }
  for (const [element, sides] of items) compareValues(walk, [...path, element], sides);
}

/** The paths that an applied configuration sets: its leaves, its list items, and the keys of maps that hold nothing. */
export function fieldsOf(kind: KindShape, object: JsonMap): FieldSet {
  const builder = new FieldSetBuilder();
  const visit = (path: readonly string[], value: Json | undefined): void => {
    if (value === undefined) return;
    const shape = shapeOf(kind, path, value);
    if (Array.isArray(value) && (shape.kind === 'keyed' || shape.kind === 'set')) {
      for (const item of value) {
        const at = [...path, itemElement(shape, item)];
        builder.add(at);
        if (isMap(item)) visitMap(at, item);
      }
    } else if (isMap(value) && shape.kind === 'granular' && Object.keys(value).length > 0) {
      // A field that no schema declares is owned besides what it holds.
      if (!kind.builtIn && path[0] !== 'f:metadata') builder.add(path);
      visitMap(path, value);
    } else builder.add(path);
  };
  const visitMap = (path: readonly string[], map: JsonMap): void => {
    for (const key of Object.keys(map)) visit([...path, `f:${key}`], map[key]);
  };
  visitMap([], object);
  return builder.build();
}
