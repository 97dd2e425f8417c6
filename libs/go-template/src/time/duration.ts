// Durations as Go writes them (`1h30m0s`), in nanoseconds.

const UNITS: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1000n,
  µs: 1000n,
  μs: 1000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};
const SECOND = 1_000_000_000n;
const LARGEST = 2n ** 63n - 1n;

/** The nanoseconds of a duration, or `undefined` where the text is none. */
export function parseDuration(text: string): bigint | undefined {
  const sign = /^[+-]/.exec(text)?.[0] ?? '';
  const rest = text.slice(sign.length);
  if (rest === '0') return 0n;
  if (!/^(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:ns|us|µs|μs|ms|s|m|h))+$/.test(rest) || rest.length > 200) return undefined;
  let total = 0n;
  for (const [, number = '', unit = ''] of rest.matchAll(/([0-9.]+)(ns|us|µs|μs|ms|s|m|h)/g)) {
    const [whole = '', part = ''] = number.split('.');
    const size = UNITS[unit] ?? 0n;
    total +=
      BigInt(whole === '' ? '0' : whole) * size +
      (BigInt(part === '' ? '0' : part) * size) / 10n ** BigInt(part.length);
  }
  if (total > LARGEST) return undefined;
  return sign === '-' ? -total : total;
}

/** The duration as Go prints it. */
export function formatDuration(nanos: bigint): string {
  if (nanos === 0n) return '0s';
  const size = nanos < 0n ? -nanos : nanos;
  const text = size < SECOND ? small(size) : large(size);
  return nanos < 0n ? `-${text}` : text;
}

function small(nanos: bigint): string {
  if (nanos < 1000n) return `${nanos}ns`;
  return nanos < 1_000_000n ? `${decimal(nanos, 3)}µs` : `${decimal(nanos, 6)}ms`;
}

function large(nanos: bigint): string {
  const minutes = nanos / (60n * SECOND);
  const seconds = `${decimal(nanos % (60n * SECOND), 9)}s`;
  if (minutes === 0n) return seconds;
  const hours = minutes / 60n;
  return hours === 0n ? `${minutes}m${seconds}` : `${hours}h${minutes % 60n}m${seconds}`;
}

function decimal(value: bigint, places: number): string {
  const digits = value.toString().padStart(places + 1, '0');
  const part = digits.slice(-places).replace(/0+$/, '');
  return digits.slice(0, -places) + (part === '' ? '' : `.${part}`);
}
