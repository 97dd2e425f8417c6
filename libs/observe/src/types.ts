// The door of the observe room: what a spoke holds of what we manage, as cheaply as it can be known.
import type { ResourceKey } from '@wheelwright/kernel';

/** What a metadata-only answer says of one object. */
export interface Observed {
  readonly key: ResourceKey;
  readonly uid: string;
  /** Generation where the kind has one (otherwise resourceVersion), and a digest of labels and annotations: moves when the desired part may have changed. */
  readonly fingerprint: string;
  readonly resourceVersion: string;
  /** Value of the tracking annotation; empty where there is none. */
  readonly trackingId: string;
  readonly deleting: boolean;
}
