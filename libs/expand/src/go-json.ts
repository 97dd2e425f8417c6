// JSON values as Argo CD's generators see them: flattened to dotted names, and merged the way Go's mergo does.
import { formatGoValue } from '@wheelwright/go-template';
import { isJsonObject, type JsonObject, type JsonValue } from '@wheelwright/kernel';
import { setOwn } from './render-tree.js';

/**
 * An object as one flat map: `a.b`, `list.0`. Maps and lists without members leave nothing behind. Values are printed as Go's `%v` prints them.
 */
export function flattenToTexts(object: JsonObject): Record<string, string> {
  const out: Record<string, string> = {};
  for (const [key, value] of Object.entries(object)) flattenInto(out, key, value);
  return out;
}

function flattenInto(out: Record<string, string>, key: string, value: JsonValue | undefined): void {
  if (value === undefined) return;
  if (typeof value !== 'object' || value === null) {
    setOwn(out, key, formatGoValue(value));
    return;
  }
  const members = isJsonObject(value) ? Object.entries(value) : value.entries();
  for (const [name, member] of members) flattenInto(out, `${key}.${String(name)}`, member);
}

/**
 * `over` merged over `base`: maps key by key and to any depth, everything else replaced. As in Go's mergo a zero value of `over` (`""`, 0, false,
 * null, an empty map or list) does not replace what `base` has.
 */
export function mergeOver(base: JsonObject, over: JsonObject): JsonObject {
  const out: Record<string, JsonValue | undefined> = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const own = Object.hasOwn(out, key) ? out[key] : undefined;
    if (isJsonObject(value) && isJsonObject(own)) setOwn(out, key, mergeOver(own, value));
    else if (own === undefined || !isZero(value)) setOwn(out, key, value);
  }
  return out;
}

/** Empty as Go sees it: absent, null, "", 0, false, and a list or map without members. */
export function isZero(value: JsonValue | undefined): boolean {
  if (value === undefined || value === null || value === '' || value === 0 || value === false) return true;
  return typeof value === 'object' && (Array.isArray(value) ? value.length === 0 : Object.keys(value).length === 0);
}
