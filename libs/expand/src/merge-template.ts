// The template of a generator and the template of the set in, the one that is rendered out.
import type { ApplicationTemplate } from '@wheelwright/intent';
import { isJsonObject, type JsonObject, type JsonValue } from '@wheelwright/kernel';
import { setOwn } from './render-tree.js';

/** Fields of the generator's template win where they are not empty; maps are merged key by key, lists are not. */
export function mergeTemplate(own: ApplicationTemplate | undefined, general: ApplicationTemplate): ApplicationTemplate {
  return own === undefined ? general : mergeObjects(own, general);
}

function mergeObjects(own: JsonObject, general: JsonObject): JsonObject {
  const merged: Record<string, JsonValue | undefined> = { ...general };
  for (const [key, value] of Object.entries(own)) {
    const other = Object.hasOwn(merged, key) ? merged[key] : undefined;
    if (isJsonObject(value) && isJsonObject(other)) setOwn(merged, key, mergeObjects(value, other));
    else if (!isEmpty(value) || other === undefined) setOwn(merged, key, value);
  }
  return merged;
}

/** Empty as Go sees it: absent, null, "", 0, false, and a list or map without members. */
function isEmpty(value: JsonValue | undefined): boolean {
  if (value === undefined || value === null || value === '' || value === 0 || value === false) return true;
  return typeof value === 'object' && (Array.isArray(value) ? value.length === 0 : Object.keys(value).length === 0);
}
