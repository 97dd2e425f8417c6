import { ClusterId } from '@wheelwright/kernel';
import { createTestStore, eventually, type TestStore } from '@wheelwright/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Leases, type ClusterLease } from './leases.js';

const SHORTEST_MS = 1_000;
let database: TestStore;
let clusters = 0;

beforeAll(async () => {
  database = await createTestStore();
});
afterAll(() => database.drop());

async function cluster(): Promise<ClusterId> {
  clusters += 1;
  const { rows } = await database.store.pool.query<{ id: string }>(
    'INSERT INTO clusters (name, server) VALUES ($1, $2) RETURNING id',
    [`lease-${String(clusters)}`, `https://lease-${String(clusters)}.example.com`],
  );
  return ClusterId(rows[0]?.id ?? '');
}

const acquire = (holder: string, id: ClusterId): Promise<ClusterLease | undefined> =>
  new Leases(database.store, { holder, durationMs: SHORTEST_MS }).acquire(id);

const isLost = (lease: ClusterLease | undefined): boolean => {
  try {
    lease?.assertHeld();
    return false;
  } catch {
    return true;
  }
};

describe('a lease', () => {
  it('can be used, however short it is configured', async () => {
    const lease = await acquire('a', await cluster());
    expect(isLost(lease)).toBe(false);
  });

  it('belongs to one holder, and ends for it before another one can have it', async () => {
    const id = await cluster();
    const first = await acquire('a', id);
    expect(await acquire('b', id)).toBeUndefined();
    const second = await eventually(
      () => acquire('b', id),
      (lease) => lease !== undefined,
    );
    expect([isLost(first), isLost(second)]).toEqual([true, false]);
    expect(Number(second?.generation)).toBe(Number(first?.generation) + 1);
    await expect(first?.renew()).rejects.toMatchObject({ code: 'LeaseLost' });
  });

  it('can be had at once after it was given back', async () => {
    const id = await cluster();
    await (await acquire('a', id))?.release();
    expect(await acquire('b', id)).toBeDefined();
  });
});
