import { describe, expect, it } from 'vitest';
import { AddressLimiter } from './address-limiter.js';

describe('AddressLimiter', () => {
  it('lets a burst through, then an even flow, for each address apart', () => {
    const limiter = new AddressLimiter({ burst: 3, perMinute: 60 });
    expect([1, 2, 3, 4].map(() => limiter.take('a', 0))).toEqual([0, 0, 0, 1_000]);
    expect(limiter.take('b', 0)).toBe(0);
    expect(limiter.take('a', 500)).toBe(500);
    expect(limiter.take('a', 1_000)).toBe(0);
    expect(limiter.take('a', 1_000)).toBe(1_000);
    expect([1, 2, 3, 4].map(() => limiter.take('a', 100_000))).toEqual([0, 0, 0, 1_000]);
  });

  it('remembers a bounded number of addresses', () => {
    const limiter = new AddressLimiter({ burst: 1, perMinute: 1 });
    for (let index = 0; index < 30_000; index += 1) limiter.take(`a${index}`, 0);
    expect(limiter.take('a29999', 0)).toBeGreaterThan(0);
    expect(limiter.take('a0', 0)).toBe(0);
  });
});
