// Sprig's functions on lists. Each has a form with `must`, which fails the same way here: in a template both end as an error.
import { asInt, asItems, fn, type CallContext, type FunctionTable, type GoFunction } from '../functions.js';
import { compareText, GoCallError, GoSlice, itemsOf, kindName, type GoValue } from '../values.js';
import { deepEqual } from './deep-equal.js';
import { isEmpty } from './empty.js';
import { toInt64 } from './numbers.js';
import { stringOf, stringsOf } from './strings.js';

/** The name, and the name with `must`. */
function both(name: string, made: GoFunction): FunctionTable {
  return { [name]: made, [`must${name.charAt(0).toUpperCase()}${name.slice(1)}`]: made };
}

export const LISTS: FunctionTable = {
  list: fn('any...', (args) => args),
  tuple: fn('any...', (args) => args),
  ...both(
    'append',
    fn('any any', ([list, value], context) => [...paid(list, 'Cannot push on type', context), value]),
  ),
  ...both(
    'push',
    fn('any any', ([list, value], context) => [...paid(list, 'Cannot push on type', context), value]),
  ),
  ...both(
    'prepend',
    fn('any any', ([list, value], context) => [value, ...paid(list, 'Cannot prepend on type', context)]),
  ),
  ...both(
    'first',
    fn('any', ([list]) => itemsFor(list, 'Cannot find first on type')[0] ?? null),
  ),
  ...both(
    'last',
    fn('any', ([list]) => itemsFor(list, 'Cannot find last on type').at(-1) ?? null),
  ),
  ...both(
    'rest',
    fn('any', ([list], context) => part(paid(list, 'Cannot find rest on type', context), 1)),
  ),
  ...both(
    'initial',
    fn('any', ([list], context) => part(paid(list, 'Cannot find initial on type', context), 0, -1)),
  ),
  ...both(
    'reverse',
    fn('any', ([list], context) => [...paid(list, 'Cannot find reverse on type', context)].reverse()),
  ),
  ...both(
    'compact',
    fn('any', ([list], context) => paid(list, 'Cannot compact on type', context).filter((item) => !isEmpty(item))),
  ),
  ...both(
    'uniq',
    fn('any', ([list], context) => uniq(paid(list, 'Cannot find uniq on type', context), context)),
  ),
  ...both(
    'without',
    fn('any any...', ([list, ...omit], context) =>
      paid(list, 'Cannot find without on type', context).filter((item) => !contains(omit, item, context)),
    ),
  ),
  ...both(
    'has',
    fn('any any', ([needle, list], context) =>
      list === null ? false : contains(itemsFor(list, 'Cannot find has on type'), needle, context),
    ),
  ),
  ...both(
    'slice',
    fn('any any...', ([list, ...bounds], context) => slice(list, bounds, context)),
  ),
  ...both(
    'chunk',
    fn('int any', ([size, list], context) => chunk(paid(list, 'Cannot chunk type', context), asInt(size))),
  ),
  concat: fn('any...', (lists, context) => concat(lists, context)),
  sortAlpha: fn('any', ([list], context) => new GoSlice(sortAlpha(list, context), '[]string')),
};

/** The items of a list, or Sprig's error with the kind of the value. */
function itemsFor(value: GoValue, complaint: string): readonly GoValue[] {
  return asItems(value, () => `${complaint} ${kindName(value)}`);
}

/** The items, paid for because a new list is made of them. */
function paid(value: GoValue, complaint: string, { budget }: CallContext): readonly GoValue[] {
  const items = itemsFor(value, complaint);
  budget.items(Math.ceil(items.length / 8));
  return items;
}

/** Part of a list; of an empty one a nil list. */
function part(items: readonly GoValue[], start: number, end?: number): GoValue {
  return items.length === 0 ? new GoSlice([], '[]interface {}', true) : items.slice(start, end);
}

function contains(items: readonly GoValue[], needle: GoValue, { budget }: CallContext): boolean {
  return items.some((item) => deepEqual(needle, item, budget));
}

function uniq(items: readonly GoValue[], context: CallContext): GoValue {
  const found: GoValue[] = [];
  for (const item of items) if (!contains(found, item, context)) found.push(item);
  return found;
}

function slice(list: GoValue, bounds: readonly GoValue[], context: CallContext): GoValue {
  const items = asItems(list, () => `list should be type of slice or array but ${kindName(list)}`);
  context.budget.items(Math.ceil(items.length / 8));
  if (items.length === 0) return null;
  const start = bounds.length > 0 ? Number(toInt64(bounds[0])) : 0;
  const end = bounds.length > 1 ? Number(toInt64(bounds[1])) : items.length;
  if (start < 0 || end > items.length || start > end)
    throw new GoCallError('reflect.Value.Slice: slice index out of bounds');
  const found = items.slice(start, end);
  return list instanceof GoSlice ? new GoSlice(found, list.type) : found;
}

function chunk(items: readonly GoValue[], size: number): GoValue {
  if (size <= 0)
    throw new GoCallError(
      size === 0 ? 'runtime error: integer divide by zero' : 'runtime error: makeslice: len out of range',
    );
  const chunks: GoValue[] = [];
  for (let start = 0; start < items.length; start += size) chunks.push(items.slice(start, start + size));
  return new GoSlice(chunks, '[][]interface {}');
}

function concat(lists: readonly GoValue[], { budget }: CallContext): GoValue {
  const all: GoValue[] = [];
  for (const list of lists) {
    const items = asItems(list, () => `Cannot concat type ${kindName(list)} as list`);
    budget.items(items.length);
    for (const item of items) all.push(item);
  }
  return all.length === 0 ? new GoSlice([], '[]interface {}', true) : all;
}

function sortAlpha(list: GoValue, context: CallContext): readonly string[] {
  const items = itemsOf(list);
  if (items === undefined) return [stringOf(list, context.budget)];
  context.budget.items(items.length);
  return [...stringsOf(list, context)].sort(compareText);
}
