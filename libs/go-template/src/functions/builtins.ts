// The functions of Go's text/template itself, except `and` and `or`, whose arguments the evaluator takes one by one.
import { fn, type FunctionTable } from '../functions.js';
import { NO_FLAGS } from '../format-scalar.js';
import { formatAny, formatSprint, formatVerb } from '../format-value.js';
import type { Budget } from '../limits.js';
import { isPrint } from '../quote.js';
import { sprintf } from '../printf.js';
import { encodeUtf8 } from '../utf8.js';
import { asText, type CallContext } from '../functions.js';
import {
  compareText,
  entryOf,
  GoCallError,
  GoInstance,
  GoInt,
  GoSlice,
  GoTextMap,
  int,
  isDict,
  isTrue,
  itemsOf,
  kindName,
  lengthOf,
  typeName,
  type GoValue,
} from '../values.js';

export const BUILTINS: FunctionTable = {
  and: fn('value value...', ([first]) => first),
  or: fn('value value...', ([first]) => first),
  not: fn('value', ([value]) => !isTrue(value)),
  call: fn('value value...', ([callee]) => callOf(callee)),
  len: fn('value', ([value]) => int(goLength(value))),
  index: fn('value value...', ([item, ...indexes]) => indexOf(item, indexes)),
  html: fn('any...', (args, context) => escapeHtml(joined(args, context))),
  js: fn('any...', (args, context) => escapeJs(joined(args, context))),
  urlquery: fn('any...', (args, context) => escapeQuery(joined(args, context))),
  print: fn('any...', (args, { budget }) => formatSprint(args, budget)),
  println: fn('any...', (args, { budget }) => `${args.map((arg) => formatAny(arg, budget)).join(' ')}\n`),
  printf: fn('string any...', ([format, ...args], { budget }) => sprintf(asText(format), args, budget)),
  eq: fn('value value...', ([first, ...rest], { budget }) => equalsAny(first, rest, budget)),
  ne: fn('value value', ([a, b], { budget }) => !equalsAny(a, [b], budget)),
  lt: fn('value value', ([a, b]) => isLess(a, b)),
  le: fn('value value', ([a, b], { budget }) => isLess(a, b) || equalsAny(a, [b], budget)),
  gt: fn('value value', ([a, b], { budget }) => !(isLess(a, b) || equalsAny(a, [b], budget))),
  ge: fn('value value', ([a, b]) => !isLess(a, b)),
};

function callOf(callee: GoValue): never {
  throw new GoCallError(isNil(callee) ? 'call of nil' : `non-function of type ${typeName(callee)}`);
}

function goLength(value: GoValue): number {
  if (typeof value === 'string') return encodeUtf8(value).length;
  if (value === undefined) throw new GoCallError('reflect: call of reflect.Value.Type on zero Value');
  if (value === null) throw new GoCallError('len of nil pointer');
  const length = lengthOf(value);
  if (length < 0) throw new GoCallError(`len of type ${typeName(value)}`);
  return length;
}

function indexOf(start: GoValue, indexes: readonly GoValue[]): GoValue {
  let item = start;
  if (isNil(item)) throw new GoCallError('index of untyped nil');
  for (const index of indexes) {
    if (isNil(item)) throw new GoCallError('index of nil pointer');
    item = indexOnce(item, index);
  }
  return item;
}

function indexOnce(item: GoValue, index: GoValue): GoValue {
  const items = typeof item === 'string' ? [...encodeUtf8(item)].map((byte) => int(byte, 'uint8')) : itemsOf(item);
  if (items !== undefined) return items[position(index, items.length, typeof item === 'string' ? 'string' : 'slice')];
  if (!isDict(item) && !(item instanceof GoTextMap))
    throw new GoCallError(`can't index item of type ${typeName(item)}`);
  if (isNil(index)) throw new GoCallError('value is nil; should be of type string');
  if (typeof index !== 'string') throw new GoCallError(`value has type ${typeName(index)}; should be string`);
  return isDict(item) ? (entryOf(item, index) ?? null) : (item.entries.get(index) ?? '');
}

function position(index: GoValue, length: number, kind: 'string' | 'slice'): number {
  if (isNil(index)) throw new GoCallError('cannot index slice/array with nil');
  if (!(index instanceof GoInt)) throw new GoCallError(`cannot index slice/array with type ${typeName(index)}`);
  const at = Number(index.value);
  // Go checks against the length first, and the list itself crashes at its end.
  if (at === length) throw new GoCallError(`reflect: ${kind} index out of range`);
  if (at < 0 || at > length) throw new GoCallError(`index out of range: ${index.value}`);
  return at;
}

