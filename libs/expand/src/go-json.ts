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
 * `over` merged over `base`: maps key by key and to any depth, everything else replaced, by empty values too. That is what Go's mergo does to maps
 * with its option to override (seen in 0.3.16, 1.0.1 and 1.0.2).
 */
export function mergeOver(base: JsonObject, over: JsonObject): JsonObject {
  const out: Record<string, JsonValue | undefined> = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const own = Object.hasOwn(out, key) ? out[key] : undefined;
    if (value === undefined) continue;
    setOwn(out, key, isJsonObject(value) && isJsonObject(own) ? mergeOver(own, value) : value);
  }
  return out;
}
