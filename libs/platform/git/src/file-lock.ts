// Keeps two processes on one host out of the same mirror. A lock whose holder died, or no longer says that it lives, is taken over.
import { randomUUID } from 'node:crypto';
import { readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { AppError } from '@wheelwright/kernel';

/** A holder says that it lives three times in this long. */
const STALE_MS = 30_000;
const RETRY_MS = 25;

/** Runs `work` while holding the lock file. Throws SourceFailed where the lock cannot be had in time. */
export async function withFileLock<T>(file: string, waitMs: number, work: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + waitMs;
  while (!(await take(file))) {
    if (await isStale(file)) await discard(file);
    else if (performance.now() > deadline)
      throw new AppError('SourceFailed', 'Another process holds the mirror of this repository');
    else await delay(RETRY_MS * (1 + Math.random()));
  }
  const beat = setInterval(() => {
    // A lock that was taken over is not ours to touch; the next owner's own beat covers it.
    utimes(file, new Date(), new Date()).catch(() => undefined);
  }, STALE_MS / 3);
  try {
    return await work();
  } finally {
    clearInterval(beat);
    await rm(file, { force: true });
  }
}

async function take(file: string): Promise<boolean> {
  try {
    await writeFile(file, `${hostname()} ${String(process.pid)}`, { flag: 'wx' });
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

async function isStale(file: string): Promise<boolean> {
  try {
    const [host, pid] = (await readFile(file, 'utf8')).split(' ');
    if (Date.now() - (await stat(file)).mtimeMs > STALE_MS) return true;
    return host === hostname() && pid !== undefined && !isAlive(Number(pid));
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw error;
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return codeOf(error) !== 'ESRCH';
  }
}

/** Moves it away first: of two that see the same stale lock, one moves it and the other finds nothing. */
async function discard(file: string): Promise<void> {
  const aside = `${file}.${randomUUID()}`;
  try {
    await rename(file, aside);
    await rm(aside, { force: true });
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
