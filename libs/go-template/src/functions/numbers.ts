// A value in, the integer or float that Sprig's arithmetic makes of it out: what is no number is zero.
import { readFloat, readInteger } from '../number-literal.js';
import { GoInt, type GoValue } from '../values.js';

const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;

/** An int64: floats lose their fraction, texts may have a base prefix and zeros after a point, true is one. */
export function toInt64(value: GoValue): bigint {
  if (value instanceof GoInt) return BigInt.asIntN(64, value.value);
  if (typeof value === 'number') return floatToInt64(value);
  if (typeof value === 'boolean') return value ? 1n : 0n;
  if (typeof value !== 'string') return 0n;
  const parsed = readInteger(value.replace(/\.0+$/, '').replace(/(0)\.0*$/, '$1'));
  return parsed === undefined || parsed < INT64_MIN || parsed > INT64_MAX ? 0n : parsed;
}

/** A float that does not fit becomes the smallest int64, as the processors that Go runs on make it. */
export function floatToInt64(value: number): bigint {
  if (!Number.isFinite(value)) return INT64_MIN;
  const whole = BigInt(Math.trunc(value));
  return whole < INT64_MIN || whole > INT64_MAX ? INT64_MIN : whole;
}

/** A float64: texts as Go reads floats, true is one. */
export function toFloat64(value: GoValue): number {
  if (value instanceof GoInt) return Number(value.value);
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  return typeof value === 'string' ? (readFloat(value) ?? 0) : 0;
}
