// A float64 in, its text as Go prints it out.

/** From this power of ten on, Go's shortest form of a float has an exponent. */
const EXPONENT_FROM = 6;

/** A float64 in its shortest form: plain from 1e-4 up to 999999, otherwise with an exponent of at least two digits. */
export function formatFloat(value: number): string {
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  const [mantissa = '', power = '0'] = value.toExponential().split('e');
  const exponent = Number(power);
  if (exponent >= -4 && exponent < EXPONENT_FROM) return String(value);
  return `${mantissa}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
}
