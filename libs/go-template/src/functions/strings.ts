// Sprig's functions on texts. Lengths and places count bytes, as in Go.
import { asInt, asText, fn, type CallContext, type FunctionTable } from '../functions.js';
import { formatAny } from '../format-value.js';
import { lowerText, upperText } from '../letter-case.js';
import { quoteGo } from '../quote.js';
import { byteLength, byteSlice, runes } from '../utf8.js';
import { GoCallError, GoInstance, GoSlice, GoTextMap, itemsOf, type GoValue } from '../values.js';
import { initials, swapCase, titleCase, trimSpace, untitle } from './letters.js';
import { caseWords, pascalCase } from './words.js';
import { wrapText } from './wrap.js';

export const STRINGS: FunctionTable = {
  hello: fn('', () => 'Hello!'),
  upper: fn('string', ([text]) => upperText(asText(text))),
  lower: fn('string', ([text]) => lowerText(asText(text))),
  title: fn('string', ([text]) => titleCase(asText(text))),
  untitle: fn('string', ([text]) => untitle(asText(text))),
  swapcase: fn('string', ([text]) => swapCase(asText(text))),
  trim: fn('string', ([text]) => trimSpace(asText(text))),
  trimAll: fn('string string', ([chars, text]) => trimChars(asText(text), asText(chars))),
  trimall: fn('string string', ([chars, text]) => trimChars(asText(text), asText(chars))),
  trimPrefix: fn('string string', ([prefix, text]) => trimPrefix(asText(text), asText(prefix))),
  trimSuffix: fn('string string', ([suffix, text]) => trimSuffix(asText(text), asText(suffix))),
  nospace: fn('string', ([text]) => asText(text).replace(/[\t-\r \u0085\u00a0]/g, '')),
  initials: fn('string', ([text]) => initials(asText(text))),
  trunc: fn('int string', ([count, text]) => truncate(asText(text), asInt(count))),
  substr: fn('int int string', ([start, end, text]) => substring(asText(text), asInt(start), asInt(end))),
  abbrev: fn('int string', ([width, text]) =>
    asInt(width) < 4 ? asText(text) : abbreviate(asText(text), 0, asInt(width)),
  ),
  abbrevboth: fn('int int string', ([left, right, text]) => abbreviateBoth(asText(text), asInt(left), asInt(right))),
  repeat: fn('int string', ([count, text], context) => repeat(asText(text), asInt(count), context)),
  replace: fn('string string string', ([from, to, text], context) =>
    replaceAll(asText(text), { from: asText(from), to: asText(to) }, context),
  ),
  contains: fn('string string', ([part, text]) => asText(text).includes(asText(part))),
  hasPrefix: fn('string string', ([prefix, text]) => asText(text).startsWith(asText(prefix))),
  hasSuffix: fn('string string', ([suffix, text]) => asText(text).endsWith(asText(suffix))),
  quote: fn('any...', (args, { budget }) =>
    present(args)
      .map((arg) => quoteGo(stringOf(arg, budget)))
      .join(' '),
  ),
  squote: fn('any...', (args, { budget }) =>
    present(args)
      .map((arg) => `'${formatAny(arg, budget)}'`)
      .join(' '),
  ),
  cat: fn('any...', (args, { budget }) =>
    present(args)
      .map((arg) => formatAny(arg, budget))
      .join(' '),
  ),
  indent: fn('int string', ([spaces, text], context) => indent(asText(text), asInt(spaces), context)),
  nindent: fn('int string', ([spaces, text], context) => `\n${indent(asText(text), asInt(spaces), context)}`),
  plural: fn('string string int', ([one, many, count]) => (asInt(count) === 1 ? one : many)),
  snakecase: fn('string', ([text]) => caseWords(asText(text), '_')),
  kebabcase: fn('string', ([text]) => caseWords(asText(text), '-')),
  camelcase: fn('string', ([text]) => pascalCase(asText(text))),
  wrap: fn('int string', ([width, text], { budget }) =>
    wrapText(asText(text), { width: asInt(width), separator: '', long: false, budget }),
  ),
  wrapWith: fn('int string string', ([width, separator, text], { budget }) =>
    wrapText(asText(text), { width: asInt(width), separator: asText(separator), long: true, budget }),
  ),
  toString: fn('any', ([value], { budget }) => stringOf(value, budget)),
  toStrings: fn('any', ([value], context) => new GoSlice(stringsOf(value, context), '[]string')),
  split: fn('string string', ([separator, text], context) =>
    splitMap(splitText(asText(text), asText(separator), context)),
  ),
  splitn: fn('string int string', ([separator, count, text], context) =>
    splitMap(splitCount(splitText(asText(text), asText(separator), context), asInt(count), asText(separator))),
  ),
  splitList: fn(
    'string string',
    ([separator, text], context) => new GoSlice(splitText(asText(text), asText(separator), context), '[]string'),
  ),
  join: fn('string any', ([separator, list], context) =>
    joinTexts(stringsOf(list, context), asText(separator), context),
  ),
};

