// JSON values as the simulator edits them: mutable while a request is handled, never touched again once stored.

export type Json = null | boolean | number | string | Json[] | JsonMap;

export interface JsonMap {
  [key: string]: Json | undefined;
}

/** A Kubernetes object as the simulator keeps it. */
export interface SimObject extends JsonMap {
  apiVersion: string;
  kind: string;
  metadata: SimMeta;
}

/** `metadata` as far as the simulator reads it. */
export interface SimMeta extends JsonMap {
  name?: string;
  generateName?: string;
  namespace?: string;
  uid?: string;
  resourceVersion?: string;
  generation?: number;
  creationTimestamp?: string;
  deletionTimestamp?: string;
  deletionGracePeriodSeconds?: number;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  finalizers?: string[];
  managedFields?: Json[];
}

/** Narrows to a JSON object (neither null nor a list). */
export function isMap(value: unknown): value is JsonMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The JSON object at a key, or an empty one that is not attached. */
export function mapAt(map: JsonMap | undefined, key: string): JsonMap {
  const value = map?.[key];
  return isMap(value) ? value : {};
}

/** The JSON object at a key, created where it is missing. */
export function ensureMap(map: JsonMap, key: string): JsonMap {
  const value = map[key];
  if (isMap(value)) return value;
  const made: JsonMap = {};
  map[key] = made;
  return made;
}

/** The JSON objects of the list at a key; other items are left out. */
export function mapsAt(map: JsonMap, key: string): JsonMap[] {
  const value = map[key];
  return Array.isArray(value) ? value.filter((item) => isMap(item)) : [];
}

/** The text at a key, or the empty text. */
export function textAt(map: JsonMap, key: string): string {
  const value = map[key];
  return typeof value === 'string' ? value : '';
}

/** Removes a key from a map. */
export function removeKey(map: JsonMap, key: string): void {
  Reflect.deleteProperty(map, key);
}

/** A deep copy. Keys that hold `undefined` are left out. */
export function clone<T extends Json>(value: T): T;
export function clone(value: Json): Json {
  if (Array.isArray(value)) return value.map((item) => clone(item));
  if (!isMap(value)) return value;
  const copy: JsonMap = {};
  for (const key of Object.keys(value)) {
    const member = value[key];
    if (member !== undefined) copy[key] = clone(member);
  }
  return copy;
}

/** Whether two values are the same value; key order does not matter, and an absent key equals an undefined one. */
export function equal(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true;
  if (Array.isArray(a)) return Array.isArray(b) && a.length === b.length && a.every((item, at) => equal(item, b[at]));
  if (!isMap(a) || !isMap(b)) return false;
  for (const key of Object.keys(a)) if (!equal(a[key], b[key])) return false;
  for (const key of Object.keys(b)) if (b[key] !== undefined && a[key] === undefined) return false;
  return true;
}
