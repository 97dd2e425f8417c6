// Paths into JSON values: JSON pointers and the simple part of jq's paths in, segments out; and values without what a path names, or with it as another value has it.
import { isJsonObject, type JsonObject, type JsonValue } from './json.js';

/** One step into a value: a key or index, or every element of a list. */
export type PathSegment = string | typeof EVERY_ITEM;
/** Stands for every element of a list. */
export const EVERY_ITEM: unique symbol = Symbol('every element');

/** Segments of a JSON pointer (RFC 6901); `undefined` where the text is not one. */
export function parsePointer(pointer: string): readonly string[] | undefined {
  if (pointer === '') return [];
  if (!pointer.startsWith('/')) return undefined;
  return pointer
    .slice(1)
    .split('/')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** A JSON pointer with one more segment. */
export function appendPointer(pointer: string, segment: string): string {
  return `${pointer}/${segment.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

const JQ_STEP = /\.?(?:([A-Za-z_][A-Za-z0-9_]*)|\["([^"\\]*)"\]|"([^"\\]*)"|\[(\d+)\]|\[(\s*)\])\??/y;

/**
 * Segments of a jq path that only steps down: `.spec.replicas`, `.data["a.b"]`, `.webhooks[].clientConfig.caBundle`, with or without `?`.
 * `undefined` for anything that would have to be evaluated (pipes, `select`, functions): no expression of a user runs on the hub.
 */
export function parseJqPath(expression: string): readonly PathSegment[] | undefined {
  const text = expression.trim();
  if (!text.startsWith('.') || text.length > 1_000) return undefined;
  const segments: PathSegment[] = [];
  let at = 0;
  while (at < text.length) {
    JQ_STEP.lastIndex = at;
    const step = JQ_STEP.exec(text);
    if (step === null || (at > 0 && step[1] !== undefined && text[at] !== '.')) return undefined;
    segments.push(step[5] === undefined ? (step[1] ?? step[2] ?? step[3] ?? step[4] ?? '') : EVERY_ITEM);
    at += step[0].length;
  }
  return segments.length === 0 ? undefined : segments;
}

/** The value without what the path names; a path that leads nowhere changes nothing. */
export function removePath(value: JsonValue, path: readonly PathSegment[]): JsonValue {
  const [segment, ...rest] = path;
  if (segment === undefined) return value;
  if (Array.isArray(value)) return removeFromList(value as readonly JsonValue[], segment, rest);
  if (!isJsonObject(value) || segment === EVERY_ITEM || !Object.hasOwn(value, segment)) return value;
  return rest.length === 0 ? withoutKey(value, segment) : withChanged(value, segment, rest);
}

function removeFromList(list: readonly JsonValue[], segment: PathSegment, rest: readonly PathSegment[]): JsonValue {
  const isHit = (index: number): boolean => segment === EVERY_ITEM || segment === String(index);
  return rest.length === 0
    ? list.filter((_item, index) => !isHit(index))
    : list.map((item, index) => (isHit(index) ? removePath(item, rest) : item));
}

function withoutKey(object: JsonObject, key: string): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([name]) => name !== key));
}

function withChanged(object: JsonObject, key: string, rest: readonly PathSegment[]): JsonObject {
  return Object.fromEntries(
    Object.entries(object).map(([name, member]) => [
      name,
      name === key && member !== undefined ? removePath(member, rest) : member,
    ]),
  );
}

/**
 * The value with what the path names as `other` has it: taken over where it is there, left out where it is not. Maps on the way are made
 * where `other` has them; elements of lists are matched by index, and a list is never made, made longer by more than its next element, nor walked
 * into where `other` has none: what is new in a list stays as the value says.
 */
export function takePath(
  value: JsonValue | undefined,
  other: JsonValue | undefined,
  path: readonly PathSegment[],
): JsonValue | undefined {
  const [segment, ...rest] = path;
  if (segment === undefined) return other;
  if (Array.isArray(value)) {
    const list = value as readonly JsonValue[];
    return Array.isArray(other) ? takeInList(list, other as readonly JsonValue[], { segment, rest }) : list;
  }
  if (segment === EVERY_ITEM || (value !== undefined && !isJsonObject(value))) return value;
  const from = isJsonObject(other) && Object.hasOwn(other, segment) ? other[segment] : undefined;
  const own = value !== undefined && Object.hasOwn(value, segment) ? value[segment] : undefined;
  const member = takePath(own, from, rest);
  if (member === undefined) return value === undefined ? undefined : withoutKey(value, segment);
  const others = Object.entries(value ?? {}).filter(([name]) => name !== segment);
  return Object.fromEntries([...others, [segment, member]]);
}

function takeInList(
  list: readonly JsonValue[],
  other: readonly JsonValue[],
  { segment, rest }: { readonly segment: PathSegment; readonly rest: readonly PathSegment[] },
): JsonValue {
  if (rest.length > 0) {
    return list.map((item, index) => {
      const isHit = index < other.length && (segment === EVERY_ITEM || segment === String(index));
      return isHit ? (takePath(item, other[index], rest) ?? item) : item;
    });
  }
  if (segment === EVERY_ITEM) return other;
  const index = /^\d+$/.test(segment) ? Number(segment) : -1;
  const from = other[index];
  if (from === undefined) return list.filter((_item, at) => at !== index);
  if (index > list.length) return list;
  return [...list.slice(0, index), from, ...list.slice(index + 1)];
}
