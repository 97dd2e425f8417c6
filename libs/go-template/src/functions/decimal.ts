// Two floats in, their exact decimal sum, difference, product or quotient out: 0.1 + 0.2 is 0.3, as with the decimal library behind Sprig's `addf`.

/** A number that is exact in decimal: `units` times ten to the power of `-places`. */
export interface Decimal {
  readonly units: bigint;
  readonly places: number;
}

/** So many places a quotient has. */
const QUOTIENT_PLACES = 16;

/** The shortest decimal that reads back as the float. */
export function decimalOf(value: number): Decimal {
  if (!Number.isFinite(value)) throw new RangeError('Cannot create a Decimal from an infinity or NaN');
  const [mantissa = '0', power = '0'] = value.toExponential().split('e');
  const [whole = '0', part = ''] = mantissa.split('.');
  const places = part.length - Number(power);
  const units = BigInt(whole + part);
  return places >= 0 ? { units, places } : { units: units * 10n ** BigInt(-places), places: 0 };
}

export function addDecimals(a: Decimal, b: Decimal): Decimal {
  const places = Math.max(a.places, b.places);
  return { units: unitsAt(a, places) + unitsAt(b, places), places };
}

export function negate(value: Decimal): Decimal {
  return { units: -value.units, places: value.places };
}

export function multiply(a: Decimal, b: Decimal): Decimal {
  return { units: a.units * b.units, places: a.places + b.places };
}

/** The quotient to 16 places, rounded half away from zero; `undefined` for a division by zero. */
export function divide(a: Decimal, b: Decimal): Decimal | undefined {
  if (b.units === 0n) return undefined;
  const above = a.units * 10n ** BigInt(QUOTIENT_PLACES + b.places);
  const below = b.units * 10n ** BigInt(a.places);
  const size = (abs(above) * 2n + abs(below)) / (abs(below) * 2n);
  return { units: above < 0n === below < 0n ? size : -size, places: QUOTIENT_PLACES };
}

/** The float that is nearest to the decimal. */
export function floatOf(value: Decimal): number {
  return Number(`${value.units}e-${value.places}`);
}

function unitsAt(value: Decimal, places: number): bigint {
  return value.units * 10n ** BigInt(places - value.places);
}

function abs(value: bigint): bigint {
  return value < 0n ? -value : value;
}
