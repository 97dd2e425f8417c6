// A float64 in, its text as Go prints it out: the shortest that reads back as the same number, or so many digits, rounded half to even from the exact value.

/** From this power of ten on, Go's shortest form of a float has an exponent. */
const EXPONENT_FROM = 6;
/** No float64 has more significant digits than this; what is asked for beyond them are zeros. */
const MOST_DIGITS = 1100;

/** A float64 in its shortest form: plain from 1e-4 up to 999999, otherwise with an exponent of at least two digits. */
export function formatFloat(value: number): string {
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  if (!Number.isFinite(value)) return special(value);
  const [mantissa = '', power = '0'] = value.toExponential().split('e');
  const exponent = Number(power);
  if (exponent >= -4 && exponent < EXPONENT_FROM) return String(value);
  return `${mantissa}${exponentText(exponent)}`;
}

export type FloatVerb = 'e' | 'E' | 'f' | 'F' | 'g' | 'G' | 'x' | 'X' | 'b';

/** A float64 as the verb of `printf` writes it; without a precision in the shortest form. */
export function formatFloatAs(value: number, verb: FloatVerb, precision: number | undefined): string {
  if (!Number.isFinite(value)) return special(value);
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  const size = Math.abs(value);
  const text = unsigned(size, verb.toLowerCase(), precision);
  return sign + (verb === 'E' || verb === 'G' || verb === 'X' ? text.toUpperCase() : text);
}

function unsigned(value: number, verb: string, precision: number | undefined): string {
  switch (verb) {
    case 'e':
      return scientific(value, precision ?? shortest(value).digits.length - 1);
    case 'f': {
      const short = shortest(value);
      return fixed(value, precision ?? Math.max(short.digits.length - short.point, 0));
    }
    case 'x':
      return hexadecimal(value, precision);
    case 'b': {
      const { mantissa, exponent } = parts(value);
      return `${mantissa}p${exponent < 0 ? '' : '+'}${exponent}`;
    }
    default:
      return general(value, precision);
  }
}

/** `%g`: plain where the exponent is small, otherwise scientific, with no zeros at the end. */
function general(value: number, precision: number | undefined): string {
  const wanted = precision === 0 ? 1 : precision;
  const { digits, point } = wanted === undefined ? shortest(value) : rounded(value, wanted);
  let limit = wanted ?? EXPONENT_FROM;
  if (limit > digits.length && digits.length >= point) limit = digits.length;
  if (wanted === undefined) limit = EXPONENT_FROM;
  const exponent = point - 1;
  if (exponent < -4 || exponent >= limit) {
    const rest = digits.slice(1);
    return `${digits.charAt(0)}${rest === '' ? '' : `.${rest}`}${exponentText(exponent)}`;
  }
  if (point <= 0) return `0.${'0'.repeat(-point)}${digits}`;
  if (digits.length <= point) return digits.padEnd(point, '0');
  return `${digits.slice(0, point)}.${digits.slice(point)}`;
}

function scientific(value: number, precision: number): string {
  const { digits, point } = rounded(value, precision + 1);
  const rest = digits.slice(1).padEnd(precision, '0');
  return `${digits.charAt(0)}${rest === '' ? '' : `.${rest}`}${exponentText(value === 0 ? 0 : point - 1)}`;
}

function fixed(value: number, precision: number): string {
  const places = Math.min(precision, MOST_DIGITS);
  const text = scaled(value, places)
    .toString()
    .padStart(places + 1, '0');
  const whole = text.slice(0, text.length - places);
  const part = text.slice(text.length - places).padEnd(precision, '0');
  return part === '' ? whole : `${whole}.${part}`;
}

/** Significant digits without zeros at the end, and where the decimal point stands among them. */
interface Digits {
  readonly digits: string;
  readonly point: number;
}

function shortest(value: number): Digits {
  if (value === 0) return { digits: '0', point: 1 };
  const [mantissa = '', power = '0'] = value.toExponential().split('e');
  return { digits: mantissa.replace('.', ''), point: Number(power) + 1 };
}

function rounded(value: number, count: number): Digits {
  if (value === 0) return { digits: '0', point: 1 };
  const wanted = Math.min(count, MOST_DIGITS);
  let exponent = Number(value.toExponential().split('e')[1] ?? '0');
  let text = scaled(value, wanted - 1 - exponent).toString();
  if (text.length < wanted) {
    // The shortest form was rounded up to the next power of ten.
    exponent -= 1;
    text = scaled(value, wanted - 1 - exponent).toString();
  }
  // Rounding up may have made one digit more.
  return { digits: text.slice(0, wanted).replace(/0+$/, '') || '0', point: exponent + 1 + text.length - wanted };
}

/** The value times ten to the power, as a whole number, rounded half to even. */
function scaled(value: number, power: number): bigint {
  const { mantissa, exponent } = parts(value);
  let above = mantissa;
  let below = 1n;
  if (power >= 0) above *= 10n ** BigInt(power);
  else below *= 10n ** BigInt(-power);
  if (exponent >= 0) above <<= BigInt(exponent);
  else below <<= BigInt(-exponent);
  const quotient = above / below;
  const twice = (above % below) * 2n;
  return twice > below || (twice === below && quotient % 2n === 1n) ? quotient + 1n : quotient;
}

/** The value as a whole number of 53 bits (less for the smallest) times a power of two. */
function parts(value: number): { readonly mantissa: bigint; readonly exponent: number } {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  const bits = view.getBigUint64(0);
  const field = Number((bits >> 52n) & 0x7ffn);
  const fraction = bits & 0xfffffffffffffn;
  return field === 0
    ? { mantissa: fraction, exponent: -1074 }
    : { mantissa: fraction | (1n << 52n), exponent: field - 1075 };
}

function hexadecimal(value: number, precision: number | undefined): string {
  if (value === 0) return `0x0${precision === undefined || precision === 0 ? '' : `.${'0'.repeat(precision)}`}p+00`;
  let { mantissa, exponent } = parts(value);
  while (mantissa < 1n << 52n) {
    mantissa <<= 1n;
    exponent -= 1;
  }
  if (precision !== undefined && precision < 13) {
    const drop = BigInt(4 * (13 - precision));
    const half = 1n << (drop - 1n);
    const rest = mantissa & ((1n << drop) - 1n);
    mantissa >>= drop;
    if (rest > half || (rest === half && mantissa % 2n === 1n)) mantissa += 1n;
    mantissa <<= drop;
    if (mantissa >= 1n << 53n) {
      mantissa >>= 1n;
      exponent += 1;
    }
  }
  const hex = (mantissa & ((1n << 52n) - 1n)).toString(16).padStart(13, '0');
  const fraction = precision === undefined ? hex.replace(/0+$/, '') : hex.slice(0, precision).padEnd(precision, '0');
  const power = exponent + 52;
  const sign = power < 0 ? '-' : '+';
  return `0x1${fraction === '' ? '' : `.${fraction}`}p${sign}${String(Math.abs(power)).padStart(2, '0')}`;
}

function exponentText(exponent: number): string {
  return `e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
}

function special(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  return value > 0 ? '+Inf' : '-Inf';
}
