// Runs the simulator as a process of its own, for the demo, end-to-end tests and benchmarks.
//   node main.js [--clusters N] [--prefix NAME] [--tls] [--port N] [--delay-ms N]
// Prints one line of JSON when ready: {"url", "caData", "controlToken", "clusters": [{"name", "url", "token"}]}. Ends on SIGTERM, on SIGINT,
// and when its standard input ends (so that it does not outlive whoever started it with a pipe).
import { randomBytes } from 'node:crypto';
import { fstatSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { viewOf } from './control.js';
import { startSpokeSim, type SpokeSim } from './sim.js';

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      clusters: { type: 'string', default: '1' },
      prefix: { type: 'string', default: 'spoke' },
      port: { type: 'string', default: '0' },
      'delay-ms': { type: 'string', default: '50' },
      tls: { type: 'boolean', default: false },
    },
  });
  // Everything is read before anything is started.
  const count = number(values.clusters, '--clusters');
  const controlToken = randomBytes(18).toString('base64url');
  const sim = await startSpokeSim({
    tls: values.tls,
    port: number(values.port, '--port'),
    controllerDelayMs: number(values['delay-ms'], '--delay-ms'),
    controlToken,
  });
  for (let at = 1; at <= count; at += 1) sim.addCluster(`${values.prefix}-${String(at)}`);
  stopOnSignals(sim);
  const clusters = sim.clusters().map((spoke) => viewOf(spoke));
  process.stdout.write(`${JSON.stringify({ url: sim.url, caData: sim.caData ?? null, controlToken, clusters })}\n`);
}

function number(text: string, flag: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0) throw new Error(`${flag} takes a whole number, not "${text}"`);
  return value;
}

function stopOnSignals(sim: SpokeSim): void {
  const stop = (): void => {
    void sim.close().then(() => process.exit(0));
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  // A terminal or /dev/null says nothing about the life of whoever started this process; a pipe does.
  const stdin = fstatSync(0);
  if (stdin.isFIFO() || stdin.isSocket()) process.stdin.once('end', stop).resume();
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
