// The door of the plan room: desired and live in, exactly what would change out.
import type { JsonValue, KubeObject, ResourceKey } from '@wheelwright/kernel';

export type PlanAction = 'create' | 'update' | 'unchanged' | 'prune' | 'skip';

/** One field that would change. Values of Secrets are never here: both sides read `changed`. */
export interface FieldDifference {
  /** JSON pointer. */
  readonly pointer: string;
  readonly live?: JsonValue;
  readonly desired?: JsonValue;
}

/** What would happen to one object. */
export interface PlanEntry {
  readonly key: ResourceKey;
  readonly version: string;
  readonly action: PlanAction;
  readonly wave: number;
  /** The object to apply; absent for prune. */
  readonly desired?: KubeObject;
  readonly desiredDigest: string;
  /** Identity of the live object: the precondition of a prune. */
  readonly uid?: string;
  readonly differences: readonly FieldDifference[];
  /** Why it is skipped, contested, held. */
  readonly reason?: string;
}

/** Everything that would change, in the order in which it would be carried out. */
export interface Plan {
  readonly entries: readonly PlanEntry[];
  /** Digest of keys, actions and desired digests. */
  readonly digest: string;
}
