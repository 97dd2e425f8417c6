// Runs the outbox relay in the hub: what a request wrote reaches the queue although no worker is there to relay it.
import { Inject, Injectable, type OnApplicationBootstrap, type BeforeApplicationShutdown } from '@nestjs/common';
import { OutboxRelay } from '@wheelwright/platform-queue';
import { HUB_PARTS, type HubParts } from './parts.js';

@Injectable()
export class RelayService implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly relay: OutboxRelay;

  constructor(@Inject(HUB_PARTS) { store, queue, signals, logger }: HubParts) {
    this.relay = new OutboxRelay(store, queue, {
      signals,
      onError: (error) => {
        logger.warn('outbox relay failed', { error });
      },
    });
  }

  onApplicationBootstrap(): Promise<void> {
    return this.relay.start();
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.relay.stop();
  }
}
