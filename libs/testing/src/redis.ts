// A private redis-server for one test file.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../../tools/lib/ports.mjs';
import { stopPid, waitUntil } from '../../../tools/lib/processes.mjs';

const START_DEADLINE_MS = 10_000;

export interface TestRedis extends AsyncDisposable {
  readonly url: string;
  stop(): Promise<void>;
}

/** The redis-server program: `REDIS_SERVER_BIN`, else what PATH has; `undefined` where there is none. */
export function redisServer(): string | undefined {
  const program = process.env['REDIS_SERVER_BIN'] ?? 'redis-server';
  return spawnSync(program, ['--version']).status === 0 ? program : undefined;
}

/** Why tests on Redis cannot run here; empty where they can. Pass it to `describe.skipIf` and put it into the title. */
export function redisMissing(): string {
  return redisServer() === undefined ? 'skipped: no redis-server on PATH and REDIS_SERVER_BIN is not set' : '';
}

/** Starts an empty server without persistence on a free port. Always a private one: tests flush it. */
export async function startRedis(): Promise<TestRedis> {
  const program = redisServer();
  if (program === undefined) throw new Error(redisMissing());
  const folder = await mkdtemp(join(tmpdir(), 'wheelwright-redis-'));
  const port = await freePort();
  const argv = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', folder];
  const child = spawn(program, [...argv, '--maxmemory-policy', 'noeviction'], { stdio: ['ignore', 'pipe', 'ignore'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (output += chunk));
  const ready = await waitUntil(
    () => output.includes('Ready to accept connections') || child.exitCode !== null,
    START_DEADLINE_MS,
  );
  const stop = async (): Promise<void> => {
    if (child.pid !== undefined && child.exitCode === null) await stopPid(child.pid, ['SIGTERM', 'SIGKILL'], 2_000);
    await rm(folder, { recursive: true, force: true });
  };
  if (!ready || child.exitCode !== null) {
    await stop();
    throw new Error(`redis-server did not start: ${output}`);
  }
  return { url: `redis://127.0.0.1:${port}`, stop, [Symbol.asyncDispose]: stop };
}

/** Runs `work` with a private server and stops it afterwards. */
export async function withRedis<T>(work: (url: string) => Promise<T>): Promise<T> {
  const redis = await startRedis();
  try {
    return await work(redis.url);
  } finally {
    await redis.stop();
  }
}
