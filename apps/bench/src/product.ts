// The whole product, started as `npm start` starts it, with its processes known by kind.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Redis } from 'ioredis';
// eslint-disable-next-line @nx/enforce-module-boundaries -- a type only: the scripts under tools/ are no project that could be imported by name
import type { AllInOne, AllInOneOptions } from '../../../tools/lib/all-in-one.mjs';
import { Database } from './database.js';
import type { ProcessKind } from './record.js';

/** Absolute path of the checkout: this file lies three folders below it, as source and compiled. */
export const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** Absolute path of a file of the checkout. */
export const inRoot = (...parts: readonly string[]): string => path.join(ROOT, ...parts);

interface RedisServer {
  readonly pid: number | undefined;
  readonly version: string;
}

/** The running product, as an experiment measures it. */
export interface Product {
  readonly all: AllInOne;
  readonly database: Database;
  readonly redis: RedisServer | undefined;
  /** The roots of its process trees. A kind that is not on this machine is left out. */
  readonly pids: () => Partial<Record<ProcessKind, readonly number[]>>;
  stop(): Promise<void>;
}

/** Starts everything; the workspace must be built. */
export async function startProduct(options: AllInOneOptions): Promise<Product> {
  // Plain JavaScript outside of this project: known by its declaration, loaded from the checkout.
  const tool = (await import(pathToFileURL(inRoot('tools/lib/all-in-one.mjs')).href)) as {
    readonly startAllInOne: (options: AllInOneOptions) => Promise<AllInOne>;
  };
  const all = await tool.startAllInOne(options);
  try {
    const database = await Database.open(all.databaseUrl);
    const postgres = await database.serverPid();
    const redis = await redisServer(process.env['REDIS_URL']);
    return {
      all,
      database,
      redis,
      pids: () => ({
        hub: [all.hub.pid],
        worker: all.workers.map(({ pid }) => pid),
        ...(postgres === undefined ? {} : { postgres: [postgres] }),
        ...(redis?.pid === undefined ? {} : { redis: [redis.pid] }),
      }),
      stop: async () => {
        await database.close().catch(() => undefined);
        await all.stop();
      },
    };
  } catch (error) {
    await all.stop();
    throw error;
  }
}

async function redisServer(url: string | undefined): Promise<RedisServer | undefined> {
  if (url === undefined || url === '') return undefined;
  const redis = new Redis(url, { lazyConnect: true });
  try {
    await redis.connect();
    const info = await redis.info('server');
    const field = (name: string): string => new RegExp(`^${name}:(.*)$`, 'm').exec(info)?.[1]?.trim() ?? '';
    const isLocal = ['127.0.0.1', 'localhost', '[::1]'].includes(new URL(url).hostname);
    const pid = Number(field('process_id'));
    return { pid: isLocal && existsSync(`/proc/${String(pid)}`) ? pid : undefined, version: field('redis_version') };
  } finally {
    redis.disconnect();
  }
}
