// Where a run was measured, and of which code.
import { execFile } from 'node:child_process';
import os from 'node:os';
import { promisify } from 'node:util';
import { ROOT } from './product.js';
import type { FleetRecord } from './record.js';

const run = promisify(execFile);

/** This machine. @param loadBefore load average of one minute before the run */
export function machineOf(loadBefore: number): FleetRecord['machine'] {
  return {
    cores: os.cpus().length,
    model: os.cpus()[0]?.model.trim() ?? '',
    memoryBytes: os.totalmem(),
    system: `${os.platform()} ${os.release()} ${os.arch()}`,
    loadBefore,
  };
}

/** The load average of one minute: who else is busy. */
export function loadNow(): number {
  return os.loadavg()[0] ?? 0;
}

/** The commit that was measured, with `+` where the working tree differs from it. */
export async function commitOfCheckout(): Promise<string> {
  try {
    const git = async (...argv: string[]): Promise<string> => (await run('git', ['-C', ROOT, ...argv])).stdout.trim();
    const changes = await git('status', '--porcelain', '--untracked-files=no');
    return `${await git('rev-parse', '--short=12', 'HEAD')}${changes === '' ? '' : '+'}`;
  } catch {
    return 'unknown';
  }
}
