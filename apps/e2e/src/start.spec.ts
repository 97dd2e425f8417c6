import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { eventually } from '@wheelwright/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isAlive, stopPid } from '../../../tools/lib/processes.mjs';
import { Hub } from './support/hub.js';
import { inRoot } from './support/root.js';

const START_MS = 120_000;
const STOP_MS = 10_000;

/** What `npm start` says and does. */
class Started {
  readonly lines: string[] = [];
  readonly exited: Promise<number | null>;

  private constructor(private readonly child: ChildProcess) {
    if (child.stdout !== null) createInterface({ input: child.stdout }).on('line', (line) => this.lines.push(line));
    this.exited = new Promise((resolve) => child.once('exit', resolve));
  }

  /** As a user would who has set only where it shall listen and keep its data. */
  static run(dataDir: string): Started {
    const env = { ...process.env, PORT: '0', WHEELWRIGHT_DATA_DIR: dataDir, LOG_LEVEL: 'warn' };
    for (const name of [
      'DATABASE_URL',
      'REDIS_URL',
      'WHEELWRIGHT_ADMIN_PASSWORD',
      'WHEELWRIGHT_ENCRYPTION_KEYS',
      'NODE_ENV',
    ])
      Reflect.deleteProperty(env, name);
    return new Started(
      spawn(process.execPath, [inRoot('tools/start.mjs')], { cwd: inRoot(), env, stdio: ['ignore', 'pipe', 'ignore'] }),
    );
  }

  /** Waits for the line, and answers the address in it. */
  async ready(): Promise<string> {
    const find = (): string | undefined => this.lines.find((line) => line.startsWith('ready '));
    await eventually(
      async () => find() ?? this.child.exitCode,
      (answer) => answer !== null,
      START_MS,
    );
    return find()?.slice('ready '.length) ?? '';
  }

  /** Asks it to end; answers its exit code, and whether it took less than ten seconds. */
  async end(): Promise<{ readonly code: number | null; readonly inTime: boolean }> {
    const startedMs = performance.now();
    this.child.kill('SIGTERM');
    const code = await this.exited;
    return { code, inTime: performance.now() - startedMs < STOP_MS };
  }

  async kill(): Promise<void> {
    await stopPid(this.child.pid ?? 0, ['SIGTERM', 'SIGKILL'], STOP_MS);
  }
}

/** Processes of a run that use this folder: hub, worker and database. */
function processesOf(dataDir: string): readonly number[] {
  const { children } = JSON.parse(readFileSync(join(dataDir, 'run.json'), 'utf8')) as { children: readonly number[] };
  const postmaster = Number(readFileSync(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8').split('\n')[0]);
  return [...children, postmaster];
}

describe('npm start', () => {
  let folder: string;
  let dataDir: string;
  const runs: Started[] = [];
  const start = (): Started => {
    const run = Started.run(dataDir);
    runs.push(run);
    return run;
  };
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'wheelwright-start-'));
    // The embedded database runs as another user where this one is root.
    chmodSync(folder, 0o711);
    dataDir = join(folder, 'data');
  });
  afterAll(async () => {
    for (const run of runs) await run.kill();
    await rm(folder, { recursive: true, force: true });
  });

  it(
    'says where it is and how to log in, once, and ends with code 0 and nothing left',
    { timeout: START_MS + 30_000 },
    async () => {
      const first = start();
      const url = await first.ready();
      expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
      const password = first.lines
        .map((line) => /^first login: admin \/ (\S+)/.exec(line)?.[1])
        .find((text) => text !== undefined);
      await new Hub(url).login('admin', password ?? '');
      const pids = processesOf(dataDir);
      expect(pids.map(isAlive)).toEqual(pids.map(() => true));
      expect(await first.end()).toEqual({ code: 0, inTime: true });
      expect(pids.map(isAlive)).toEqual(pids.map(() => false));
      expect(existsSync(join(dataDir, 'run.json'))).toBe(false);
      expect(first.lines.filter((line) => /^(ready|first login)/.test(line)).length).toBe(2);

      const second = start();
      await new Hub(await second.ready()).login('admin', password ?? '');
      expect(second.lines.filter((line) => line.startsWith('first login'))).toEqual([]);
      expect(await second.end()).toEqual({ code: 0, inTime: true });
    },
  );
});
