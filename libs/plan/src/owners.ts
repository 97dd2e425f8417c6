// `metadata.managedFields` and a JSON pointer in, the field managers that own what it points at out (Kubernetes FieldsV1).
import {
  isJsonObject,
  jsonEqual,
  parsePointer,
  type JsonObject,
  type JsonValue,
  type KubeObject,
} from '@wheelwright/kernel';

/** Managers that own the field at a pointer of a live object, sorted, without those that only wrote a subresource. */
export function ownersOf(live: KubeObject, pointer: string): readonly string[] {
  const path = parsePointer(pointer);
  if (path === undefined) return [];
  const owners = new Set<string>();
  for (const entry of live.metadata.managedFields ?? []) {
    if (!isJsonObject(entry) || typeof entry['manager'] !== 'string' || !isJsonObject(entry['fieldsV1'])) continue;
    if (typeof entry['subresource'] === 'string' && entry['subresource'] !== '') continue;
    if (owns(entry['fieldsV1'], live, path)) owners.add(entry['manager']);
  }
  return [...owners].sort();
}

/** Walks the field set along the path. A set without members owns everything below it. */
function owns(fields: JsonObject, value: JsonValue, path: readonly string[]): boolean {
  const [segment, ...rest] = path;
  if (segment === undefined) return true;
  const members = Object.keys(fields).filter((name) => name !== '.');
  if (members.length === 0) return true;
  const step = stepInto(fields, value, segment);
  return step !== undefined && owns(step.fields, step.value, rest);
}

interface Step {
  readonly fields: JsonObject;
  readonly value: JsonValue;
}

function stepInto(fields: JsonObject, value: JsonValue, segment: string): Step | undefined {
  if (!Array.isArray(value)) {
    const below = own(fields, `f:${segment}`);
    return below === undefined
      ? undefined
      : { fields: below, value: isJsonObject(value) ? (memberOf(value, segment) ?? null) : null };
  }
  const item: JsonValue | undefined = (value as readonly JsonValue[])[Number(segment)];
  if (item === undefined) return undefined;
  for (const name of Object.keys(fields)) {
    if (!selects(name, item, segment)) continue;
    const below = own(fields, name);
    if (below !== undefined) return { fields: below, value: item };
  }
  return undefined;
}

/** Whether a member such as `k:{"name":"web"}`, `v:"a"` or `i:0` names a list's item. */
function selects(name: string, item: JsonValue, index: string): boolean {
  if (name === `i:${index}`) return true;
  const wanted = parse(name.slice(2));
  if (wanted === undefined) return false;
  if (name.startsWith('v:')) return jsonEqual(wanted, item);
  if (!name.startsWith('k:') || !isJsonObject(wanted) || !isJsonObject(item)) return false;
  return Object.entries(wanted).every(([key, value]) => jsonEqual(value, memberOf(item, key)));
}

function parse(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return undefined;
  }
}

function own(fields: JsonObject, name: string): JsonObject | undefined {
  const below = memberOf(fields, name);
  return isJsonObject(below) ? below : undefined;
}

function memberOf(object: JsonObject, name: string): JsonValue | undefined {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}
