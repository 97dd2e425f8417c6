// A template in, its texts and keys out, each with the places where it stands.
import { isJsonObject, type JsonValue } from '@wheelwright/kernel';
import { pointerKey } from './params.js';

/** Texts that hold a tag, and the JSON pointers of each. */
export type TextPlaces = ReadonlyMap<string, readonly string[]>;

const MAX_POINTERS = 5;

/** Collects the texts and keys of a value that hold `{{`. */
export function collectTexts(
  value: JsonValue | undefined,
  pointer: string,
  found = new Map<string, string[]>(),
): Map<string, string[]> {
  if (typeof value === 'string') add(value, pointer, found);
  else if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) collectTexts(item as JsonValue, `${pointer}/${String(index)}`, found);
  } else if (isJsonObject(value)) {
    for (const [key, member] of Object.entries(value)) {
      const at = `${pointer}/${pointerKey(key)}`;
      add(key, at, found);
      collectTexts(member, at, found);
    }
  }
  return found;
}

function add(text: string, pointer: string, found: Map<string, string[]>): void {
  if (!text.includes('{{')) return;
  const known = found.get(text);
  if (known === undefined) found.set(text, [pointer]);
  else known.push(pointer);
}

/** The other places of a message that points to the first. */
export function alsoAt(pointers: readonly string[]): string {
  const others = [...new Set(pointers)].slice(1, MAX_POINTERS + 1);
  return others.length === 0 ? '' : ` (also at ${others.join(', ')})`;
}
