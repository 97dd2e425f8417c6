// Numbers in, their order statistics out.
import { z } from 'zod';

/** What is kept of a series of measurements; all in the unit of the series. */
export const spreadSchema = z.object({
  count: z.int(),
  min: z.number(),
  p50: z.number(),
  p99: z.number(),
  max: z.number(),
});
export type Spread = z.infer<typeof spreadSchema>;

/** The value at rank `ceil(share * n)` of the sorted values (nearest rank: always one that was measured). `share` lies in 0..1; throws without values. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const value = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
  if (value === undefined) throw new Error('no values: there is no percentile of nothing');
  return value;
}

/** Order statistics of a series, rounded to `digits` after the point (default 1). Throws without values. */
export function spreadOf(values: readonly number[], digits = 1): Spread {
  const at = (share: number): number => round(percentile(values, share), digits);
  return { count: values.length, min: at(0), p50: at(0.5), p99: at(0.99), max: at(1) };
}

/** Rounds to `digits` after the point. */
export function round(value: number, digits: number): number {
  const factor = 10 ** digits;
  return Math.round(value * factor) / factor;
}
