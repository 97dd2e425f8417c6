import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { percentile, spreadOf } from './percentiles.js';

describe('percentile', () => {
  it('answers the value at the nearest rank, whatever the order', () => {
    const hundred = Array.from({ length: 100 }, (_, at) => 100 - at);
    expect([0, 0.01, 0.5, 0.99, 1].map((share) => percentile(hundred, share))).toEqual([1, 1, 50, 99, 100]);
    expect(percentile([7], 0.99)).toBe(7);
  });

  it('refuses to invent a value', () => {
    expect(() => percentile([], 0.5)).toThrow('no values');
  });

  it('is always one of the values, and grows with the share', () => {
    const values = fc.array(fc.integer(), { minLength: 1 });
    fc.assert(
      fc.property(values, fc.double({ min: 0, max: 1, noNaN: true }), (list, share) => {
        expect(list).toContain(percentile(list, share));
        expect(percentile(list, share)).toBeLessThanOrEqual(percentile(list, 1));
      }),
    );
  });
});

describe('spreadOf', () => {
  it('rounds to the digits asked for', () => {
    expect(spreadOf([1.234, 2.345, 3.456], 2)).toEqual({ count: 3, min: 1.23, p50: 2.35, p99: 3.46, max: 3.46 });
  });
});
