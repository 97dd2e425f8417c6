// The door of the apply room: a Plan in, what became of each entry out.
import type { KubeObject, ResourceKey } from '@wheelwright/kernel';

export type ChangeAction = 'created' | 'configured' | 'unchanged' | 'deleted' | 'skipped' | 'failed';

/** What became of one entry of a plan. */
export interface Change {
  readonly key: ResourceKey;
  readonly action: ChangeAction;
  /** The object as the spoke answered; absent for deletions, failures, and where nothing was asked. May be a Secret: never log or store it. */
  readonly live?: KubeObject;
  /** Fingerprint of `live`. */
  readonly fingerprint?: string;
  /** With `deleted`: accepted, and the object stays until its finalizers or its grace period are over. It stays in the inventory until then. */
  readonly pending?: boolean;
  /** Why it failed or was skipped. */
  readonly message?: string;
}

/** The record of an apply: log, history, inventory and API all derive from it. A failed prune stays in the inventory. */
export interface ChangeSet {
  readonly changes: readonly Change[];
}
