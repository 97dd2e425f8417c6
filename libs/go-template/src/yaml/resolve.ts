// A plain scalar of YAML in, the value that it stands for out, with the rules of the YAML 1.1 library that Argo CD uses.
import { readFloat, readInteger } from '../number-literal.js';
import { parseTime } from '../time/parse.js';

/** What a plain scalar is. A timestamp is known as one, but read as text. */
export type PlainKind = 'string' | 'bool' | 'null' | 'int' | 'float' | 'timestamp';

export interface PlainValue {
  readonly kind: PlainKind;
  readonly value: string | boolean | null | number | bigint;
}

const WORDS: ReadonlyMap<string, PlainValue> = new Map(
  [
    ...bools(true, ['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON']),
    ...bools(false, ['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF']),
    ...['', '~', 'null', 'Null', 'NULL'].map((word): [string, PlainValue] => [word, { kind: 'null', value: null }]),
    ...floats(Number.NaN, ['.nan', '.NaN', '.NAN']),
    ...floats(Infinity, ['.inf', '.Inf', '.INF', '+.inf', '+.Inf', '+.INF']),
    ...floats(-Infinity, ['-.inf', '-.Inf', '-.INF']),
  ].map(([word, value]) => [word, value] as const),
);
const STYLE_FLOAT = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;
const BASE_60 = /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/;
const TIMESTAMPS = [
  '2006-1-2T15:4:5.999999999Z07:00',
  '2006-1-2t15:4:5.999999999Z07:00',
  '2006-1-2 15:4:5.999999999',
  '2006-1-2',
];
const UINT64_MAX = 2n ** 64n - 1n;
const INT64_MIN = -(2n ** 63n);

function bools(value: boolean, words: readonly string[]): [string, PlainValue][] {
  return words.map((word) => [word, { kind: 'bool', value }]);
}

function floats(value: number, words: readonly string[]): [string, PlainValue][] {
  return words.map((word) => [word, { kind: 'float', value }]);
}

/** The value of a scalar without quotes and tag. */
export function resolvePlain(text: string): PlainValue {
  const first = text.charAt(0);
  if (text !== '' && !/[-+0-9yYnNtTfFoO~.]/.test(first)) return { kind: 'string', value: text };
  const word = WORDS.get(text);
  if (word !== undefined) return word;
  const number = first === '.' ? floatOf(text) : /[-+0-9]/.test(first) ? numberOf(text) : undefined;
  return number ?? { kind: 'string', value: text };
}

/** Whether a text without quotes would be read as something else. */
export function needsQuotes(text: string): boolean {
  return resolvePlain(text).kind !== 'string' || BASE_60.test(text);
}

function floatOf(text: string): PlainValue | undefined {
  const value = readFloat(text);
  return value === undefined ? undefined : { kind: 'float', value };
}

function numberOf(text: string): PlainValue | undefined {
  if (isTimestamp(text)) return { kind: 'timestamp', value: text };
  const plain = text.replaceAll('_', '');
  const whole = readInteger(plain);
  if (
    whole !== undefined &&
    whole >= INT64_MIN &&
    whole <= UINT64_MAX &&
    !(plain.startsWith('+') && whole > UINT64_MAX / 2n)
  ) {
    return { kind: 'int', value: whole };
  }
  return STYLE_FLOAT.test(plain) ? floatOf(plain) : undefined;
}

function isTimestamp(text: string): boolean {
  return /^[0-9]{4}-/.test(text) && TIMESTAMPS.some((layout) => parseTime(layout, text) !== undefined);
}
