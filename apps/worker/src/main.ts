// The worker's process: configuration, migrations, parts, processors, and an orderly end.
import 'reflect-metadata';
import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { NestFactory } from '@nestjs/core';
import { AppError } from '@wheelwright/kernel';
import { loadWorkerConfig } from '@wheelwright/platform-config';
import { openQueue, openSignals } from '@wheelwright/platform-queue';
import { migrate, openStore } from '@wheelwright/platform-store';
import { createLogger, Metrics, NestLogger } from '@wheelwright/platform-telemetry';
import type { WorkerParts } from './compose.js';
import { serveStatus } from './status-server.js';
import { WorkerModule } from './worker.module.js';

/** After this the process ends whatever still runs: whoever stops it waits ten seconds, and leases and due rows take care of the rest. */
const STOP_DEADLINE_MS = 9_000;

async function openParts(): Promise<WorkerParts> {
  const config = loadWorkerConfig();
  const logger = createLogger('worker', config.logLevel);
  const databaseUrl = config.databaseUrl.reveal();
  const redisUrl = config.redisUrl?.reveal();
  await migrate(databaseUrl);
  const store = await openStore({
    url: databaseUrl,
    maxConnections: config.databaseConnections,
    applicationName: 'wheelwright-worker',
  });
  const queue = await openQueue({
    databaseUrl,
    ...(redisUrl === undefined ? {} : { redisUrl }),
    onError: (error) => logger.warn('queue trouble', { error }),
  });
  return {
    config,
    store,
    queue,
    signals: await openSignals(store, redisUrl),
    logger,
    metrics: new Metrics('worker'),
    clock: { nowMs: () => Date.now() },
    holder: `${hostname()}:${process.pid}:${randomBytes(4).toString('hex')}`,
  };
}

async function main(): Promise<void> {
  const stopped = stopSignal();
  const parts = await openParts();
  const { store, queue, signals, logger } = parts;
  const app = await NestFactory.createApplicationContext(WorkerModule.register(parts), {
    logger: new NestLogger(logger),
    abortOnError: false,
  });
  const status = await serveStatus(parts);
  logger.info('worker ready', { port: status.port });
  logger.info('worker stops', { context: await stopped });
  setTimeout(() => process.exit(0), STOP_DEADLINE_MS).unref();
  await app.close();
  await status.close();
  await signals.close();
  await queue.close();
  await store.close();
}

function stopSignal(): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve(signal));
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
    process.stderr.write(`the worker could not run: ${text}\n`);
    process.exit(1);
  },
);
