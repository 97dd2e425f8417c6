// Go's dynamic types, as far as templates meet them. JSON data is used as it is: a number is a float64, a list a []interface{}, an object a map[string]interface{}.
// `undefined` is no value at all (Go's invalid reflect.Value), `null` is a nil in an interface.

/** The integer types that templates meet: literals and `len` are int, Sprig's arithmetic int64, an indexed byte uint8, a part of a version uint64. */
export type IntKind = 'int' | 'int64' | 'int32' | 'uint8' | 'uint64';

/** Whatever has a Go type that JSON does not know. */
export abstract class GoObject {
  /** The type as `%T` prints it. */
  abstract readonly type: string;
  /** The kind as `kindOf` prints it. */
  abstract readonly kind: string;
}

/** An integer of a fixed type; the value is always inside the range of the type. */
export class GoInt extends GoObject {
  readonly value: bigint;
  readonly type: IntKind;
  readonly kind: IntKind;

  constructor(value: bigint, type: IntKind = 'int') {
    super();
    this.value = value;
    this.type = type;
    this.kind = type;
  }
}

export type SliceType = '[]string' | '[]int' | '[]interface {}' | '[][]interface {}' | '[]uint8';

/** A list with a type of its own, or a nil list (`absent`), which is empty and differs from an empty list in JSON only. */
export class GoSlice extends GoObject {
  readonly items: readonly GoValue[];
  readonly type: SliceType;
  readonly absent: boolean;
  readonly kind = 'slice';

  constructor(items: readonly GoValue[], type: SliceType, absent = false) {
    super();
    this.items = items;
    this.type = type;
    this.absent = absent;
  }
}

/** A map[string]string, such as `split` makes. */
export class GoTextMap extends GoObject {
  readonly entries: ReadonlyMap<string, string>;
  readonly type = 'map[string]string';
  readonly kind = 'map';

  constructor(entries: ReadonlyMap<string, string>) {
    super();
    this.entries = entries;
  }
}

/** An object with methods and a text of its own: a point in time, a version. */
export abstract class GoInstance extends GoObject {
  /** What `String()` gives. */
  abstract text(): string;
  /** The result of a method, or `undefined` where there is none of that name. Throws GoCallError for wrong arguments. */
  abstract method(name: string): GoMethod | undefined;
}

/** A method: the types of its parameters, and what it gives. */
export interface GoMethod {
  readonly params: readonly ParamType[];
  readonly call: (args: readonly GoValue[]) => GoValue;
}

/** The types that parameters of functions have. `value` takes anything and can tell no value from nil; `any` cannot. */
export type ParamType = 'any' | 'value' | 'string' | 'int' | 'bool' | 'float64' | 'map' | 'time' | 'version';

/** A map[string]interface{}: an object of the data, or one with no prototype that a function made. */
export interface GoDict {
  [key: string]: GoValue;
}

export type GoValue = undefined | null | string | boolean | number | GoObject | readonly GoValue[] | GoDict;

/** A failure inside a function; where it was called is added by the executor. */
export class GoCallError extends Error {
  override readonly name = 'GoCallError';
}

export function int(value: number | bigint, type: IntKind = 'int'): GoInt {
  return new GoInt(typeof value === 'bigint' ? value : BigInt(value), type);
}

export function int64(value: bigint): GoInt {
  return new GoInt(BigInt.asIntN(64, value), 'int64');
}

export function isList(value: GoValue): value is readonly GoValue[] {
  return Array.isArray(value);
}

export function isDict(value: GoValue): value is GoDict {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof GoObject);
}

/** The items of anything that Go calls a slice, or `undefined`. */
export function itemsOf(value: GoValue): readonly GoValue[] | undefined {
  if (isList(value)) return value;
  return value instanceof GoSlice ? value.items : undefined;
}

/** An empty map. It has no prototype, so that `__proto__` is a key like any other. */
export function newDict(): GoDict {
  return Object.create(null) as GoDict;
}

/** The keys of a map in the order in which Go prints them: by their bytes. */
export function sortedKeys(dict: GoDict): string[] {
  return Object.keys(dict)
    .filter((key) => dict[key] !== undefined)
    .sort(compareText);
}

/** The entry of a map, or `undefined`. */
export function entryOf(dict: GoDict, key: string): GoValue {
  return Object.hasOwn(dict, key) ? dict[key] : undefined;
}

/** Orders texts as Go does, by their UTF-8 bytes, which is by code points. */
export function compareText(a: string, b: string): number {
  const end = Math.min(a.length, b.length);
  for (let i = 0; i < end; i += 1) {
    const left = a.charCodeAt(i);
    const right = b.charCodeAt(i);
    if (left === right) continue;
    // A surrogate stands for a code point above all that fit one unit.
    const leftHigh = left >= 0xd800 && left <= 0xdfff;
    const rightHigh = right >= 0xd800 && right <= 0xdfff;
    return leftHigh === rightHigh ? left - right : leftHigh ? 1 : -1;
  }
  return a.length - b.length;
}

/** The type of a value as `%T` prints it; for no value and nil `<nil>`. */
export function typeName(value: GoValue): string {
  if (value === undefined || value === null) return '<nil>';
  if (value instanceof GoObject) return value.type;
  if (typeof value === 'string') return 'string';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'number') return 'float64';
  return isList(value) ? '[]interface {}' : 'map[string]interface {}';
}

/** The kind of a value as `kindOf` prints it. */
export function kindName(value: GoValue): string {
  if (value === undefined || value === null) return 'invalid';
  if (value instanceof GoObject) return value.kind;
  if (typeof value === 'object') return isList(value) ? 'slice' : 'map';
  return typeName(value);
}

/** Go's truth: not the zero value of the type, and not empty. */
export function isTrue(value: GoValue): boolean {
  if (value === undefined || value === null) return false;
  if (typeof value === 'boolean') return value;
  if (typeof value === 'string') return value !== '';
  if (typeof value === 'number') return value !== 0;
  if (value instanceof GoInt) return value.value !== 0n;
  return !(value instanceof GoInstance) && lengthOf(value) === 0 ? false : true;
}

/** The number of items of a list or entries of a map; -1 for anything else. */
export function lengthOf(value: GoValue): number {
  const items = itemsOf(value);
  if (items !== undefined) return items.length;
  if (value instanceof GoTextMap) return value.entries.size;
  if (!isDict(value)) return -1;
  let count = 0;
  for (const key of Object.keys(value)) if (value[key] !== undefined) count += 1;
  return count;
}
