// One number, text or truth and the flags of a `printf` verb in, its text out; `undefined` where the verb does not fit the type.
import { formatFloatAs, type FloatVerb } from './float-text.js';
import { isPrint, quoteGo, quoteRune } from './quote.js';
import { encodeUtf8, runes } from './utf8.js';

/** What stands between `%` and the verb. `goSyntax` is `#` with `v`. */
export interface FormatFlags {
  readonly sharp: boolean;
  readonly zero: boolean;
  readonly plus: boolean;
  readonly minus: boolean;
  readonly space: boolean;
  readonly width: number | undefined;
  readonly precision: number | undefined;
  readonly goSyntax: boolean;
}

export const NO_FLAGS: FormatFlags = {
  sharp: false,
  zero: false,
  plus: false,
  minus: false,
  space: false,
  width: undefined,
  precision: undefined,
  goSyntax: false,
};

/** The text filled up to the width, on the left unless `-` asks for the right. */
export function pad(text: string, flags: FormatFlags): string {
  const missing = (flags.width ?? 0) - countRunes(text);
  if (missing <= 0) return text;
  return flags.minus ? text + ' '.repeat(missing) : (flags.zero ? '0' : ' ').repeat(missing) + text;
}

export function formatBool(value: boolean, verb: string, flags: FormatFlags): string | undefined {
  return verb === 't' || verb === 'v' ? pad(String(value), flags) : undefined;
}

export function formatText(text: string, verb: string, flags: FormatFlags): string | undefined {
  switch (verb) {
    case 'v':
      return flags.goSyntax ? quoted(text, flags) : pad(truncate(text, flags), flags);
    case 's':
      return pad(truncate(text, flags), flags);
    case 'q':
      return quoted(text, flags);
    case 'x':
    case 'X':
      return hexBytes(encodeUtf8(text), verb, flags);
    default:
      return undefined;
  }
}

/** Bytes as two hexadecimal digits each. */
export function hexBytes(bytes: Uint8Array, verb: 'x' | 'X', flags: FormatFlags): string {
  const count = Math.min(flags.precision ?? bytes.length, bytes.length);
  if (count === 0) return pad('', flags);
  const prefix = flags.sharp ? `0${verb}` : '';
  const hex = [...bytes.subarray(0, count)].map((byte) => {
    const digits = byte.toString(16).padStart(2, '0');
    return verb === 'X' ? digits.toUpperCase() : digits;
  });
  return pad(flags.space ? hex.map((digits) => prefix + digits).join(' ') : prefix + hex.join(''), flags);
}

const BASES: Readonly<Record<string, number>> = { v: 10, d: 10, b: 2, o: 8, O: 8, x: 16, X: 16 };

export function formatInteger(value: bigint, verb: string, flags: FormatFlags): string | undefined {
  const base = BASES[verb];
  if (base !== undefined) return digitsOf(value, { base, verb }, flags);
  const point = value >= 0n && value <= 0x10ffffn ? Number(value) : 0xfffd;
  const surrogate = point >= 0xd800 && point <= 0xdfff;
  if (verb === 'c') return pad(String.fromCodePoint(surrogate ? 0xfffd : point), flags);
  if (verb === 'q') return pad(quoteRune(point, flags.plus), flags);
  return verb === 'U' ? unicode(value, flags) : undefined;
}

function digitsOf(value: bigint, form: { readonly base: number; readonly verb: string }, flags: FormatFlags): string {
  const negative = value < 0n;
  const size = negative ? -value : value;
  const sign = negative ? '-' : flags.plus ? '+' : flags.space ? ' ' : '';
  if (flags.precision === 0 && size === 0n) return pad('', { ...flags, zero: false });
  const zeros = flags.zero && !flags.minus && flags.width !== undefined ? flags.width - sign.length : 0;
  let digits = size.toString(form.base).padStart(flags.precision ?? zeros, '0');
  if (form.verb === 'X') digits = digits.toUpperCase();
  return pad(sign + prefixOf(digits, form, flags) + digits, { ...flags, zero: false });
}

