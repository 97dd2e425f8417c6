// A text in, the scalar that YAML needs for it out: plain where that is safe, otherwise quoted or as a literal block, as Argo CD's library chooses.
import { runes } from '../utf8.js';
import { needsQuotes } from './resolve.js';

export type ScalarStyle = 'plain' | 'single' | 'double' | 'literal';

const BREAKS = '\n\r\u0085\u2028\u2029';
const FIRST_INDICATORS = '#,[]{}&*!|>\'"%@`';

/** The style for a text; a key has to stand on one line. */
export function scalarStyle(text: string, isKey: boolean): ScalarStyle {
  const facts = analyze(text);
  if (text.includes('\n')) return isKey || !facts.block ? 'double' : 'literal';
  if (needsQuotes(text)) return 'double';
  if (facts.plain && !(isKey && text === '')) return 'plain';
  return facts.single ? 'single' : 'double';
}

interface Facts {
  readonly plain: boolean;
  readonly single: boolean;
  readonly block: boolean;
}

/** Which styles hold the text without changing it. */
function analyze(text: string): Facts {
  if (text === '') return { plain: true, single: true, block: false };
  const chars = runes(text);
  const special = chars.some((char) => !isPrintable(char));
  const breaks = chars.some((char) => BREAKS.includes(char));
  const breakSpace = new RegExp(`[${BREAKS}] `, 'u').test(text);
  const spaceBreak = new RegExp(` [${BREAKS}]`, 'u').test(text);
  const outside = /^ | $/.test(text) || BREAKS.includes(chars[0] ?? '') || BREAKS.includes(chars.at(-1) ?? '');
  return {
    plain: !(special || breaks || breakSpace || spaceBreak || outside || hasIndicators(text)),
    single: !(special || breakSpace || spaceBreak),
    block: !(special || spaceBreak || text.endsWith(' ')),
  };
}

function hasIndicators(text: string): boolean {
  const first = text.charAt(0);
  if (text.startsWith('---') || text.startsWith('...') || FIRST_INDICATORS.includes(first)) return true;
  if ('?:-'.includes(first) && (text.length === 1 || /[ \t]/.test(text.charAt(1)))) return true;
  return /:(?:[ \t]|$)/.test(text.slice(1)) || /[ \t]#/.test(text);
}

/** What the library calls printable: no control characters, no byte order mark and nothing beyond the basic plane. */
function isPrintable(char: string): boolean {
  const point = char.codePointAt(0) ?? 0;
  if (point === 0x0a || (point >= 0x20 && point <= 0x7e)) return true;
  if (point < 0xa0 || point > 0xffff) return false;
  return point !== 0xfeff && point !== 0xfffe && point !== 0xffff && !(point >= 0xd800 && point <= 0xdfff);
}

const ESCAPES: ReadonlyMap<number, string> = new Map([
  [0x00, '0'],
  [0x07, 'a'],
  [0x08, 'b'],
  [0x09, 't'],
  [0x0a, 'n'],
  [0x0b, 'v'],
  [0x0c, 'f'],
  [0x0d, 'r'],
  [0x1b, 'e'],
  [0x22, '"'],
  [0x5c, '\\'],
  [0x85, 'N'],
  [0xa0, '_'],
  [0x2028, 'L'],
  [0x2029, 'P'],
]);

/** The character as it stands between double quotes, or `undefined` where it stands there as it is. */
export function escapeChar(char: string): string | undefined {
  if (isPrintable(char) && !BREAKS.includes(char) && char !== '"' && char !== '\\') return undefined;
  const point = char.codePointAt(0) ?? 0;
  const known = ESCAPES.get(point);
  if (known !== undefined) return `\\${known}`;
  const hex = point.toString(16).toUpperCase();
  if (point <= 0xff) return `\\x${hex.padStart(2, '0')}`;
  return point <= 0xffff ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
}
