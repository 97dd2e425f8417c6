// Bytes of an answer in, its JSON value or what is wrong with it out.
import type { JsonValue } from '@wheelwright/kernel';

export type Parsed = { readonly value: JsonValue } | { readonly fault: string };

/** Parses an answer. A member named `__proto__` is a fault: no host has one, and a later merge could take it for a prototype. */
export function parseAnswer(bytes: Uint8Array): Parsed {
  let value: JsonValue;
  try {
    value = JSON.parse(Buffer.from(bytes).toString('utf8')) as JsonValue;
  } catch {
    // The message of the parser quotes the text.
    return { fault: 'it is not JSON' };
  }
  return holdsProto(value) ? { fault: 'it has a member named __proto__' } : { value };
}

/** Walks with a stack of its own: answers choose how deep they are. */
function holdsProto(root: JsonValue): boolean {
  const open: (JsonValue | undefined)[] = [root];
  while (open.length > 0) {
    const value = open.pop();
    if (typeof value !== 'object' || value === null) continue;
    if (Object.hasOwn(value, '__proto__')) return true;
    for (const member of Object.values(value)) open.push(member);
  }
  return false;
}
