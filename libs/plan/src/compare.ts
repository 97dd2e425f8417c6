// A live object and what a server-side apply would make of it in, the fields that would change out.
import {
  appendPointer,
  canonicalJson,
  diffJson,
  EVERY_ITEM,
  isJsonObject,
  removePath,
  type JsonDifference,
  type JsonValue,
  type KubeObject,
  type PathSegment,
} from '@wheelwright/kernel';
import { removeConcrete, type ConcretePath } from './concrete.js';
import { FIELD_MANAGER } from './field-manager.js';
import type { IgnoredFields, NamedFields } from './ignore.js';
import { Masks } from './mask.js';
import { normalise } from './normalise.js';
import { isManagedBy, ownersOf } from './owners.js';
import { DEFAULT_COMPARE_SETTINGS, type CompareSettings } from './settings.js';
import { LAST_APPLIED_ANNOTATION } from './shape.js';
import type { FieldDifference } from './types.js';

/** Most differences that are reported for one object. */
export const MAX_DIFFERENCES = 200;
/** Longest text of a value in a difference, in characters of JSON. */
export const MAX_VALUE_LENGTH = 2_000;

/** Fields that only a server writes, or that are not part of what anybody desires. */
const NEVER_COMPARED: readonly (readonly PathSegment[])[] = [
  ['metadata', 'managedFields'],
  ['metadata', 'resourceVersion'],
  ['metadata', 'generation'],
  ['metadata', 'creationTimestamp'],
  ['metadata', 'uid'],
  ['metadata', 'selfLink'],
  ['metadata', 'annotations', LAST_APPLIED_ANNOTATION],
];

const NOTHING_IGNORED: IgnoredFields = { paths: [], managers: [], expressions: [] };

export interface Compared {
  readonly live: KubeObject;
  /** The answer to the dry run. */
  readonly predicted: KubeObject;
  readonly ignored?: IgnoredFields;
  /** What the expressions among the ignored fields name. */
  readonly named?: NamedFields;
  readonly settings?: CompareSettings;
}

/**
 * The fields that differ, in the order of their pointers, each with the managers that own its live value. At most {@link MAX_DIFFERENCES};
 * long values are cut. For a Secret the pointers are told, the values never.
 *
 * A dry run passes through the admission webhooks of the spoke. What they would change in fields that we do not own is no drift, and is left
 * out unless the settings include it.
 */
export function compareObjects(compared: Compared): readonly FieldDifference[] {
  const { live, predicted, ignored = NOTHING_IGNORED, named, settings = DEFAULT_COMPARE_SETTINGS } = compared;
  const paths = [...neverCompared(live, settings), ...ignored.paths];
  const emptied = ancestorsOf([...paths, ...(named?.live ?? []), ...(named?.predicted ?? [])]);
  const before = cleaned(live, { paths, named: named?.live, settings });
  const after = cleaned(predicted, { paths, named: named?.predicted, settings });
  const countsAll = settings.includeMutations || !isManagedBy(predicted, FIELD_MANAGER);
  const ownersBefore = (pointer: string): readonly string[] => ownersOf(live, pointer, before);
  const isOurs = (pointer: string): boolean =>
    countsAll ||
    ownersOf(predicted, pointer, after).includes(FIELD_MANAGER) ||
    ownersBefore(pointer).includes(FIELD_MANAGER);
  const found = diffJson(before, after, {
    most: MAX_DIFFERENCES,
    isSame: (place) => emptied.has(place.pointer) && isEmpty(place.before) && isEmpty(place.after),
    isIgnored: (pointer) =>
      !isOurs(pointer) ||
      (ignored.managers.length > 0 && ownersBefore(pointer).some((owner) => ignored.managers.includes(owner))),
  });
  const masks = live.kind === 'Secret' || predicted.kind === 'Secret' ? new Masks() : undefined;
  return found.map((place) => shownDifference(place, { masks, owners: ownersBefore(place.pointer) }));
}

function shownDifference(
  { pointer, before, after }: JsonDifference,
  { masks, owners }: { readonly masks: Masks | undefined; readonly owners: readonly string[] },
): FieldDifference {
  const show = (value: JsonValue): JsonValue => (masks === undefined ? shortened(value) : masks.show(pointer, value));
  const desired = after === undefined ? {} : { desired: show(after) };
  const others = before === undefined ? [] : owners.filter((owner) => owner !== FIELD_MANAGER);
  return {
    pointer,
    ...(before === undefined ? {} : { live: show(before) }),
    ...desired,
    ...(others.length === 0 ? {} : { contestedBy: others }),
  };
}

interface Cleaning {
  readonly paths: readonly (readonly PathSegment[])[];
  readonly named: readonly ConcretePath[] | undefined;
  readonly settings: CompareSettings;
}

/** Indices that jq named are those of the whole object, so these go first. */
function cleaned(object: KubeObject, { paths, named = [], settings }: Cleaning): JsonValue {
  const left = removeConcrete(normalise(object, settings), named);
  return paths.reduce<JsonValue>((value, path) => removePath(value, path), left);
}

function neverCompared({ kind }: KubeObject, { ignoreStatus }: CompareSettings): readonly (readonly PathSegment[])[] {
  const ignoresStatus = ignoreStatus === 'all' || (ignoreStatus === 'crd' && kind === 'CustomResourceDefinition');
  return ignoresStatus ? [['status'], ...NEVER_COMPARED] : NEVER_COMPARED;
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
