import { done } from '@wheelwright/kernel';
import { announce, enqueue } from '@wheelwright/platform-store';
import { createTestStore, type TestStore } from '@wheelwright/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openQueue } from './bull-queue.js';
import { OutboxRelay } from './outbox-relay.js';
import type { QueuePort } from './ports.js';

const POLL = { timeout: 5_000, interval: 10 };

let test: TestStore;
let queue: QueuePort;

beforeAll(async () => {
  test = await createTestStore();
  queue = await openQueue({ databaseUrl: test.url });
});
afterAll(async () => {
  await queue.close();
  await test.drop();
});

const rowsLeft = (): Promise<number> => test.store.prisma.outbox.count();

describe('OutboxRelay', () => {
  it('hands committed rows to the queue at once, in batches, each key once, and empties the table', async () => {
    const seen: string[] = [];
    await queue.process('deploy', (key) => Promise.resolve((seen.push(key), done)), {
      concurrency: 8,
      deadlineMs: 5_000,
    });
    // The poll is out of the way: only the wake-up can have done it.
    const relays = [1, 2].map(() => new OutboxRelay(test.store, queue, { batchSize: 10, pollMs: 60_000 }));
    for (const relay of relays) await relay.start();
    const keys = Array.from({ length: 45 }, (_, at) => `c${at}`);
    await test.store.tx((client) => enqueue(client, 'deploy', keys));
    await expect.poll(() => new Set(seen).size, POLL).toBe(45);
    await expect.poll(rowsLeft, POLL).toBe(0);
    for (const relay of relays) await relay.stop();
  });

  it('keeps the rows when the queue does not take them, and relays them later', async () => {
    await test.store.tx((client) => enqueue(client, 'source', ['r1']));
    const closed = await openQueue({ databaseUrl: test.url });
    await closed.close();
    const errors: unknown[] = [];
    const broken = new OutboxRelay(test.store, closed, { pollMs: 20, onError: (error) => errors.push(error) });
    await broken.start();
    await expect.poll(() => errors.length, POLL).toBeGreaterThan(1);
    await broken.stop();
    expect(await rowsLeft()).toBe(1);
    const relay = new OutboxRelay(test.store, queue, { pollMs: 20 });
    await relay.start();
    await expect.poll(rowsLeft, POLL).toBe(0);
    expect((await queue.counts('source')).waiting).toBe(1);
    await relay.stop();
  });

  it('tells subscribers what was announced, each id once, and keeps no queue waiting for a signal that fails', async () => {
    const told: unknown[] = [];
    const errors: unknown[] = [];
    const signals = {
      publish: (channel: string, ids: readonly string[]) => {
        told.push([channel, ids]);
        return channel === 'fleet' ? Promise.reject(new Error('nobody is there')) : Promise.resolve();
      },
    };
    const relay = new OutboxRelay(test.store, queue, {
      pollMs: 60_000,
      signals,
      onError: (error) => errors.push(error),
    });
    await relay.start();
    const ids = Array.from({ length: 400 }, (_, at) => `id-${at}`);
    await test.store.tx(async (client) => {
      await announce(client, 'applications', ids);
      await announce(client, 'applications', ['id-0']);
      await announce(client, 'applications', []);
      await announce(client, 'fleet', ['c1']);
      await enqueue(client, 'observe', ['c1']);
    });
    await expect.poll(rowsLeft, POLL).toBe(0);
    await expect
      .poll(() => told, POLL)
      .toEqual([
        ['applications', ids],
        ['fleet', ['c1']],
      ]);
    await expect.poll(() => errors.length, POLL).toBe(1);
    expect((await queue.counts('observe')).waiting).toBe(1);
    await relay.stop();
  });
});