function isNil(value: GoValue): boolean {
  return value === undefined || value === null;
}

/** The kinds that Go compares: signed and unsigned integers with each other, otherwise only like with like. */
function basicKind(value: GoValue): 'bool' | 'int' | 'float' | 'string' | 'other' {
  if (value instanceof GoInt) return 'int';
  switch (typeof value) {
    case 'boolean':
      return 'bool';
    case 'number':
      return 'float';
    case 'string':
      return 'string';
    default:
      return 'other';
  }
}

function equalsAny(first: GoValue, rest: readonly GoValue[], budget: Budget): boolean {
  if (rest.length === 0) throw new GoCallError('missing argument for comparison');
  return rest.some((value) => equals(first, value, budget));
}

function equals(a: GoValue, b: GoValue, budget: Budget): boolean {
  const kind = basicKind(a);
  if (kind !== basicKind(b)) {
    if (isNil(a) || isNil(b)) return false;
    throw new GoCallError(`incompatible types for comparison: ${typeName(a)} and ${typeName(b)}`);
  }
  if (a instanceof GoInt && b instanceof GoInt) return a.value === b.value;
  if (kind !== 'other') return a === b;
  const nilA = isNil(a) || (a instanceof GoSlice && a.absent);
  const nilB = isNil(b) || (b instanceof GoSlice && b.absent);
  if (!isNil(a) && !isNil(b) && kindName(a) !== kindName(b)) {
    throw new GoCallError(
      `non-comparable types ${formatVerb(a, { verb: 's', flags: NO_FLAGS, budget })}: ${typeName(a)}, ${typeName(b)}: ${formatAny(b, budget)}`,
    );
  }
  if (nilA || nilB) return nilA === nilB;
  if (isDict(b) || itemsOf(b) !== undefined || b instanceof GoTextMap) {
    throw new GoCallError(
      `non-comparable type ${formatVerb(b, { verb: 's', flags: NO_FLAGS, budget })}: ${typeName(b)}`,
    );
  }
  return (
    a === b || (a instanceof GoInstance && b instanceof GoInstance && a.kind === 'struct' && a.text() === b.text())
  );
}

function isLess(a: GoValue, b: GoValue): boolean {
  const kind = basicKind(a);
  const other = basicKind(b);
  if (kind === 'other' || other === 'other') throw new GoCallError('invalid type for comparison');
  if (kind !== other) throw new GoCallError(`incompatible types for comparison: ${typeName(a)} and ${typeName(b)}`);
  if (a instanceof GoInt && b instanceof GoInt) return a.value < b.value;
  if (typeof a === 'number' && typeof b === 'number') return a < b;
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b) < 0;
  throw new GoCallError('invalid type for comparison');
}

/** The text that escaping starts from: one string as it is, anything else as `print` joins it. */
function joined(args: readonly GoValue[], { budget }: CallContext): string {
  const shown = args.map((arg) => (isNil(arg) ? '<no value>' : arg));
  const text = formatSprint(shown, budget);
  budget.text(text.length * 6);
  return text;
}

const HTML: ReadonlyMap<string, string> = new Map([
  ['\0', '\uFFFD'],
  ['"', '&#34;'],
  ["'", '&#39;'],
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
]);

function escapeHtml(text: string): string {
  return text.replace(/[\0"'&<>]/g, (char) => HTML.get(char) ?? char);
}

const JS: ReadonlyMap<string, string> = new Map([
  ['\\', '\\\\'],
  ["'", "\\'"],
  ['"', '\\"'],
  ['<', '\\u003C'],
  ['>', '\\u003E'],
  ['&', '\\u0026'],
  ['=', '\\u003D'],
]);

function escapeJs(text: string): string {
  let out = '';
  for (const char of text) {
    const point = char.codePointAt(0) ?? 0;
    const plainChar = point >= 0x20 && (point < 0x80 || isPrint(char));
    out += JS.get(char) ?? (plainChar ? char : `\\u${point.toString(16).toUpperCase().padStart(4, '0')}`);
  }
  return out;
}

/** Percent-encoding as `url.QueryEscape` does it: a space is `+`. */
export function escapeQuery(text: string): string {
  let out = '';
  for (const byte of encodeUtf8(text)) {
    const char = String.fromCharCode(byte);
    if (/[A-Za-z0-9_.~-]/.test(char)) out += char;
    else out += byte === 0x20 ? '+' : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return out;
}
