// What the process opens before Nest starts, and hands to the modules that need it.
import type { Sealer } from '@wheelwright/access';
import type { Clock } from '@wheelwright/kernel';
import type { HubConfig } from '@wheelwright/platform-config';
import type { QueuePort, Signals } from '@wheelwright/platform-queue';
import type { Store } from '@wheelwright/platform-store';
import type { Logger, Metrics } from '@wheelwright/platform-telemetry';

/** Injection token of {@link HubParts}, everywhere in the hub. */
export const HUB_PARTS = Symbol('HubParts');

export interface HubParts {
  readonly config: HubConfig;
  readonly store: Store;
  readonly queue: QueuePort;
  readonly signals: Signals;
  /** Seals what is kept of keys: the ring of the configuration. */
  readonly sealer: Sealer;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
}