function prefixOf(digits: string, form: { readonly base: number; readonly verb: string }, flags: FormatFlags): string {
  if (form.verb === 'O') return '0o' + (flags.sharp && !digits.startsWith('0') ? '0' : '');
  if (!flags.sharp) return '';
  if (form.base === 8) return digits.startsWith('0') ? '' : '0';
  if (form.base === 2) return '0b';
  return form.base === 16 ? `0${form.verb}` : '';
}

function unicode(value: bigint, flags: FormatFlags): string {
  const wide = BigInt.asUintN(64, value);
  const code = `U+${wide
    .toString(16)
    .toUpperCase()
    .padStart(Math.max(4, flags.precision ?? 0), '0')}`;
  const char = wide <= 0x10ffffn ? String.fromCodePoint(Number(wide)) : '';
  return pad(flags.sharp && char !== '' && isPrint(char) ? `${code} '${char}'` : code, { ...flags, zero: false });
}

const FLOAT_DEFAULTS: Readonly<Record<string, readonly [FloatVerb, number | undefined]>> = {
  v: ['g', undefined],
  b: ['b', undefined],
  g: ['g', undefined],
  G: ['G', undefined],
  x: ['x', undefined],
  X: ['X', undefined],
  f: ['f', 6],
  F: ['f', 6],
  e: ['e', 6],
  E: ['E', 6],
};

export function formatFloatVerb(value: number, verb: string, flags: FormatFlags): string | undefined {
  const known = FLOAT_DEFAULTS[verb];
  if (known === undefined) return undefined;
  const precision = flags.precision ?? known[1];
  const text = formatFloatAs(value, known[0], precision);
  const bare = /^[+-]/.test(text) ? text.slice(1) : text;
  const negative = text.startsWith('-');
  const number = Number.isFinite(value);
  const full = flags.sharp && number && verb !== 'b' ? withPoint(bare, verb, precision) : bare;
  // An infinity is never without a sign unless `%f` and the like print it plain.
  const sign = negative ? '-' : flags.plus ? '+' : flags.space ? ' ' : text === '+Inf' ? '+' : '';
  if (!number) return pad(sign + full, { ...flags, zero: false });
  if (sign !== '' && flags.zero && !flags.minus && flags.width !== undefined) {
    return sign + pad(full, { ...flags, width: flags.width - sign.length });
  }
  return pad(sign + full, flags);
}

/** `#`: a decimal point always, and with `%g` the zeros at the end. */
function withPoint(text: string, verb: string, precision: number | undefined): string {
  const [, number = '', tail = ''] =
    (verb === 'x' || verb === 'X' ? /^([^pP]*)(.*)$/ : /^([^eE]*)(.*)$/).exec(text) ?? [];
  let digits = 'vgGx'.includes(verb) ? (precision ?? 6) : 0;
  digits -= number.replace(/^[0.]+/, '').replace('.', '').length;
  const pointed = number.includes('.') ? number : `${number}.`;
  if (number === '0') digits -= 1;
  return pointed + '0'.repeat(Math.max(digits, 0)) + tail;
}

function quoted(text: string, flags: FormatFlags): string {
  const cut = truncate(text, flags);

  if (flags.sharp && !/[\u0000-\u0008\u000a-\u001f\u007f`\ufeff\ufffd]/.test(cut)) return pad(`\`${cut}\``, flags);
  return pad(quoteGo(cut, flags.plus), flags);
}

function truncate(text: string, flags: FormatFlags): string {
  if (flags.precision === undefined || text.length <= flags.precision) return text;
  return runes(text).slice(0, flags.precision).join('');
}

function countRunes(text: string): number {
  let count = 0;
  for (let i = 0; i < text.length; i += 1) {
    const unit = text.charCodeAt(i);
    if (unit < 0xdc00 || unit > 0xdfff) count += 1;
  }
  return count;
}
