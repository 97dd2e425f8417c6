// Paths into JSON values: JSON pointers and the simple part of jq's paths in, segments out; and values without what a path names.
import { isJsonObject, type JsonObject, type JsonValue } from '@wheelwright/kernel';

/** One step into a value: a key or index, or every element of a list. */
export type Segment = string | typeof EVERY;
export const EVERY: unique symbol = Symbol('every element');

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
export function parseJqPath(expression: string): readonly Segment[] | undefined {
  const text = expression.trim();
  if (!text.startsWith('.') || text.length > 1_000) return undefined;
  const segments: Segment[] = [];
  let at = 0;
  while (at < text.length) {
    JQ_STEP.lastIndex = at;
    const step = JQ_STEP.exec(text);
    if (step === null || (at > 0 && step[1] !== undefined && text[at] !== '.')) return undefined;
    segments.push(step[5] === undefined ? (step[1] ?? step[2] ?? step[3] ?? step[4] ?? '') : EVERY);
    at += step[0].length;
  }
  return segments.length === 0 ? undefined : segments;
}

/** The value without what the path names; a path that leads nowhere changes nothing. */
export function removePath(value: JsonValue, path: readonly Segment[]): JsonValue {
  const [segment, ...rest] = path;
  if (segment === undefined) return value;
  if (Array.isArray(value)) return removeFromList(value as readonly JsonValue[], segment, rest);
  if (!isJsonObject(value) || segment === EVERY || !Object.hasOwn(value, segment)) return value;
  return rest.length === 0 ? withoutKey(value, segment) : withChanged(value, segment, rest);
}

function removeFromList(list: readonly JsonValue[], segment: Segment, rest: readonly Segment[]): JsonValue {
  const isHit = (index: number): boolean => segment === EVERY || segment === String(index);
  return rest.length === 0
    ? list.filter((_item, index) => !isHit(index))
    : list.map((item, index) => (isHit(index) ? removePath(item, rest) : item));
}

function withoutKey(object: JsonObject, key: string): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([name]) => name !== key));
}

function withChanged(object: JsonObject, key: string, rest: readonly Segment[]): JsonObject {
  return Object.fromEntries(
    Object.entries(object).map(([name, member]) => [
      name,
      name === key && member !== undefined ? removePath(member, rest) : member,
    ]),
  );
}
