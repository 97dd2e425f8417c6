// What an application hands to this room when it composes it.
import type { Clock } from '@wheelwright/kernel';
import type { Store } from '@wheelwright/platform-store';
import type { Sealer } from '../ports.js';

/** Injection token of {@link AccessOptions}. */
export const ACCESS_OPTIONS = Symbol('AccessOptions');

export interface AccessOptions {
  readonly store: Pick<Store, 'pool' | 'tx'>;
  readonly sealer: Sealer;
  readonly clock: Clock;
}
