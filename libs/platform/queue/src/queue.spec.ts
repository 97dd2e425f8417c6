import {
  createTestDatabase,
  createTestStore,
  dropBusySchema,
  queueContract,
  redisMissing,
  signalsContract,
  startRedis,
} from '@wheelwright/testing';
import { openStore } from '@wheelwright/platform-store';
import { Redis } from 'ioredis';
import { Client } from 'pg';
import { describe } from 'vitest';
import { openQueue } from './bull-queue.js';
import { openSignals } from './signals.js';

async function withClient(url: string, work: (client: Client) => Promise<unknown>): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  await work(client).finally(() => client.end());
}

async function redis(url: string, command: string, ...args: string[]): Promise<void> {
  const client = new Redis(url);
  await client.call(command, ...args);
  client.disconnect();
}

queueContract('Postgres', async () => {
  const database = await createTestDatabase();
  return {
    open: () => openQueue({ databaseUrl: database.url }),
    destroyData: () => withClient(database.url, (client) => dropBusySchema(client, 'bullmq')),
    stop: () => database.drop(),
  };
});

signalsContract('Postgres', async () => {
  const database = await createTestDatabase();
  const stores: { close(): Promise<void> }[] = [];
  return {
    open: async () => {
      const store = await openStore({ url: database.url, maxConnections: 2, applicationName: 'signals' });
      stores.push(store);
      return openSignals(store);
    },
    cutConnections: () =>
      withClient(database.url, (client) =>
        client.query(
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'signals' AND datname = current_database()`,
        ),
      ),
    stop: async () => {
      for (const store of stores) await store.close();
      await database.drop();
    },
  };
});

describe.skipIf(redisMissing() !== '')(`on Redis ${redisMissing()}`, () => {
  queueContract('Redis', async () => {
    const server = await startRedis();
    return {
      open: () => openQueue({ databaseUrl: '', redisUrl: server.url }),
      destroyData: () => redis(server.url, 'FLUSHALL'),
      stop: () => server.stop(),
    };
  });

  signalsContract('Redis', async () => {
    const server = await startRedis();
    const test = await createTestStore();
    return {
      open: () => openSignals(test.store, server.url),
      cutConnections: () => redis(server.url, 'CLIENT', 'KILL', 'TYPE', 'pubsub'),
      stop: async () => {
        await test.drop();
        await server.stop();
      },
    };
  });
});
