// The committed corpus of the Go template engine is what the Go program makes of its cases today.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';

const PROGRAM = path.join(import.meta.dirname, 'go-template-golden');
const FIXTURES = path.join(import.meta.dirname, '..', 'libs', 'go-template', 'fixtures');
const DEADLINE_MS = 5 * 60_000;
/** Older versions of text/template know less (`else with`, `range` over whole numbers) and name some errors differently. */
const LEAST_MINOR = 26;

/** Why the program cannot run here; `undefined` where it can. */
function whyNot(): string | undefined {
  const { status, stdout } = spawnSync('go', ['env', 'GOVERSION'], { encoding: 'utf8' });
  if (status !== 0) return 'there is no go on PATH';
  const minor = Number(/^go1\.(\d+)/.exec(stdout.trim())?.[1] ?? 0);
  return minor < LEAST_MINOR ? `go is older than 1.${LEAST_MINOR}: ${stdout.trim()}` : undefined;
}

const reason = whyNot();
if (reason !== undefined) console.log(`go-template-golden is skipped: ${reason}`);

it.skipIf(reason !== undefined)(
  'writes the fixtures that are committed',
  () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'go-template-golden-'));
    try {
      const run = spawnSync('go', ['run', '.', 'cases', folder], {
        cwd: PROGRAM,
        encoding: 'utf8',
        timeout: DEADLINE_MS,
      });
      expect(run.stderr.split('\n').slice(-5).join('\n') + String(run.status)).toMatch(/0$/);
      const names = fs.readdirSync(folder).sort();
      expect(names).toEqual(fs.readdirSync(FIXTURES).sort());
      for (const name of names) {
        expect(fs.readFileSync(path.join(folder, name), 'utf8'), name).toBe(
          fs.readFileSync(path.join(FIXTURES, name), 'utf8'),
        );
      }
    } finally {
      fs.rmSync(folder, { recursive: true, force: true });
    }
  },
  DEADLINE_MS,
);
