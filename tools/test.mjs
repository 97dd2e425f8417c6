// npm test: sets everything up, runs all tests (or those that the arguments name), and ends with one line of counts.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { inRoot, progress, run } from './lib/project.mjs';
import { setup } from './lib/setup.mjs';

try {
  await setup();
} catch (error) {
  progress(`setup failed: ${error.message}`);
  process.stdout.write('0 passed, 1 failed, 0 skipped\n');
  process.exit(1);
}
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'wheelwright-report-'));
const report = path.join(folder, 'report.json');
try {
  progress('run the tests');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const argv = ['run', ...reporters, ...process.argv.slice(2)];
  const code = await run(process.execPath, [inRoot('node_modules/vitest/vitest.mjs'), ...argv], { check: false });
  process.exitCode = summarise(fs.existsSync(report) ? JSON.parse(fs.readFileSync(report, 'utf8')) : undefined, code);
} finally {
  fs.rmSync(folder, { recursive: true, force: true });
}

/** Prints the reasons of skipped tests and the counts; answers the exit code. */
function summarise(result, code) {
  const tests = (result?.testResults ?? []).flatMap((file) => file.assertionResults);
  const having = (...statuses) => tests.filter(({ status }) => statuses.includes(status));
  const skipped = having('pending', 'skipped', 'todo', 'disabled');
  const reasons = new Map();
  for (const { ancestorTitles, title } of skipped) {
    // By convention a title says why: `... skipped: <reason>`.
    const titles = [...ancestorTitles, title].map((text) => /skipped: (.*?)\)?$/.exec(text)?.[1]);
    const reason = titles.find((text) => text !== undefined) ?? 'no reason given';
    reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  }
  for (const [reason, count] of reasons) process.stdout.write(`skipped ${count}: ${reason}\n`);
  // A file that cannot be loaded fails without a test in it.
  const broken = (result?.testResults ?? []).filter(
    ({ status, assertionResults }) => status === 'failed' && assertionResults.every((test) => test.status !== 'failed'),
  );
  const failed = having('failed').length + broken.length;
  const counted = Math.max(failed, code === 0 ? 0 : 1);
  process.stdout.write(`${having('passed').length} passed, ${counted} failed, ${skipped.length} skipped\n`);
  return counted > 0 ? 1 : 0;
}
