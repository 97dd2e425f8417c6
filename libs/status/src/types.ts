// The door of the status room: what is true of an Application, in the words of the API.
import type { HealthStatus } from '@wheelwright/health';
import type { ResourceKey } from '@wheelwright/kernel';

export const SYNC_STATUSES = ['Synced', 'OutOfSync', 'Unknown'] as const;
export type SyncStatus = (typeof SYNC_STATUSES)[number];

export const OPERATION_PHASES = ['Running', 'Succeeded', 'Failed', 'Error'] as const;
export type OperationPhase = (typeof OPERATION_PHASES)[number];

/** A fact about an Application that a person should see, in the terms of `compatibility.md` 2.5. */
export interface Condition {
  readonly type: string;
  readonly message: string;
  /** ISO time at which the condition appeared. */
  readonly since: string;
}

/** The last or the running operation. Times are ISO. */
export interface OperationState {
  readonly phase: OperationPhase;
  readonly message: string;
  readonly revision: string;
  readonly initiatedBy: string;
  readonly automated: boolean;
  readonly retries: number;
  readonly startedAt: string;
  readonly finishedAt?: string;
}

/** The verdict on one object of an Application. */
export interface ResourceStatus {
  readonly key: ResourceKey;
  readonly version: string;
  readonly wave: number;
  readonly desiredDigest: string;
  readonly appliedDigest: string;
  readonly uid: string;
  readonly fingerprint: string;
  readonly resourceVersion: string;
  readonly sync: SyncStatus;
  readonly health: HealthStatus | '';
  readonly healthMessage: string;
  readonly message: string;
}
