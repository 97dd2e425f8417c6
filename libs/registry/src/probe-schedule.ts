// When a spoke is looked at next: numbers in, milliseconds out.

/** Longest pause between probes of a spoke that does not answer. */
const LONGEST_RETRY_MS = 300_000;
const FIRST_RETRY_MS = 5_000;

/**
 * Milliseconds until the next probe: the interval where the last one succeeded, a growing pause (never longer than five minutes or, where it
 * is longer, the interval) after failures. `random` (0 to 1) spreads it by 20 % either way, so that spokes are not probed in step.
 */
export function nextProbeMs(input: {
  readonly intervalMs: number;
  readonly failures: number;
  readonly random: number;
}): number {
  const { intervalMs, failures, random } = input;
  const longestMs = Math.max(LONGEST_RETRY_MS, intervalMs);
  const baseMs = failures === 0 ? intervalMs : Math.min(longestMs, FIRST_RETRY_MS * 2 ** Math.min(failures - 1, 20));
  return Math.round(baseMs * (0.8 + 0.4 * random));
}
