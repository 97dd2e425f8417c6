// Loaded into the hub and the workers (`--import`) where the experiment profiles them: writes a .cpuprofile when the process ends.
// NODE_OPTIONS takes --cpu-prof only in newer versions of Node.
import { mkdirSync, writeFileSync } from 'node:fs';
import { Session } from 'node:inspector';
import path from 'node:path';
import { PROFILE_VARIABLE } from './profile-variable.js';

const SAMPLE_MICROSECONDS = 1_000;

function profileUntilTheEnd(folder: string): void {
  const session = new Session();
  session.connect();
  session.post('Profiler.enable');
  session.post('Profiler.setSamplingInterval', { interval: SAMPLE_MICROSECONDS });
  session.post('Profiler.start');
  // The process ends by `process.exit`: only what is synchronous still happens, and a session in its own thread is.
  process.once('exit', () => {
    session.post('Profiler.stop', (error, result) => {
      if (error !== null) return;
      const name = path.basename(path.dirname(process.argv[1] ?? 'node'));
      mkdirSync(folder, { recursive: true });
      writeFileSync(path.join(folder, `${name}-${String(process.pid)}.cpuprofile`), JSON.stringify(result.profile));
    });
  });
}

const folder = process.env[PROFILE_VARIABLE];
if (folder !== undefined) profileUntilTheEnd(folder);
