// The README keeps its word: every block that it marks as `sh test` is run in order against a real hub and one spoke.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '@wheelwright/platform-exec';
import { startSpokeSim } from '@wheelwright/spoke-sim';
import { createTestDatabase } from '@wheelwright/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startAllInOne } from '../../../tools/lib/all-in-one.mjs';

const README = new URL('../../../README.md', import.meta.url);
const START_MS = 120_000;
const STORY_MS = 120_000;
const PASSWORD = 'readme-admin-password';
const BLOCK = /^```sh test\n([\s\S]*?)^```$/gm;
/** Stands in the output before what a block prints. */
const MARK = '@@ block ';

interface Block {
  readonly script: string;
  /** What the README shows after `# =>`, in order. */
  readonly shown: readonly string[];
}

function blocksOf(markdown: string): readonly Block[] {
  return [...markdown.matchAll(BLOCK)].map(([, script = '']) => ({
    script,
    shown: [...script.matchAll(/^# => (.*)$/gm)].map(([, fragment = '']) => fragment),
  }));
}

/** The first fragment that does not follow the ones before it in a text; undefined where all do. */
function missingFrom(text: string, fragments: readonly string[]): string | undefined {
  let at = 0;
  for (const fragment of fragments) {
    const found = text.indexOf(fragment, at);
    if (found < 0) return fragment;
    at = found + fragment.length;
  }
  return undefined;
}

const closers: (() => Promise<void>)[] = [];
let env: Readonly<Record<string, string>>;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wheelwright-readme-'));
  closers.push(() => rm(folder, { recursive: true, force: true }));
  const database = await createTestDatabase();
  closers.push(() => database.drop());
  const sim = await startSpokeSim({ tls: true, controllerDelayMs: 20 });
  closers.push(() => sim.close());
  const spoke = sim.addCluster('readme');
  const all = await startAllInOne({
    env: {
      PORT: '0',
      DATABASE_URL: database.url,
      REDIS_URL: '',
      WHEELWRIGHT_DATA_DIR: join(folder, 'data'),
      WHEELWRIGHT_ADMIN_PASSWORD: PASSWORD,
      WHEELWRIGHT_ALLOW_INSECURE_REPOS: 'true',
      WHEELWRIGHT_ALLOWED_NETWORKS: '127.0.0.0/8',
      WHEELWRIGHT_POLL_INTERVAL: '1s',
    },
    logFolder: join(folder, 'logs'),
  });
  closers.push(() => all.stop());
  env = {
    PATH: '/usr/local/bin:/usr/bin:/bin:/opt/homebrew/bin',
    TMPDIR: folder,
    HUB: all.url,
    ADMIN_PASSWORD: PASSWORD,
    SPOKE: spoke.url,
    SPOKE_TOKEN: spoke.token,
    SPOKE_CA: Buffer.from(sim.caData ?? '').toString('base64'),
  };
}, START_MS);

afterAll(async () => {
  for (const close of closers.reverse()) await close();
});

it('every command of the README does what the README shows', { timeout: STORY_MS + 10_000 }, async () => {
  const blocks = blocksOf(await readFile(README, 'utf8'));
  expect(blocks.length).toBeGreaterThan(5);
  // One shell for all: a block uses what an earlier one has set.
  const script = blocks.map((block, at) => `printf '\\n${MARK}%s\\n' ${String(at)}\n${block.script}`).join('\n');
  const told = await run('sh', ['-eu', '-c', script], {
    cwd: folder,
    env,
    timeoutMs: STORY_MS,
    maxOutputBytes: 1 << 20,
  });
  const output = told.stdout.toString('utf8');
  const printed = output.split(new RegExp(`^${MARK}\\d+\\n`, 'm')).slice(1);
  for (const [at, { script: block, shown }] of blocks.entries()) {
    const text = printed[at] ?? '';
    expect(
      missingFrom(text, shown),
      `block ${String(at + 1)}:\n${block}\nprinted:\n${text}\n${told.stderr}`,
    ).toBeUndefined();
  }
  expect(told.code, `${output.slice(-2_000)}\n${told.stderr}`).toBe(0);
});
