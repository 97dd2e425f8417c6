// `metadata.managedFields` and a JSON pointer in, the field managers that own what it points at out (Kubernetes FieldsV1).
import {
  isJsonObject,
  jsonEqual,
  parsePointer,
  type JsonObject,
  type JsonValue,
  type KubeObject,
} from '@wheelwright/kernel';

/**
 * Managers that own the field at a pointer of an object, sorted, without those that only wrote a subresource. `content`: the object without
 * some of its fields, where the pointer is one into that.
 */
export function ownersOf(object: KubeObject, pointer: string, content: JsonValue = object): readonly string[] {
  const path = parsePointer(pointer);
  if (path === undefined) return [];
  const owners = new Set<string>();
  for (const { manager, fields } of entriesOf(object)) {
    if (owns(fields, content, path)) owners.add(manager);
  }
  return [...owners].sort();
}

/** Whether an object says of a manager which fields it owns. */
export function isManagedBy(object: KubeObject, manager: string): boolean {
  return entriesOf(object).some((entry) => entry.manager === manager);
}

function entriesOf({ metadata }: KubeObject): readonly { readonly manager: string; readonly fields: JsonObject }[] {
  return (metadata.managedFields ?? []).flatMap((entry) => {
    if (!isJsonObject(entry) || typeof entry['manager'] !== 'string' || !isJsonObject(entry['fieldsV1'])) return [];
    const isOfSubresource = typeof entry['subresource'] === 'string' && entry['subresource'] !== '';
    return isOfSubresource ? [] : [{ manager: entry['manager'], fields: entry['fieldsV1'] }];
  });
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
