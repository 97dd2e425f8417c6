// Sprig's arithmetic and conversions. Whole numbers are int64 and wrap around; floats are added exactly in decimal.
import { asInt, asText, fn, type CallContext, type FunctionTable } from '../functions.js';
import { formatAny } from '../format-value.js';
import { limitError } from '../limits.js';
import { readInteger } from '../number-literal.js';
import { GoCallError, GoSlice, int, int64, type GoValue } from '../values.js';
import { addDecimals, decimalOf, divide, floatOf, multiply, negate, type Decimal } from './decimal.js';
import { toFloat64, toInt64 } from './numbers.js';

const INT64_MAX = 2n ** 63n - 1n;
const INT64_MIN = -(2n ** 63n);
/** No result that a float can hold needs more digits than this on its way. */
const MOST_PLACES = 4000;
const MOST_UNITS = 10n ** 4000n;

export const MATHS: FunctionTable = {
  add1: fn('any', ([value]) => int64(toInt64(value) + 1n)),
  add: fn('any...', (args) => int64(args.reduce<bigint>((sum, arg) => sum + toInt64(arg), 0n))),
  sub: fn('any any', ([a, b]) => int64(toInt64(a) - toInt64(b))),
  mul: fn('any any...', ([first, ...rest]) =>
    int64(rest.reduce<bigint>((product, arg) => BigInt.asIntN(64, product * toInt64(arg)), toInt64(first))),
  ),
  div: fn('any any', ([a, b]) => int64(toInt64(a) / divisor(b))),
  mod: fn('any any', ([a, b]) => int64(toInt64(a) % divisor(b))),
  add1f: fn('any', ([value]) => decimals(value, [int(1)], addDecimals)),
  addf: fn('any...', (args) => decimals(0, args, addDecimals)),
  subf: fn('any any...', ([first, ...rest]) => decimals(first, rest, (a, b) => addDecimals(a, negate(b)))),
  mulf: fn('any any...', ([first, ...rest]) => decimals(first, rest, multiply)),
  divf: fn('any any...', ([first, ...rest]) => decimals(first, rest, quotient)),
  max: fn('any any...', (args) => int64(args.map(toInt64).reduce((a, b) => (b > a ? b : a)))),
  biggest: fn('any any...', (args) => int64(args.map(toInt64).reduce((a, b) => (b > a ? b : a)))),
  min: fn('any any...', (args) => int64(args.map(toInt64).reduce((a, b) => (b < a ? b : a)))),
  maxf: fn('any any...', (args) => args.map(toFloat64).reduce((a, b) => Math.max(a, b))),
  minf: fn('any any...', (args) => args.map(toFloat64).reduce((a, b) => Math.min(a, b))),
  floor: fn('any', ([value]) => Math.floor(toFloat64(value))),
  ceil: fn('any', ([value]) => Math.ceil(toFloat64(value))),
  round: fn('any int float64...', ([value, places, on]) =>
    round(toFloat64(value), asInt(places), typeof on === 'number' ? on : 0.5),
  ),
  atoi: fn('string', ([text]) => int(atoi(asText(text)))),
  int: fn('any', ([value]) => int(toInt64(value))),
  int64: fn('any', ([value]) => int64(toInt64(value))),
  float64: fn('any', ([value]) => toFloat64(value)),
  toDecimal: fn('any', ([value], { budget }) => int64(octal(formatAny(value ?? null, budget)))),
  until: fn('int', ([count], context) =>
    range({ start: 0, stop: asInt(count), step: asInt(count) < 0 ? -1 : 1 }, context),
  ),
  untilStep: fn('int int int', ([start, stop, step], context) =>
    range({ start: asInt(start), stop: asInt(stop), step: asInt(step) }, context),
  ),
  seq: fn('int...', (args, context) => seq(args.map(asInt), context)),
};

function divisor(value: GoValue): bigint {
  const number = toInt64(value);
  if (number === 0n) throw new GoCallError('runtime error: integer divide by zero');
  return number;
}

function decimals(first: GoValue, rest: readonly GoValue[], combine: (a: Decimal, b: Decimal) => Decimal): number {
  let result = exact(toFloat64(first));
  for (const value of rest) {
    result = combine(result, exact(toFloat64(value)));
    if (result.places > MOST_PLACES || result.units > MOST_UNITS || -result.units > MOST_UNITS)
      throw limitError('numbers with more digits');
  }
  return floatOf(result);
}

function exact(value: number): Decimal {
  if (!Number.isFinite(value))
    throw new GoCallError(`Cannot create a Decimal from ${Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf'}`);
  return decimalOf(value);
}

function quotient(a: Decimal, b: Decimal): Decimal {
  const result = divide(a, b);
  if (result === undefined) throw new GoCallError('decimal division by 0');
  return result;
}

/** Rounds up where the part beyond the places is at least `on`; the part of a negative number is negative. */
function round(value: number, places: number, on: number): number {
  const power = 10 ** places;
  const digit = power * value;
  return (digit - Math.trunc(digit) >= on ? Math.ceil(digit) : Math.floor(digit)) / power;
}

/** A decimal number; what is none is zero, what is too large the largest. */
function atoi(text: string): bigint {
  if (!/^[+-]?[0-9]+$/.test(text)) return 0n;
  const digits = text.replace(/^([+-]?)0+(?=[0-9])/, '$1');
  if (digits.length > 20) return digits.startsWith('-') ? INT64_MIN : INT64_MAX;
  const value = BigInt(digits.replace('+', ''));
  return value > INT64_MAX ? INT64_MAX : value < INT64_MIN ? INT64_MIN : value;
}

function octal(text: string): bigint {
  if (!/^[+-]?[0-7]+$/.test(text) || text.length > 24) return 0n;
  const value = readInteger(text.replace(/^([+-]?)/, '$10o')) ?? 0n;
  return value > INT64_MAX || value < INT64_MIN ? 0n : value;
}

interface Steps {
  readonly start: number;
  readonly stop: number;
  readonly step: number;
}

function numbersOf({ start, stop, step }: Steps, { budget }: CallContext): readonly number[] {
  if (stop < start ? step >= 0 : step <= 0) return [];
  const count = Math.ceil((stop - start) / step);
  budget.items(count);
  return Array.from({ length: count }, (_none, index) => start + index * step);
}

function range(steps: Steps, context: CallContext): GoSlice {
  return new GoSlice(
    numbersOf(steps, context).map((value) => int(value)),
    '[]int',
  );
}

/** Whole numbers with spaces between them: up to the end, or with a start, or with a start and a step. */
function seq(params: readonly number[], context: CallContext): string {
  const [first = 0, second = 0, third = 0] = params;
  switch (params.length) {
    case 1:
      return steps(1, first, first < 1 ? -1 : 1);
    case 2:
      return steps(first, second, second < first ? -1 : 1);
    case 3:
      return third < first && second > 0 ? '' : steps(first, third, second);
    default:
      return '';
  }

  function steps(start: number, end: number, step: number): string {
    return numbersOf({ start, stop: end + (end < start ? -1 : 1), step }, context).join(' ');
  }
}
