// Sprig's functions on maps. `keys` and `values` have no order in Go; here they come sorted by key, so that equal inputs give equal texts.
import { deepCopy } from '../copy.js';
import { asDict, asText, fn, mutating, type CallContext, type FunctionTable } from '../functions.js';
import {
  entryOf,
  GoCallError,
  GoSlice,
  isDict,
  newDict,
  sortedKeys,
  typeName,
  type GoDict,
  type GoValue,
} from '../values.js';
import { mergeMaps } from './merge.js';
import { stringOf } from './strings.js';

export const DICTS: FunctionTable = {
  dict: fn('any...', (args, context) => dict(args, context)),
  get: fn('map string', ([map, key]) => entryOf(asDict(map), asText(key)) ?? (has(map, key) ? null : '')),
  set: mutating(fn('map string any', ([map, key, value]) => set(map, asText(key), value))),
  unset: mutating(fn('map string', ([map, key]) => unset(map, asText(key)))),
  hasKey: fn('map string', ([map, key]) => has(map, key)),
  pluck: fn('string map...', ([key, ...maps]) =>
    maps.filter((map) => has(map, key)).map((map) => entryOf(asDict(map), asText(key))),
  ),
  keys: fn('map...', (maps, { budget }) => {
    const found = maps.flatMap((map) => sortedKeys(asDict(map)));
    budget.items(found.length);
    return new GoSlice(found, '[]string');
  }),
  values: fn('map', ([map], { budget }) => {
    const from = asDict(map);
    const keys = sortedKeys(from);
    budget.items(keys.length);
    return keys.map((key) => from[key] ?? null);
  }),
  pick: fn('map string...', ([map, ...keys], context) => filter(map, context, (key) => keys.includes(key))),
  omit: fn('map string...', ([map, ...keys], context) => filter(map, context, (key) => !keys.includes(key))),
  merge: mutating(
    fn('map map...', ([map, ...sources], { budget }) => mergeMaps(map, sources, { overwrite: false, budget })),
  ),
  mustMerge: mutating(
    fn('map map...', ([map, ...sources], { budget }) => mergeMaps(map, sources, { overwrite: false, budget })),
  ),
  mergeOverwrite: mutating(
    fn('map map...', ([map, ...sources], { budget }) => mergeMaps(map, sources, { overwrite: true, budget })),
  ),
  mustMergeOverwrite: mutating(
    fn('map map...', ([map, ...sources], { budget }) => mergeMaps(map, sources, { overwrite: true, budget })),
  ),
  deepCopy: fn('any', ([value], { budget }) => deepCopy(value, budget)),
  mustDeepCopy: fn('any', ([value], { budget }) => deepCopy(value, budget)),
  dig: fn('any...', (args) => dig(args)),
};

function has(map: GoValue, key: GoValue): boolean {
  return entryOf(asDict(map), asText(key)) !== undefined;
}

function dict(args: readonly GoValue[], { budget }: CallContext): GoDict {
  budget.items(args.length);
  const made = newDict();
  for (let i = 0; i < args.length; i += 2)
    made[stringOf(args[i], budget)] = i + 1 < args.length ? (args[i + 1] ?? null) : '';
  return made;
}

/** The executor has copied the data of a template that changes maps, so none of the caller's objects is touched. */
function set(map: GoValue, key: string, value: GoValue): GoValue {
  if (!isDict(map)) throw new GoCallError('assignment to entry in nil map');
  map[key] = value ?? null;
  return map;
}

function unset(map: GoValue, key: string): GoValue {
  // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- the map has no prototype and is the template's own.
  if (isDict(map)) delete map[key];
  return map ?? newDict();
}

function filter(map: GoValue, { budget }: CallContext, keep: (key: string) => boolean): GoDict {
  const from = asDict(map);
  const made = newDict();
  const keys = Object.keys(from);
  budget.items(keys.length);
  for (const key of keys) if (from[key] !== undefined && keep(key)) made[key] = from[key];
  return made;
}

/** Walks down a map by keys: `dig "a" "b" default map`. A step that is no map is an error, a missing key the default. */
function dig(args: readonly GoValue[]): GoValue {
  if (args.length < 3) throw new GoCallError('dig needs at least three arguments');
  let value = args.at(-1);
  const keys = args.slice(0, -2);
  for (const key of keys)
    if (typeof key !== 'string')
      throw new GoCallError(`interface conversion: interface {} is ${conversion(key)}, not string`);
  for (const key of keys) {
    if (!isDict(value))
      throw new GoCallError(`interface conversion: interface {} is ${conversion(value)}, not map[string]interface {}`);
    const step = entryOf(value, asText(key));
    if (step === undefined) return args.at(-2);
    value = step;
  }
  return value;
}

function conversion(value: GoValue): string {
  return value === null || value === undefined ? 'nil' : typeName(value);
}
