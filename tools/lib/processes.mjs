// Watching and ending processes that we started, by their pid.
import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 10;

/** Polls until the condition holds; answers whether it did before the deadline. */
export async function waitUntil(condition, deadlineMs) {
  const endsAt = performance.now() + deadlineMs;
  while (!(await condition())) {
    if (performance.now() >= endsAt) return false;
    await delay(POLL_MS);
  }
  return true;
}

/** Whether a process exists (also when it belongs to another user). */
export function isAlive(pid) {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** Sends the signals one after another, each with its own deadline, until the process is gone. */
export async function stopPid(pid, signals, deadlineMs) {
  for (const signal of signals) {
    if (!isAlive(pid)) return;
    try {
      process.kill(pid, signal);
    } catch (error) {
      if (error.code === 'ESRCH') return;
      throw error;
    }
    if (await waitUntil(() => !isAlive(pid), deadlineMs)) return;
  }
}
