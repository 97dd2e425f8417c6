// What the process opens before Nest starts, and hands to the modules that need it.
import type { Sealer } from '@wheelwright/access';
import type { Clock } from '@wheelwright/kernel';
import type { Store } from '@wheelwright/platform-store';
import type { Logger } from 'pino';
import type { ReadinessCheck } from './health/readiness.js';

/** Injection token of {@link HubParts}. */
export const HUB_PARTS = Symbol('HubParts');

export interface HubParts {
  readonly store: Store;
  readonly sealer: Sealer;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Checks of `/readyz` beyond the store's own. */
  readonly checks: readonly ReadinessCheck[];
}
