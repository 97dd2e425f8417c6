import { isAlive } from '../../../tools/lib/processes.mjs';
import { dropBusySchema, eventually } from '@wheelwright/testing';
import { Redis } from 'ioredis';
import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { BACKENDS, titleOf } from './support/backends.js';
import { deployment, manyApplications, settings } from './support/manifests.js';
import { Product } from './support/product.js';
import { Scenario } from './support/scenario.js';
import type { Spoke } from './support/spokes.js';
import { changedTwice, fencingFaults, lastWriter, leasedWrites, type LeasedWrite } from './support/write-log.js';

const START_MS = 120_000;
const SCENARIO_MS = 120_000;
/** Slow enough that a rollout takes many slices, and that something is always on its way to the spoke. */
const LATENCY_MS = 100;
const BEGUN = 12;

const FILES = { 'app/settings.yaml': settings('one'), 'app/web.yaml': deployment('web') };

const writesOf = async (spoke: Spoke): Promise<readonly LeasedWrite[]> => leasedWrites(await spoke.writes());

/** The writes, once there are some but not yet all. */
const begun = (spoke: Spoke): Promise<readonly LeasedWrite[]> =>
  eventually(
    () => writesOf(spoke),
    (writes) => writes.length >= BEGUN,
  );

/** The queue loses everything it holds. */
async function loseQueue(product: Product): Promise<void> {
  if (product.redisUrl !== undefined) {
    const redis = new Redis(product.redisUrl);
    await redis.flushall().finally(() => redis.disconnect());
    return;
  }
  const client = new Client({ connectionString: product.databaseUrl });
  await client.connect();
  await dropBusySchema(client, 'bullmq').finally(() => client.end());
}

describe.each(BACKENDS)('workers that share a spoke', (backend) => {
  describe.skipIf(backend.missing !== '')(titleOf(backend), () => {
    let product: Product;
    let scenario: Scenario;
    let spoke: Spoke;
    let names: readonly string[];
    beforeAll(async () => {
      product = await Product.start({ backend, workers: 2 });
    }, START_MS);
    afterAll(async () => {
      await product.stop();
      expect(product.lost).toBeUndefined();
    });
    beforeEach(async () => {
      scenario = await Scenario.given(product, { clusters: { one: {} }, files: FILES });
      spoke = scenario.spoke('one');
    });
    afterEach(() => scenario.end());

    /** Starts a rollout of many Applications on the slow spoke; answers when it is under way. */
    const rollOut = async (count: number): Promise<readonly LeasedWrite[]> => {
      const many = manyApplications(count, { cluster: 'one', path: 'app' });
      names = many.names;
      await spoke.misbehave({ latencyMs: LATENCY_MS });
      await scenario.applies(many.yaml);
      return begun(spoke);
    };
    /** Waits for the end of the rollout, and checks what must hold of every one. */
    const finished = async (): Promise<readonly LeasedWrite[]> => {
      await spoke.misbehave({});
      await scenario.becomesHealthy(...names);
      const writes = await writesOf(spoke);
      expect(fencingFaults(writes)).toEqual([]);
      expect(changedTwice(writes, 'ConfigMap')).toEqual([]);
      for (const name of names) expect(await spoke.text(name)).toBe('one');
      return writes;
    };

    it('write one at a time, and make each object once', { timeout: SCENARIO_MS }, async () => {
      await rollOut(40);
      await eventually(
        () => writesOf(spoke),
        (writes) => new Set(writes.map(({ generation }) => generation)).size > 1,
        SCENARIO_MS / 2,
      );
      await finished();
    });

    it('finish what a killed one left in the middle', { timeout: SCENARIO_MS }, async () => {
      const victim = lastWriter(await rollOut(24));
      await product.workers.find(({ pid }) => pid === victim)?.stop(['SIGKILL']);
      expect(isAlive(victim ?? 0)).toBe(false);
      const writes = await finished();
      product.addWorker();
      const first = writes.findIndex(({ pid }) => pid !== victim);
      expect(first).toBeGreaterThan(0);
      expect(writes.slice(first).filter(({ pid }) => pid === victim)).toEqual([]);
    });

    it(
      'go on without one that stands still, and it writes nothing when it wakes up late',
      { timeout: SCENARIO_MS },
      async () => {
        const sleeper = lastWriter(await rollOut(24)) ?? 0;
        process.kill(sleeper, 'SIGSTOP');
        try {
          await eventually(
            () => writesOf(spoke),
            (writes) => lastWriter(writes) !== sleeper,
            60_000,
          );
        } finally {
          process.kill(sleeper, 'SIGCONT');
        }
        // Law 3 itself is in `finished`: whatever the sleeper had in hand when it woke up would come under an old lease.
        const writes = await finished();
        expect(writes[0]?.pid).toBe(sleeper);
      },
    );

    it('finish a rollout though the queue loses all it holds', { timeout: SCENARIO_MS }, async () => {
      await rollOut(24);
      await loseQueue(product);
      await finished();
    });

    it('go on while the hub restarts', { timeout: SCENARIO_MS }, async () => {
      await rollOut(24);
      await product.restartHub();
      await finished();
    });

    it(
      'and the hub end with code 0 within ten seconds of SIGTERM, and leave nothing behind',
      { timeout: SCENARIO_MS },
      async () => {
        await rollOut(24);
        const ending = [product.hubProcess, ...product.workers].map(async (child) => {
          const startedMs = performance.now();
          const code = new Promise<number | null>((resolve) => child.process.once('exit', resolve));
          await child.stop(['SIGTERM']);
          return {
            name: child.name,
            code: await code,
            inTime: performance.now() - startedMs < 10_000,
            alive: isAlive(child.pid),
          };
        });
        for (const end of await Promise.all(ending)) expect(end).toMatchObject({ code: 0, inTime: true, alive: false });
      },
    );
  });
});
