// npm start: the whole product on this machine. Prints `ready <address>` on stdout, logs on stderr, and ends cleanly on SIGTERM and Ctrl-C.
import { progress } from './lib/project.mjs';
import { setup } from './lib/setup.mjs';

const stopping = new AbortController();
for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => stopping.abort());
const asked = new Promise((resolve) => stopping.signal.addEventListener('abort', resolve, { once: true }));

/** Runs until somebody asks to stop; answers the reason where it ended otherwise. */
async function serve() {
  await setup();
  const { startAllInOne } = await import('./lib/all-in-one.mjs');
  const all = await startAllInOne({ signal: stopping.signal });
  if (all.generatedPassword !== undefined) {
    process.stdout.write(`first login: admin / ${all.generatedPassword} (shown only now)\n`);
  }
  process.stdout.write(`ready ${all.url}\n`);
  const reason = await Promise.race([asked, all.failed]);
  progress('stop');
  await all.stop();
  return typeof reason === 'string' ? reason : undefined;
}

try {
  const reason = await serve();
  if (reason !== undefined) throw new Error(reason);
} catch (error) {
  if (!stopping.signal.aborted) {
    progress(`failed: ${error.message}`);
    process.exitCode = 1;
  }
}
process.exit();
