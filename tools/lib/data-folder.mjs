// The data folder of an all-in-one: who uses it now, what was left behind, and the first keys.
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { isRoot } from './postgres-binaries.mjs';
import { isAlive, stopPid } from './processes.mjs';

const RUN_FILE = 'run.json';
const KEYS_FILE = 'encryption-keys';

/** Makes the folder. As root others may pass through it (the database runs as another user) but not list it. */
export function openDataFolder(folder) {
  fs.mkdirSync(folder, { recursive: true });
  fs.chmodSync(folder, isRoot ? 0o711 : 0o700);
}

/**
 * What `run.json` says of the run that uses the folder now; `undefined` where none does.
 * @returns {{ pid: number, children: number[], databaseUrl?: string } | undefined}
 */
export function currentRun(folder) {
  const run = readRun(folder);
  return run !== undefined && run.pid !== process.pid && isAlive(run.pid) && commandOf(run.pid).includes('node')
    ? run
    : undefined;
}

/** Takes the folder for this process, and ends what a killed run left behind. Throws where another run uses it. */
export async function claimDataFolder(folder) {
  const running = currentRun(folder);
  if (running !== undefined) {
    throw new Error(
      `${folder} is in use by process ${running.pid}: stop it, or set WHEELWRIGHT_DATA_DIR to another folder`,
    );
  }
  for (const pid of readRun(folder)?.children ?? []) {
    // Only what is still one of ours: the pid may be another program's by now.
    if (isAlive(pid) && commandOf(pid).includes(`dist${path.sep}apps${path.sep}`))
      await stopPid(pid, ['SIGTERM', 'SIGKILL'], 3_000);
  }
  recordRun(folder, { children: [] });
}

/** Notes what this run consists of. The file holds the database's address, so nobody else may read it. */
export function recordRun(folder, { children, databaseUrl }) {
  const text = JSON.stringify({ pid: process.pid, children, ...(databaseUrl === undefined ? {} : { databaseUrl }) });
  const partial = path.join(folder, `${RUN_FILE}.${process.pid}`);
  fs.writeFileSync(partial, text, { mode: 0o600 });
  fs.renameSync(partial, path.join(folder, RUN_FILE));
}

/** Gives the folder free. */
export function releaseDataFolder(folder) {
  if (readRun(folder)?.pid === process.pid) fs.rmSync(path.join(folder, RUN_FILE), { force: true });
}

/** The key ring of this folder, made at first use. To rotate: put a new `id:base64,` in front, restart, `npm run rotate-keys`. */
export function ensureEncryptionKeys(folder) {
  const file = path.join(folder, KEYS_FILE);
  if (!fs.existsSync(file)) {
    fs.writeFileSync(file, `k1:${randomBytes(32).toString('base64')}\n`, { mode: 0o600, flag: 'wx' });
  }
  return fs.readFileSync(file, 'utf8').trim();
}

function readRun(folder) {
  try {
    return JSON.parse(fs.readFileSync(path.join(folder, RUN_FILE), 'utf8'));
  } catch {
    return undefined;
  }
}

/** The command line of a process. Where the system does not say, it counts as ours: better to refuse than to share. */
function commandOf(pid) {
  try {
    return fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return process.platform === 'linux' ? '' : 'node';
  }
}
