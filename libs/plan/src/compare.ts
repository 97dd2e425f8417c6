// A live object and what a server-side apply would make of it in, the fields that would change out.
import {
  appendPointer,
  canonicalJson,
  diffJson,
  EVERY_ITEM,
  isJsonObject,
  removePath,
  type JsonValue,
  type KubeObject,
  type PathSegment,
} from '@wheelwright/kernel';
import type { IgnoredFields } from './ignore.js';
import { ownersOf } from './owners.js';
import { LAST_APPLIED_ANNOTATION } from './shape.js';
import type { FieldDifference } from './types.js';

/** Most differences that are reported for one object. */
export const MAX_DIFFERENCES = 200;
/** Longest text of a value in a difference, in characters of JSON. */
export const MAX_VALUE_LENGTH = 2_000;

/** Fields that only a server writes, or that are not part of what anybody desires. */
const NEVER_COMPARED: readonly (readonly PathSegment[])[] = [
  ['status'],
  ['metadata', 'managedFields'],
  ['metadata', 'resourceVersion'],
  ['metadata', 'generation'],
  ['metadata', 'creationTimestamp'],
  ['metadata', 'uid'],
  ['metadata', 'selfLink'],
  ['metadata', 'annotations', LAST_APPLIED_ANNOTATION],
];

const NOTHING_IGNORED: IgnoredFields = { paths: [], managers: [] };

export interface Compared {
  readonly live: KubeObject;
  /** The answer to the dry run. */
  readonly predicted: KubeObject;
  readonly ignored?: IgnoredFields;
}

/**
 * The fields that differ, in the order of their pointers. At most {@link MAX_DIFFERENCES}; long values are cut.
 * For a Secret the pointers are told, the values never.
 */
export function compareObjects({ live, predicted, ignored = NOTHING_IGNORED }: Compared): readonly FieldDifference[] {
  const paths = [...NEVER_COMPARED, ...ignored.paths];
  const emptied = ancestorsOf(paths);
  const isSecret = live.kind === 'Secret' || predicted.kind === 'Secret';
  const found = diffJson(cleaned(live, paths), cleaned(predicted, paths), {
    most: MAX_DIFFERENCES,
    isSame: ({ pointer, before, after }) => emptied.has(pointer) && isEmpty(before) && isEmpty(after),
    isIgnored: (pointer) =>
      ignored.managers.length > 0 && ownersOf(live, pointer).some((owner) => ignored.managers.includes(owner)),
  });
  const shown = (value: JsonValue): JsonValue => (isSecret ? 'changed' : shortened(value));
  return found.map(({ pointer, before, after }) => ({
    pointer,
    ...(before === undefined ? {} : { live: shown(before) }),
    ...(after === undefined ? {} : { desired: shown(after) }),
  }));
}

function cleaned(object: KubeObject, paths: readonly (readonly PathSegment[])[]): JsonValue {
  return paths.reduce<JsonValue>((value, path) => removePath(value, path), object);
}

/** Pointers of everything that may be empty on one side only because a path was removed from below it. */
function ancestorsOf(paths: readonly (readonly PathSegment[])[]): ReadonlySet<string> {
  const ancestors = new Set<string>();
  for (const path of paths) {
    let pointer = '';
    for (const segment of path.slice(0, -1)) {
      if (segment === EVERY_ITEM) break;
      pointer = appendPointer(pointer, segment);
      ancestors.add(pointer);
    }
  }
  return ancestors;
}

function shortened(value: JsonValue): JsonValue {
  const text = canonicalJson(value);
  return text.length <= MAX_VALUE_LENGTH ? value : `${text.slice(0, MAX_VALUE_LENGTH)}…`;
}

function isEmpty(value: JsonValue | undefined): boolean {
  if (value === undefined || value === null) return true;
  return Array.isArray(value) ? value.length === 0 : isJsonObject(value) && Object.keys(value).length === 0;
}
