// The constants of SHA-2, from their definition: the first 64 bits of the fraction of the square roots (start values) and cube roots of the first primes.
// SHA-256 uses the upper 32 bits of the first 64 of them.

const BITS = 64n;
const COUNT = 80;

function primes(count: number): readonly bigint[] {
  const found: bigint[] = [];
  for (let candidate = 2n; found.length < count; candidate += 1n) {
    if (!found.some((prime) => candidate % prime === 0n)) found.push(candidate);
  }
  return found;
}

/** The whole part of the root of a number, found by halving. */
function wholeRoot(value: bigint, degree: bigint): bigint {
  let low = 0n;
  let high = 1n << (BITS + 8n);
  while (high - low > 1n) {
    const middle = (low + high) / 2n;
    if (middle ** degree <= value) low = middle;
    else high = middle;
  }
  return low;
}

function fraction(prime: bigint, degree: bigint): bigint {
  return BigInt.asUintN(64, wholeRoot(prime << (BITS * degree), degree));
}

const PRIMES = primes(COUNT);

/** The start values of the eight words of SHA-512; their upper halves are those of SHA-256. */
export const SHA2_START: readonly bigint[] = PRIMES.slice(0, 8).map((prime) => fraction(prime, 2n));
/** The round constants of SHA-512; the upper halves of the first 64 are those of SHA-256. */
export const SHA2_CONSTANTS: readonly bigint[] = PRIMES.map((prime) => fraction(prime, 3n));
