// What a fresh checkout needs before anything runs: dependencies, then a build. Uses nothing but Node.
import fs from 'node:fs';
import { inRoot, run, step, unlessStamped } from './project.mjs';

const OLDEST_NODE = [20, 19];

/** Installs the locked dependencies where they are missing or the lock file changed. Ends the process where Node is too old. */
export async function ensureDependencies() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor < OLDEST_NODE[1])) {
    throw new Error(`Node ${OLDEST_NODE.join('.')} or newer is needed, this is ${process.versions.node}`);
  }
  const stamp = inRoot('node_modules/.wheelwright-lock');
  if (!fs.existsSync(inRoot('node_modules/.package-lock.json'))) fs.rmSync(stamp, { force: true });
  await unlessStamped(stamp, [inRoot('package-lock.json')], () =>
    step('install dependencies (npm ci)', () =>
      run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
        quiet: true,
        shell: process.platform === 'win32',
      }),
    ),
  );
}

/** Dependencies and a build of everything. */
export async function setup() {
  await ensureDependencies();
  // Loaded only now: it may read installed packages.
  const { build } = await import('./build.mjs');
  await build();
}
