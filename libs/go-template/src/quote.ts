// A text in, a Go string literal out, and back: `%q`, and the literals of templates.
import { decodeUtf8, runes } from './utf8.js';

const SHORT: ReadonlyMap<string, string> = new Map([
  ['\x07', '\\a'],
  ['\b', '\\b'],
  ['\f', '\\f'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
  ['\v', '\\v'],
  ['\\', '\\\\'],
]);

/** Whether Go prints the character as it is: letters, marks, numbers, punctuation, symbols and the plain space. */
export function isPrint(char: string): boolean {
  return char === ' ' || /^[\p{L}\p{M}\p{N}\p{P}\p{S}]$/u.test(char);
}

/** The text in double quotes, as Go's `strconv.Quote` (or, with `ascii`, `QuoteToASCII`) writes it. */
export function quoteGo(text: string, ascii = false): string {
  return `"${quoteWith(text, '"', ascii)}"`;
}

/** A character in single quotes, as `%q` writes an integer. */
export function quoteRune(point: number, ascii = false): string {
  const valid = point >= 0 && point <= 0x10ffff && !(point >= 0xd800 && point <= 0xdfff);
  return `'${quoteWith(String.fromCodePoint(valid ? point : 0xfffd), "'", ascii)}'`;
}

function quoteWith(text: string, quote: string, ascii: boolean): string {
  let out = '';
  for (const char of text) {
    const point = char.codePointAt(0) ?? 0;
    const short = SHORT.get(char);
    if (char === quote) out += `\\${char}`;
    else if (short !== undefined) out += short;
    else if (point < 0x80 ? point >= 0x20 && point !== 0x7f : !ascii && isPrint(char)) out += char;
    else if (point < 0x80) out += `\\x${point.toString(16).padStart(2, '0')}`;
    else if (point >= 0xd800 && point <= 0xdfff) out += ascii ? '\\ufffd' : '\ufffd';
    else if (point < 0x10000) out += `\\u${point.toString(16).padStart(4, '0')}`;
    else out += `\\U${point.toString(16).padStart(8, '0')}`;
  }
  return out;
}

/** The value of a Go string literal ("..." or `...`), or `undefined` where it is none. */
export function unquoteGo(literal: string): string | undefined {
  const quote = literal.charAt(0);
  const body = literal.slice(1, -1);
  if (literal.length < 2 || literal.at(-1) !== quote) return undefined;
  if (quote === '`') return body.includes('`') ? undefined : body.replaceAll('\r', '');
  if (quote !== '"' || body.includes('\n')) return undefined;
  return unescape(body, quote);
}

/** The code point of a Go character literal ('x'), or `undefined` where it is none. */
export function unquoteChar(literal: string): number | undefined {
  if (literal.length < 3 || !literal.startsWith("'") || !literal.endsWith("'")) return undefined;
  const byte = /^'\\(?:x([0-9a-fA-F]{2})|([0-7]{3}))'$/.exec(literal);
  if (byte !== null) {
    const value = byte[1] === undefined ? Number.parseInt(byte[2] ?? '', 8) : Number.parseInt(byte[1], 16);
    return value > 255 ? undefined : value;
  }
  const chars = runes(unescape(literal.slice(1, -1), "'") ?? '');
  return chars.length === 1 ? chars[0]?.codePointAt(0) : undefined;
}

const ESCAPE = /\\(?:([abfnrtv\\'"])|x([0-9a-fA-F]{2})|([0-7]{3})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))/y;
const LETTERS: Readonly<Record<string, string>> = { a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' };

function unescape(body: string, quote: string): string | undefined {
  if (!body.includes('\\')) return body.includes(quote) ? undefined : body;
  let out = '';
  let bytes: number[] = [];
  // Escapes by value stand for bytes; several of them in a row may make up one character.
  const flush = (): void => {
    out += bytes.length === 0 ? '' : decodeUtf8(Uint8Array.from(bytes));
    bytes = [];
  };
  for (let i = 0; i < body.length;) {
    const char = body.charAt(i);
    if (char === quote) return undefined;
    if (char !== '\\') {
      flush();
      out += char;
      i += 1;
      continue;
    }
    ESCAPE.lastIndex = i;
    const match = ESCAPE.exec(body);
    if (match === null) return undefined;
    i += match[0].length;
    const [, letter, hex, octal, short, long] = match;
    if (hex !== undefined || octal !== undefined) {
      const value = hex === undefined ? Number.parseInt(octal ?? '', 8) : Number.parseInt(hex, 16);
      if (value > 255) return undefined;
      bytes.push(value);
      continue;
    }
    flush();
    if (letter !== undefined) {
      if ((letter === "'" || letter === '"') && letter !== quote) return undefined;
      out += LETTERS[letter] ?? letter;
      continue;
    }
    const point = Number.parseInt(short ?? long ?? '', 16);
    if (point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) return undefined;
    out += String.fromCodePoint(point);
  }
  flush();
  return out;
}
