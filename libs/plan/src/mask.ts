// A Secret's field and its two values in; what may be shown of them, equality among them, out.
import { canonicalJson, isJsonObject, type JsonValue } from '@wheelwright/kernel';

const FIRST = 8;
const MORE = 4;

/** Fields of a Secret that hold nothing secret. */
const PLAIN = /^\/(?:type|immutable|metadata\/labels(?:\/.*)?)$/;

/**
 * Masks for the values of one Secret: the first distinct value is `++++++++`, each further one is longer by four (as in Argo CD), so that it
 * can be seen which values are equal, and nothing else. Annotations are masked too: people copy values into them.
 */
export class Masks {
  private readonly lengths = new Map<string, number>();

  /** What may be shown of the value at a pointer: names of fields stay. */
  show(pointer: string, value: JsonValue): JsonValue {
    if (PLAIN.test(pointer)) return value;
    if (!isJsonObject(value)) return this.mask(value);
    const shown = Object.entries(value).map(([name, member]): [string, JsonValue] => [name, this.mask(member ?? null)]);
    return Object.fromEntries(shown);
  }

  private mask(value: JsonValue): string {
    const text = canonicalJson(value);
    const length = this.lengths.get(text) ?? FIRST + MORE * this.lengths.size;
    this.lengths.set(text, length);
    return '+'.repeat(length);
  }
}