/** Sprig's way to make a text of a value: a text as it is, nil `<nil>`, anything else as `%v`. */
export function stringOf(value: GoValue, budget: CallContext['budget']): string {
  if (typeof value === 'string') return value;
  return value instanceof GoInstance ? value.text() : formatAny(value ?? null, budget);
}

/** The texts of a list's values without the nils; one value alone is a list of one. */
export function stringsOf(value: GoValue, { budget }: CallContext): readonly string[] {
  const items = itemsOf(value);
  if (items === undefined) return value === null || value === undefined ? [] : [stringOf(value, budget)];
  return present(items).map((item) => stringOf(item, budget));
}

function present(values: readonly GoValue[]): readonly GoValue[] {
  return values.filter((value) => value !== null && value !== undefined);
}

function trimChars(text: string, chars: string): string {
  const set = new Set(chars);
  const all = runes(text);
  let start = 0;
  let end = all.length;
  while (start < end && set.has(all[start] ?? '')) start += 1;
  while (end > start && set.has(all[end - 1] ?? '')) end -= 1;
  return all.slice(start, end).join('');
}

function trimPrefix(text: string, prefix: string): string {
  return text.startsWith(prefix) ? text.slice(prefix.length) : text;
}

function trimSuffix(text: string, suffix: string): string {
  return text.endsWith(suffix) ? text.slice(0, text.length - suffix.length) : text;
}

function truncate(text: string, count: number): string {
  const length = byteLength(text);
  if (count < 0) return length + count > 0 ? byteSlice(text, length + count, length) : text;
  return length > count ? byteSlice(text, 0, count) : text;
}

function substring(text: string, start: number, end: number): string {
  const length = byteLength(text);
  if (start < 0) return bounded(text, 0, end);
  return end < 0 || end > length ? bounded(text, start, length) : bounded(text, start, end);
}

/** Go crashes outside the bounds, which becomes an error. */
function bounded(text: string, start: number, end: number): string {
  const length = byteLength(text);
  const crash = 'runtime error: slice bounds out of range';
  if (end < 0 || end > length)
    throw new GoCallError(end < 0 ? `${crash} [:${end}]` : `${crash} [:${end}] with length ${length}`);
  if (start > end) throw new GoCallError(`${crash} [${start}:${end}]`);
  return byteSlice(text, start, end);
}

function abbreviateBoth(text: string, left: number, right: number): string {
  return right < 4 || (left > 0 && right < 7) ? text : abbreviate(text, left, right);
}

/** Cut to a width with `...` at the end, and at the start where the text is entered at an offset beyond it. */
function abbreviate(text: string, from: number, width: number): string {
  const length = byteLength(text);
  if (length <= width) return text;
  let offset = Math.min(from, length);
  if (length - offset < width - 3) offset = length - (width - 3);
  if (offset <= 4) return `${byteSlice(text, 0, width - 3)}...`;
  if (width < 7) return '';
  if (offset + width - 3 >= length) return `...${byteSlice(text, length - (width - 3), length)}`;
  return `...${abbreviate(byteSlice(text, offset, length), 0, width - 3)}`;
}

function repeat(text: string, count: number, { budget }: CallContext): string {
  if (count < 0) throw new GoCallError('strings: negative Repeat count');
  budget.text(text.length * count);
  return text.repeat(text === '' ? 0 : count);
}

function replaceAll(
  text: string,
  change: { readonly from: string; readonly to: string },
  context: CallContext,
): string {
  const chars = change.from === '' ? runes(text) : [];
  if (change.from === '') return joinTexts(['', ...chars, ''], change.to, context);
  return joinTexts(text.split(change.from), change.to, context);
}

function indent(text: string, spaces: number, { budget }: CallContext): string {
  if (spaces < 0) throw new GoCallError('strings: negative Repeat count');
  const lines = text.split('\n');
  budget.text(text.length + lines.length * spaces);
  const padding = ' '.repeat(spaces);
  return padding + lines.join(`\n${padding}`);
}

/** The parts between separators, each paid for; with an empty separator the characters. */
export function splitText(text: string, separator: string, { budget }: CallContext): readonly string[] {
  const parts = separator === '' ? runes(text) : text.split(separator);
  budget.items(parts.length);
  return parts;
}

function splitCount(parts: readonly string[], count: number, separator: string): readonly string[] {
  if (count === 0) return [];
  if (count < 0 || parts.length <= count) return parts;
  return [...parts.slice(0, count - 1), parts.slice(count - 1).join(separator)];
}

function splitMap(parts: readonly string[]): GoTextMap {
  return new GoTextMap(new Map(parts.map((part, index) => [`_${index}`, part])));
}

/** The texts with a separator between them, paid for before they are joined. */
export function joinTexts(texts: readonly string[], separator: string, { budget }: CallContext): string {
  const chars = texts.reduce((sum, text) => sum + text.length, 0) + separator.length * Math.max(texts.length - 1, 0);
  budget.text(chars);
  return texts.join(separator);
}
