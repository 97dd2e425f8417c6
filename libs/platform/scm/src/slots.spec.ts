import { describe, expect, it } from 'vitest';
import { Slots } from './slots.js';

/** Work that ends when it is told to. */
function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open };
}

describe('slots', () => {
  const never = new AbortController().signal;

  it('runs so many at once per key, in the order of the calls', async () => {
    const slots = new Slots(2);
    const gates = [gate(), gate(), gate(), gate()];
    const begun: number[] = [];
    const runs = gates.map(async ({ opened }, index) =>
      slots.run(index === 3 ? 'other' : 'a', never, async () => {
        begun.push(index);
        await opened;
      }),
    );
    expect(begun).toEqual([0, 1, 3]);
    gates[1]?.open();
    await runs[1];
    await expect.poll(() => begun).toEqual([0, 1, 3, 2]);
    gates.forEach(({ open }) => open());
    await Promise.all(runs);
  });

  it('gives a slot back after a failure, and forgets who gave up waiting', async () => {
    const slots = new Slots(1);
    const first = gate();
    const failing = slots.run('a', never, async () => {
      await first.opened;
      throw new Error('failed');
    });
    const controller = new AbortController();
    const waiting = slots.run('a', controller.signal, async () => 'never');
    controller.abort(new Error('given up'));
    await expect(waiting).rejects.toThrow('given up');
    await expect(slots.run('a', controller.signal, async () => 'never')).rejects.toThrow('given up');
    const last = slots.run('a', never, async () => 'done');
    first.open();
    await expect(failing).rejects.toThrow('failed');
    expect(await last).toBe('done');
  });
});
