// The hub's process: configuration, migrations, parts, server, and an orderly end.
import { AppError } from '@wheelwright/kernel';
import { loadHubConfig } from '@wheelwright/platform-config';
import { migrate } from '@wheelwright/platform-store';
import { startHub } from './hub.js';
import { closeParts, openParts } from './open-parts.js';

/** After this the process ends whatever still runs: whoever stops it waits ten seconds. */
const STOP_DEADLINE_MS = 9_000;

async function main(): Promise<void> {
  const config = loadHubConfig();
  await migrate(config.databaseUrl.reveal());
  const parts = await openParts(config);
  const hub = await startHub(parts);
  // Not through the log: logs are shipped and kept, and this is to be read once.
  if (hub.generatedPassword !== undefined) process.stdout.write(`first login: admin ${hub.generatedPassword}\n`);
  parts.logger.info('hub ready', { port: Number(new URL(hub.url).port) });
  const signal = await stopSignal();
  parts.logger.info('hub stops', { context: signal });
  setTimeout(() => process.exit(0), STOP_DEADLINE_MS).unref();
  await hub.stop();
  await closeParts(parts);
}

function stopSignal(): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const)
      process.once(signal, () => {
        resolve(signal);
      });
  });
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    const text =
      error instanceof AppError
        ? error.message
        : error instanceof Error
          ? (error.stack ?? error.message)
          : String(error);
    process.stderr.write(`the hub could not run: ${text}\n`);
    process.exit(1);
  },
);
