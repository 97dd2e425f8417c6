// Two JSON values in, the places where they differ out.
import { isJsonObject, jsonEqual, type JsonObject, type JsonValue } from './json.js';
import { appendPointer } from './paths.js';

/** One place. A side without a value there lacks it. */
export interface JsonDifference {
  /** JSON pointer (RFC 6901); empty: the whole. */
  readonly pointer: string;
  readonly before?: JsonValue;
  readonly after?: JsonValue;
}

export interface JsonDiffOptions {
  /** More differences than this are not looked for. */
  readonly most: number;
  /** Two unequal values that count as equal all the same, whatever is below them. Asked at every place. */
  readonly isSame?: (place: JsonDifference) => boolean;
  /** Differences that are not reported. Asked only where two values differ as a whole. */
  readonly isIgnored?: (pointer: string) => boolean;
}

/** Walks both: maps by key, lists by index; everything else differs as a whole. In the order of keys and indices. */
export function diffJson(
  before: JsonValue | undefined,
  after: JsonValue | undefined,
  options: JsonDiffOptions,
): readonly JsonDifference[] {
  const walk = new Walk(options);
  walk.compare('', before, after);
  return walk.found;
}

class Walk {
  readonly found: JsonDifference[] = [];

  constructor(private readonly options: JsonDiffOptions) {}

  compare(pointer: string, before: JsonValue | undefined, after: JsonValue | undefined): void {
    if (this.isFull || jsonEqual(before, after)) return;
    const place = {
      pointer,
      ...(before === undefined ? {} : { before }),
      ...(after === undefined ? {} : { after }),
    };
    if (this.options.isSame?.(place) === true) return;
    if (isJsonObject(before) && isJsonObject(after)) this.compareMembers(pointer, before, after);
    else if (isList(before) && isList(after)) this.compareItems(pointer, before, after);
    else if (this.options.isIgnored?.(pointer) !== true) this.found.push(place);
  }

  private get isFull(): boolean {
    return this.found.length >= this.options.most;
  }

  private compareMembers(pointer: string, before: JsonObject, after: JsonObject): void {
    const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
    for (const name of names) this.compare(appendPointer(pointer, name), memberOf(before, name), memberOf(after, name));
  }

  private compareItems(pointer: string, before: readonly JsonValue[], after: readonly JsonValue[]): void {
    const count = Math.max(before.length, after.length);
    for (let at = 0; at < count && !this.isFull; at += 1)
      this.compare(`${pointer}/${String(at)}`, before[at], after[at]);
  }
}

function isList(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value);
}

function memberOf(object: JsonObject, name: string): JsonValue | undefined {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}
