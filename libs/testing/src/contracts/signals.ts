// What every backend of the signals must do. One suite, run on Postgres and on Redis.
import type { Signal, Signals } from '@wheelwright/platform-queue';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

export interface SignalsFixture {
  open(): Promise<Signals>;
  /** Cuts the connections of all subscribers; they may reconnect at once. */
  cutConnections(): Promise<void>;
  stop(): Promise<void>;
}

const POLL = { timeout: 10_000, interval: 10 };

/** Runs the suite of the signals port under a name. */
export function signalsContract(name: string, setup: () => Promise<SignalsFixture>): void {
  describe(`Signals on ${name}`, () => {
    let fixture: SignalsFixture;
    let publisher: Signals;
    let subscriber: Signals;

    beforeAll(async () => {
      fixture = await setup();
      publisher = await fixture.open();
      subscriber = await fixture.open();
    });
    afterAll(async () => {
      await Promise.all([publisher.close(), subscriber.close()]);
      await fixture.stop();
    });

    it('reaches every subscriber of the channel and nobody else', async () => {
      const seen: Record<string, Signal[]> = { a: [], b: [], other: [] };
      const unsubscribe = [
        await subscriber.subscribe('apps', (signal) => seen['a']?.push(signal)),
        await publisher.subscribe('apps', (signal) => seen['b']?.push(signal)),
        await subscriber.subscribe('fleet', (signal) => seen['other']?.push(signal)),
      ];
      await publisher.publish('apps', ['1', '2', '1']);
      const expected = [{ resync: false, ids: ['1', '2'] }];
      await expect.poll(() => [seen['a'], seen['b']], POLL).toEqual([expected, expected]);
      expect(seen['other']).toEqual([]);
      for (const end of unsubscribe) await end();
    });

    it('carries any number of ids', async () => {
      const ids = Array.from({ length: 2_000 }, (_, at) => `00000000-0000-4000-8000-${String(at).padStart(12, '0')}`);
      const seen: string[] = [];
      const end = await subscriber.subscribe('many', (signal) => seen.push(...(signal.resync ? [] : signal.ids)));
      await publisher.publish('many', ids);
      await publisher.publish('many', []);
      await expect.poll(() => seen, POLL).toEqual(ids);
      await end();
    });

    it('hears nothing after it ended its subscription', async () => {
      const seen: Signal[] = [];
      const end = await subscriber.subscribe('ended', (signal) => seen.push(signal));
      await end();
      await publisher.publish('ended', ['1']);
      const witness: Signal[] = [];
      const endWitness = await subscriber.subscribe('witness', (signal) => witness.push(signal));
      await publisher.publish('witness', ['1']);
      await expect.poll(() => witness.length, POLL).toBe(1);
      expect(seen).toEqual([]);
      await endWitness();
    });

    it('says so when words may have been missed, and hears on', async () => {
      const seen: Signal[] = [];
      const end = await subscriber.subscribe('cut', (signal) => seen.push(signal));
      await fixture.cutConnections();
      await expect.poll(() => seen, POLL).toContainEqual({ resync: true });
      await expect
        .poll(async () => {
          await publisher.publish('cut', ['after']).catch(() => undefined);
          return seen;
        }, POLL)
        .toContainEqual({ resync: false, ids: ['after'] });
      await end();
    });
  });
}
