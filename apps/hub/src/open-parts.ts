// Opens what the hub runs on, and closes it in reverse.
import type { HubConfig } from '@wheelwright/platform-config';
import { openQueue, openSignals } from '@wheelwright/platform-queue';
import { openStore } from '@wheelwright/platform-store';
import { createLogger, Metrics } from '@wheelwright/platform-telemetry';
import { KeyRing } from '@wheelwright/registry/adapters';
import type { HubParts } from './parts.js';

/** The hub adds keys to queues and processes none: few connections are enough. */
const QUEUE_CONNECTIONS = 4;

export async function openParts(config: HubConfig): Promise<HubParts> {
  const logger = createLogger('hub', config.logLevel);
  const databaseUrl = config.databaseUrl.reveal();
  const redisUrl = config.redisUrl?.reveal();
  const store = await openStore({
    url: databaseUrl,
    maxConnections: config.databaseConnections,
    applicationName: 'wheelwright-hub',
  });
  const queue = await openQueue({
    databaseUrl,
    ...(redisUrl === undefined ? {} : { redisUrl }),
    maxConnections: QUEUE_CONNECTIONS,
    onError: (error) => {
      logger.warn('queue trouble', { error });
    },
  });
  const signals = await openSignals(store, redisUrl);
  return {
    config,
    store,
    queue,
    signals,
    sealer: new KeyRing(config.encryptionKeys.reveal()),
    clock: { nowMs: () => Date.now() },
    logger,
    metrics: new Metrics('hub'),
  };
}

/** Closes what {@link openParts} opened. The store may be closed already: Nest closes it on shutdown. */
export async function closeParts({ queue, signals, store }: HubParts): Promise<void> {
  await signals.close();
  await queue.close();
  await store.close();
}
