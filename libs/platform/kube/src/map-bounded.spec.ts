import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mapBounded } from './map-bounded.js';

describe('mapBounded', () => {
  it('keeps the order of items and the bound (property)', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(5), { maxLength: 30 }), fc.integer({ min: 1, max: 6 }), async (items, limit) => {
        let running = 0;
        let most = 0;
        const doubled = await mapBounded(items, limit, async (item) => {
          running += 1;
          most = Math.max(most, running);
          for (let turn = 0; turn < item; turn += 1) await Promise.resolve();
          running -= 1;
          return item * 2;
        });
        expect(doubled).toEqual(items.map((item) => item * 2));
        expect(most).toBeLessThanOrEqual(limit);
      }),
    );
  });

  it('starts nothing after a failure, and throws it when the rest has ended', async () => {
    const started: number[] = [];
    const ended: number[] = [];
    const running = mapBounded([0, 1, 2, 3], 2, async (item) => {
      started.push(item);
      await Promise.resolve();
      if (item === 0) throw new Error('boom');
      await Promise.resolve();
      ended.push(item);
    });
    await expect(running).rejects.toThrow('boom');
    expect(started).toEqual([0, 1]);
    expect(ended).toEqual([1]);
  });
});
