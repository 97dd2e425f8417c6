// What every script shares: the root folder, progress lines, and running one program to its end.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** Absolute path of the checkout. */
export const root = fileURLToPath(new URL('../../', import.meta.url));

/** Absolute path of a file inside the checkout. */
export const inRoot = (...parts) => path.join(root, ...parts);

/** Prints one progress line on stderr: stdout belongs to what a script is for. */
export function progress(text) {
  process.stderr.write(`> ${text}\n`);
}

/** Runs a named step and prints how long it took. */
export async function step(name, work) {
  progress(name);
  const startedAt = performance.now();
  const result = await work();
  const seconds = (performance.now() - startedAt) / 1000;
  if (seconds > 2) progress(`${name}: ${seconds.toFixed(1)} s`);
  return result;
}

/**
 * Runs a program to its end with the terminal's streams. Answers its exit code; with `check` any other code than 0 throws.
 * @param {string} file @param {readonly string[]} argv
 * @param {{ env?: Record<string, string>, quiet?: boolean, check?: boolean, shell?: boolean }} options
 *   `quiet` keeps the output back and prints it only where the program fails.
 */
export async function run(file, argv, { env = {}, quiet = false, check = true, shell = false } = {}) {
  const child = spawn(file, argv, {
    cwd: root,
    env: { ...process.env, ...env },
    shell,
    stdio: quiet ? ['ignore', 'pipe', 'pipe'] : ['inherit', 'inherit', 'inherit'],
  });
  const output = [];
  child.stdout?.on('data', (chunk) => output.push(chunk));
  child.stderr?.on('data', (chunk) => output.push(chunk));
  const code = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exitCode, signal) => resolve(exitCode ?? (signal === null ? 1 : 128)));
  });
  if (quiet && code !== 0) process.stderr.write(Buffer.concat(output));
  if (check && code !== 0) throw new Error(`${path.basename(file)} ${argv.join(' ')} ended with code ${code}`);
  return code;
}

/** SHA-256 over the contents of some files, in the order given. */
export function hashFiles(files) {
  const hash = createHash('sha256');
  for (const file of files) hash.update(fs.readFileSync(file)).update('\0');
  return hash.digest('hex');
}

/**
 * Runs `work` unless it ran before for the same inputs: the stamp file holds their hash.
 * @param {string} stamp @param {readonly string[]} inputs @param {() => Promise<unknown>} work
 */
export async function unlessStamped(stamp, inputs, work) {
  const hash = hashFiles(inputs);
  if (fs.existsSync(stamp) && fs.readFileSync(stamp, 'utf8') === hash) return;
  await work();
  fs.mkdirSync(path.dirname(stamp), { recursive: true });
  fs.writeFileSync(stamp, hash);
}
