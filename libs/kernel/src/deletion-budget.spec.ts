import { describe, expect, it } from 'vitest';
import { withinBudget } from './deletion-budget.js';

describe('the deletion budget', () => {
  it.each([
    [0, 0, true],
    [10, 0, true],
    [1, 1, true],
    [2, 1, true],
    [2, 2, false],
    [3, 3, false],
    [4, 3, true],
    [5, 4, false],
    [10, 3, true],
    [10, 4, false],
    [13, 4, false],
    [14, 4, true],
    [100, 30, true],
    [100, 31, false],
    [1000, 1000, false],
  ])('of %i objects, the removal of %i passes: %s', (total, removing, passes) => {
    expect(withinBudget({ total, removing })).toBe(passes);
  });
});
