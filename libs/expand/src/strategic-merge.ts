// An Application and a patch in, the Application patched out: Kubernetes' strategic merge patch, typed on Application.
import { canonicalJson, isJsonObject, type JsonObject, type JsonValue } from '@wheelwright/kernel';
import { failedAt } from './params.js';
import { setOwn } from './render-tree.js';

const PATCH = '$patch';
const RETAIN_KEYS = '$retainKeys';
const DELETE_FROM = '$deleteFromPrimitiveList/';
const ELEMENT_ORDER = '$setElementOrder/';

/** The only list of an Application that is merged, as a set of texts; all others have no merge key, and are replaced. */
const MERGED_LISTS = new Set(['/metadata/finalizers']);

interface Place {
  /** Of the set, for messages. */
  readonly pointer: string;
  /** Inside of the Application. */
  readonly path: string;
}

/**
 * Merges `patch` over `original`: maps key by key, null deletes, lists are replaced (finalizers: joined). Directives: `$patch: replace` takes the
 * map as it is, `$patch: delete` empties it, `$patch: merge` is the default; `$retainKeys` deletes what it does not name;
 * `$deleteFromPrimitiveList/finalizers` takes texts out. Throws ExpandFailed at `pointer` where a directive makes no sense.
 */
export function strategicMerge(original: JsonObject, patch: JsonObject, pointer: string): JsonObject {
  return mergeMaps(original, patch, { pointer, path: '' });
}

function mergeMaps(original: JsonObject, patch: JsonObject, place: Place): JsonObject {
  const directive = patch[PATCH];
  if (directive === 'delete') return {};
  if (directive === 'replace') return dropDirectives(patch);
  if (directive !== undefined && directive !== 'merge')
    throw unclear(place, `Unknown patch type: ${canonicalJson(directive)}`);
  const out: Record<string, JsonValue | undefined> = { ...retain(original, patch, place) };
  for (const [key, value] of Object.entries(patch)) {
    if (value === undefined || key === PATCH || key === RETAIN_KEYS || key.startsWith(ELEMENT_ORDER)) continue;
    if (key.startsWith(DELETE_FROM)) {
      const name = key.slice(DELETE_FROM.length);
      const list = Object.hasOwn(out, name) ? out[name] : undefined;
      setOwn(out, name, without(list, value, { ...place, path: `${place.path}/${key}` }));
      continue;
    }
    const own = Object.hasOwn(out, key) ? out[key] : undefined;
    if (value === null) setOwn(out, key, undefined);
    else setOwn(out, key, mergeValues(own, value, { ...place, path: `${place.path}/${key}` }));
  }
  return Object.fromEntries(Object.entries(out).filter(([, value]) => value !== undefined));
}

function mergeValues(own: JsonValue | undefined, value: JsonValue, place: Place): JsonValue {
  if (isJsonObject(value)) return isJsonObject(own) ? mergeMaps(own, value, place) : dropDirectives(value);
  if (isList(value) && isList(own) && MERGED_LISTS.has(place.path)) {
    return joinLists(own, value);
  }
  return value;
}

/**
 * Both lists as one set. What only the original has stays in front of those of the patch that follow it in the original; otherwise the patch
 * comes first. That is the order that Kubernetes gives them.
 */
function joinLists(own: readonly JsonValue[], patch: readonly JsonValue[]): readonly JsonValue[] {
  const patched = [...new Set(patch)];
  const kept = [...new Set(own)].filter((item) => !patched.includes(item));
  const out: JsonValue[] = [];
  for (const item of patched) {
    const at = own.indexOf(item);
    while (at >= 0 && kept[0] !== undefined && own.indexOf(kept[0]) < at) out.push(...kept.splice(0, 1));
    out.push(item);
  }
  return [...out, ...kept];
}

/** What `$retainKeys` leaves of the original. */
function retain(original: JsonObject, patch: JsonObject, place: Place): JsonObject {
  const keys = patch[RETAIN_KEYS];
  if (keys === undefined) return original;
  if (!isList(keys)) throw unclear(place, `${RETAIN_KEYS} must be a list of keys`);
  const kept = new Set(keys);
  const missing = Object.keys(patch).find((key) => !key.startsWith('$') && patch[key] !== null && !kept.has(key));
  if (missing !== undefined)
    throw unclear(place, `${RETAIN_KEYS} must name every key of the patch beside it: add ${missing}`);
  return Object.fromEntries(Object.entries(original).filter(([key]) => kept.has(key)));
}

function without(own: JsonValue | undefined, removed: JsonValue, place: Place): JsonValue | undefined {
  if (!isList(removed)) throw unclear(place, 'it must be a list of what goes');
  if (!isList(own)) return own;
  const gone = new Set(removed.map((item) => canonicalJson(item)));
  return own.filter((item) => !gone.has(canonicalJson(item)));
}

/** Directives and nulls mean nothing where there is nothing to merge with. */
function dropDirectives(object: JsonObject): JsonObject {
  const out: Record<string, JsonValue> = {};
  for (const [key, value] of Object.entries(object)) {
    if (value === undefined || value === null || key.startsWith('$')) continue;
    setOwn(out, key, isJsonObject(value) ? dropDirectives(value) : value);
  }
  return out;
}

function unclear({ pointer, path }: Place, message: string): Error {
  return failedAt(pointer, `${path === '' ? 'the patch' : path}: ${message}`);
}

function isList(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value);
}
