// A Kubernetes quantity as somebody wrote it in, the form that a server stores out (`1000m` -> `1`, `1024Mi` -> `1Gi`, `0.5` -> `500m`).
import { isMap, type Json, type JsonMap } from './json.js';

const BINARY = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];
const DECIMAL: Readonly<Record<string, number>> = { n: -3, u: -2, m: -1, '': 0, k: 1, M: 2, G: 3, T: 4, P: 5, E: 6 };
const SUFFIXES = Object.keys(DECIMAL);
const NANO = 1_000_000_000n;

/** The stored form of a quantity. What is not a quantity stays as it is (the simulator does not validate). */
export function canonicalQuantity(value: Json): Json {
  if (typeof value !== 'string' && typeof value !== 'number') return value;
  const match = /^([+-]?)(\d*)(?:\.(\d*))?(?:([eE][+-]?\d+)|(Ki|Mi|Gi|Ti|Pi|Ei|[numkMGTPE]))?$/.exec(String(value));
  const [, sign = '', whole = '', fraction = '', exponent, suffix = ''] = match ?? [];
  if (match === null || whole + fraction === '' || exponent !== undefined)
    return typeof value === 'number' ? String(value) : value;
  const nanos = toNanos(whole, fraction.slice(0, 9), suffix);
  const text = suffix.endsWith('i') ? binaryText(nanos) : decimalText(nanos);
  return sign === '-' && text !== '0' ? `-${text}` : text;
}

function toNanos(whole: string, fraction: string, suffix: string): bigint {
  const nanos = BigInt(whole === '' ? '0' : whole) * NANO + BigInt(fraction.padEnd(9, '0'));
  const power = BINARY.indexOf(suffix);
  if (power > 0) return nanos * 1024n ** BigInt(power);
  const thousands = DECIMAL[suffix] ?? 0;
  if (thousands >= 0) return nanos * 1000n ** BigInt(thousands);
  const divisor = 1000n ** BigInt(-thousands);
  // Rounded up: a quantity never becomes less than what was asked for.
  return (nanos + divisor - 1n) / divisor;
}

function binaryText(nanos: bigint): string {
  if (nanos % NANO !== 0n) return decimalText(nanos);
  let value = nanos / NANO;
  let power = 0;
  while (value !== 0n && value % 1024n === 0n && power < BINARY.length - 1) {
    value /= 1024n;
    power += 1;
  }
  return `${String(value)}${BINARY[power] ?? ''}`;
}

function decimalText(nanos: bigint): string {
  let value = nanos;
  let at = 0;
  while (value !== 0n && value % 1000n === 0n && at < SUFFIXES.length - 1) {
    value /= 1000n;
    at += 1;
  }
  return value === 0n ? '0' : `${String(value)}${SUFFIXES[at] ?? ''}`;
}

/** Puts the quantities of a map (`{cpu: 1000m}`) at a key into their stored form. */
export function canonicalAmounts(map: JsonMap, key: string): void {
  const amounts = map[key];
  if (!isMap(amounts)) return;
  for (const [name, amount] of Object.entries(amounts))
    if (amount !== undefined) amounts[name] = canonicalQuantity(amount);
}
