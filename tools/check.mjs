// npm run check: types, lint with the import law, format. Runs all of them, and reports all that fail.
import { inRoot, progress, run } from './lib/project.mjs';
import { setup } from './lib/setup.mjs';

let built = true;
await setup().catch((error) => {
  // The checks below say more than the build does.
  built = false;
  progress(`setup failed: ${error.message}`);
});
const node = (script, argv) => ({ file: process.execPath, argv: [inRoot('node_modules', script), ...argv] });

// The rule for project boundaries reads the project graph that nx leaves in its cache.
await run(process.execPath, [inRoot('node_modules/nx/dist/bin/nx.js'), 'graph', '--file=.nx/graph.json'], {
  quiet: true,
  env: { NX_DAEMON: 'false' },
});

const CHECKS = [
  { name: 'types', ...node('typescript-native/bin/tsc', ['-p', 'tsconfig.check.json']) },
  { name: 'lint and import law', ...node('eslint/bin/eslint.js', ['--max-warnings=0', '.']) },
  { name: 'format', ...node('prettier/bin/prettier.cjs', ['--check', '--log-level', 'warn', '.']) },
];

const failed = built ? [] : ['build'];
for (const { name, file, argv } of CHECKS) {
  const startedMs = performance.now();
  const code = await run(file, argv, { check: false, env: { NX_DAEMON: 'false' } });
  progress(`check ${name}: ${code === 0 ? 'ok' : 'FAILED'} (${((performance.now() - startedMs) / 1000).toFixed(1)} s)`);
  if (code !== 0) failed.push(name);
}
if (failed.length > 0) {
  progress(`check failed: ${failed.join(', ')}`);
  process.exitCode = 1;
}
