// What a function of templates is, and how its implementation reads the arguments that the executor has checked.
import type { Budget } from './limits.js';
import { GoCallError, GoInt, isDict, itemsOf, newDict, typeName } from './values.js';
import type { GoDict, GoValue, ParamType } from './values.js';

/** The clock and the dice, where the caller of the library gave them. */
export interface GoTemplateEnvironment {
  /** The time that `now` gives, in milliseconds since 1970. */
  readonly nowMs: number;
  /** A number from 0 up to, but not including, 1. */
  readonly random: () => number;
}

/** What a function may use besides its arguments. */
export interface CallContext {
  readonly budget: Budget;
  readonly environment: GoTemplateEnvironment | undefined;
}

export interface GoFunction {
  readonly params: readonly ParamType[];
  /** The last parameter takes any number of arguments, none included. */
  readonly variadic: boolean;
  /** It changes a map that it is given, so the data must be copied before. */
  readonly mutates: boolean;
  readonly call: (args: readonly GoValue[], context: CallContext) => GoValue;
}

export type FunctionTable = Readonly<Record<string, GoFunction>>;

/** A function from its parameters in one text: `'int string'`; `...` after the last type makes it variadic; `''` is none. */
export function fn(params: string, call: GoFunction['call']): GoFunction {
  const types = params === '' ? [] : params.split(' ');
  const last = types.at(-1) ?? '';
  const variadic = last.endsWith('...');
  const names = variadic ? [...types.slice(0, -1), last.slice(0, -3)] : types;
  return { params: names as ParamType[], variadic, mutates: false, call };
}

/** The same function, marked as one that changes the map that it is given. */
export function mutating(made: GoFunction): GoFunction {
  return { ...made, mutates: true };
}

const TYPE_TEXT: Readonly<Record<ParamType, string>> = {
  any: 'interface {}',
  value: 'reflect.Value',
  string: 'string',
  int: 'int',
  bool: 'bool',
  float64: 'float64',
  map: 'map[string]interface {}',
  time: 'time.Time',
  version: '*semver.Version',
};

/** The parameter type as Go's errors print it. */
export function paramText(type: ParamType): string {
  return TYPE_TEXT[type];
}

/** Whether nil may be given for the type. */
export function takesNil(type: ParamType): boolean {
  return type === 'any' || type === 'value' || type === 'map' || type === 'version';
}

/** Whether a value, not nil, may be given for the type as it is. */
export function fits(value: GoValue, type: ParamType): boolean {
  if (type === 'any' || type === 'value') return true;
  return type === 'map' ? isDict(value) : typeName(value) === paramText(type);
}

export function asText(value: GoValue): string {
  if (typeof value === 'string') return value;
  throw new GoCallError(`a string is expected; got ${typeName(value)}`);
}

/** An int as a number. Beyond 2^53 it is not exact, which no caller needs: they count with it. */
export function asInt(value: GoValue): number {
  if (value instanceof GoInt) return Number(value.value);
  throw new GoCallError(`an int is expected; got ${typeName(value)}`);
}

/** A map; nil is an empty one. */
export function asDict(value: GoValue): GoDict {
  if (value === null || value === undefined) return newDict();
  if (isDict(value)) return value;
  throw new GoCallError(`a map is expected; got ${typeName(value)}`);
}

/** The items of a list; `otherwise` makes the message for anything else. */
export function asItems(value: GoValue, otherwise: () => string): readonly GoValue[] {
  const items = itemsOf(value);
  if (items !== undefined) return items;
  // Sprig asks nil for its type, and Go answers with a crash that becomes an error.
  if (value === null || value === undefined)
    throw new GoCallError('runtime error: invalid memory address or nil pointer dereference');
  throw new GoCallError(otherwise());
}
