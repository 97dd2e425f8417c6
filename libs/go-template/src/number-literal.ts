// A number literal of a template in, its value under every type that can hold it out.
import { quoteGo, unquoteChar } from './quote.js';

const INT64_MAX = 2n ** 63n - 1n;
const INT64_MIN = -(2n ** 63n);
const UINT64_MAX = 2n ** 64n - 1n;

export interface NumberValue {
  readonly int: bigint | undefined;
  readonly uint: bigint | undefined;
  readonly float: number | undefined;
}

/** The values of a literal, or what is wrong with it in Go's words. */
export function readNumber(text: string): NumberValue | string {
  if (text === "''") return 'invalid syntax';
  if (text.startsWith("'")) {
    const point = unquoteChar(text);
    return point === undefined
      ? `malformed character constant: ${text}`
      : { int: BigInt(point), uint: BigInt(point), float: point };
  }
  if (text.endsWith('i') && !/^[+-]?0[xX]/.test(text)) return `complex numbers are not supported: ${quoteGo(text)}`;
  const whole = readInteger(text);
  if (whole !== undefined && whole >= INT64_MIN && whole <= UINT64_MAX) return wholeNumber(whole);
  const float = readFloat(text);
  if (float === undefined) return `illegal number syntax: ${quoteGo(text)}`;
  if (!/[.eEpP]/.test(text)) return `integer overflow: ${quoteGo(text)}`;
  if (!Number.isInteger(float)) return { int: undefined, uint: undefined, float };
  const exact = BigInt(float);
  return {
    int: exact >= INT64_MIN && exact <= INT64_MAX ? exact : undefined,
    uint: exact >= 0n && exact <= UINT64_MAX ? exact : undefined,
    float,
  };
}

function wholeNumber(value: bigint): NumberValue {
  return {
    int: value <= INT64_MAX ? value : undefined,
    uint: value >= 0n ? value : undefined,
    float: Number(value),
  };
}

/** A whole number as Go's `ParseInt(text, 0, 64)` reads it (0x, 0o, 0b and a leading 0 tell the base), of any size. */
export function readInteger(text: string): bigint | undefined {
  const match =
    /^([+-]?)(0[xX]_?[0-9a-fA-F]+(?:_[0-9a-fA-F]+)*|0[bB]_?[01]+(?:_[01]+)*|0[oO]_?[0-7]+(?:_[0-7]+)*|0(?:_?[0-7]+)*|[1-9][0-9]*(?:_[0-9]+)*)$/.exec(
      text,
    );
  const digits = match?.[2]?.replaceAll('_', '');
  if (match === null || digits === undefined || digits.length > 80) return undefined;
  const octal = /^0[0-7]/.test(digits) ? `0o${digits.slice(1)}` : digits.toLowerCase();
  const value = BigInt(octal);
  return match[1] === '-' ? -value : value;
}

/** A float as Go's `ParseFloat` reads it, underscores and hexadecimal floats included; `undefined` for what is none or out of range. */
export function readFloat(text: string): number | undefined {
  const plain = withoutUnderscores(text);
  if (plain === undefined) return undefined;
  if (/^[+-]?(?:inf|infinity)$/i.test(plain)) return plain.startsWith('-') ? -Infinity : Infinity;
  if (/^nan$/i.test(plain)) return Number.NaN;
  const hex = /^([+-]?)0[xX]([0-9a-fA-F]*)(?:\.([0-9a-fA-F]*))?[pP]([+-]?[0-9]+)$/.exec(plain);
  if (hex !== null) return hexFloat(hex);
  if (!/^[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/.test(plain)) return undefined;
  const value = Number(plain);
  return Number.isFinite(value) ? value : undefined;
}

/** Underscores may stand between digits, and after the prefix of a hexadecimal number. */
function withoutUnderscores(text: string): string | undefined {
  if (!text.includes('_')) return text;
  const body = text.replace(/^([+-]?0[xX])_/, '$1');
  const digit = /^[+-]?0[xX]/.test(text) ? '[0-9a-fA-F]' : '[0-9]';
  const loose = body.replace(new RegExp(`(?<=${digit})_(?=${digit})`, 'g'), '');
  return loose.includes('_') ? undefined : loose;
}

function hexFloat([, sign, whole = '', part = '', power = '0']: RegExpExecArray): number | undefined {
  const digits = `${whole}${part}`;
  if (digits === '' || digits.length > 64) return undefined;
  const value = Number(BigInt(`0x${digits}`)) * 2 ** (Number(power) - 4 * part.length);
  if (!Number.isFinite(value)) return undefined;
  return sign === '-' ? -value : value;
}
