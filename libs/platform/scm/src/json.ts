// Bytes of an answer in, its JSON value or what is wrong with it out.
import type { JsonValue } from '@wheelwright/kernel';

export type Parsed = { readonly value: JsonValue } | { readonly fault: string };

/** A page of the largest lists has some ten thousand; millions of tiny values would cost far more than their bytes. */
const MAX_VALUES = 500_000;

/** Parses an answer. A member named `__proto__` is a fault: no host has one, and a later merge could take it for a prototype. */
export function parseAnswer(bytes: Uint8Array): Parsed {
  let value: JsonValue;
  try {
    value = JSON.parse(Buffer.from(bytes).toString('utf8')) as JsonValue;
  } catch {
    // The message of the parser quotes the text.
    return { fault: 'it is not JSON' };
  }
  const fault = faultIn(value);
  return fault === undefined ? { value } : { fault };
}

/** Walks with a stack of its own: answers choose how deep they are. */
function faultIn(root: JsonValue): string | undefined {
  const open: (JsonValue | undefined)[] = [root];
  for (let seen = 0; open.length > 0; seen += 1) {
    if (seen + open.length > MAX_VALUES) return `it holds more than ${MAX_VALUES} values`;
    const value = open.pop();
    if (typeof value !== 'object' || value === null) continue;
    if (Object.hasOwn(value, '__proto__')) return 'it has a member named __proto__';
    for (const member of Object.values(value)) open.push(member);
  }
  return undefined;
}
