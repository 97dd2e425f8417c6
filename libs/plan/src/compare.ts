// A live object and what a server-side apply would make of it in, the fields that would change out.
import {
  appendPointer,
  canonicalJson,
  EVERY_ITEM,
  isJsonObject,
  jsonEqual,
  removePath,
  type JsonObject,
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
  const collector = new Collector({
    secret: live.kind === 'Secret' || predicted.kind === 'Secret',
    emptied: ancestorsOf(paths),
    isIgnored: (pointer) =>
      ignored.managers.length > 0 && ownersOf(live, pointer).some((owner) => ignored.managers.includes(owner)),
  });
  collector.compare('', cleaned(live, paths), cleaned(predicted, paths));
  return collector.found;
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

interface CollectorOptions {
  readonly secret: boolean;
  /** Pointers at which an empty value and an absent one are the same. */
  readonly emptied: ReadonlySet<string>;
  readonly isIgnored: (pointer: string) => boolean;
}

class Collector {
  readonly found: FieldDifference[] = [];

  constructor(private readonly options: CollectorOptions) {}

  compare(pointer: string, live: JsonValue | undefined, desired: JsonValue | undefined): void {
    if (this.found.length >= MAX_DIFFERENCES || jsonEqual(live, desired)) return;
    if (this.options.emptied.has(pointer) && isEmpty(live) && isEmpty(desired)) return;
    if (isJsonObject(live) && isJsonObject(desired)) this.compareMembers(pointer, live, desired);
    else if (Array.isArray(live) && Array.isArray(desired)) {
      this.compareItems(pointer, live as readonly JsonValue[], desired as readonly JsonValue[]);
    } else if (!this.options.isIgnored(pointer)) this.report(pointer, live, desired);
  }

  private compareMembers(pointer: string, live: JsonObject, desired: JsonObject): void {
    const names = [...new Set([...Object.keys(live), ...Object.keys(desired)])].sort();
    for (const name of names) this.compare(appendPointer(pointer, name), memberOf(live, name), memberOf(desired, name));
  }

  private compareItems(pointer: string, live: readonly JsonValue[], desired: readonly JsonValue[]): void {
    const count = Math.max(live.length, desired.length);
    for (let at = 0; at < count && this.found.length < MAX_DIFFERENCES; at += 1) {
      this.compare(`${pointer}/${String(at)}`, live[at], desired[at]);
    }
  }

  private report(pointer: string, live: JsonValue | undefined, desired: JsonValue | undefined): void {
    this.found.push({
      pointer,
      ...(live === undefined ? {} : { live: this.shown(live) }),
      ...(desired === undefined ? {} : { desired: this.shown(desired) }),
    });
  }

  private shown(value: JsonValue): JsonValue {
    if (this.options.secret) return 'changed';
    const text = canonicalJson(value);
    return text.length <= MAX_VALUE_LENGTH ? value : `${text.slice(0, MAX_VALUE_LENGTH)}…`;
  }
}

function isEmpty(value: JsonValue | undefined): boolean {
  if (value === undefined || value === null) return true;
  return Array.isArray(value) ? value.length === 0 : isJsonObject(value) && Object.keys(value).length === 0;
}

function memberOf(object: JsonObject, name: string): JsonValue | undefined {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}
