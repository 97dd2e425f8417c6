// The door of the rollout room: what is wanted, what was tried, and now in; whether the Application may move out.
import type { SyncPolicy } from '@wheelwright/intent';
import type { ResourceKey } from '@wheelwright/kernel';

/** The record of the last attempt to bring an Application to one revision and one desired state. Times are milliseconds since the epoch. */
export interface Attempt {
  readonly revision: string;
  /** Digest of all desired objects: parameters are part of it. */
  readonly desiredDigest: string;
  readonly state: 'running' | 'succeeded' | 'failed';
  /** Failures in a row of this attempt. */
  readonly failures: number;
  /** Repairs of drift in a row, without a quiet period between them. */
  readonly heals: number;
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  readonly automated: boolean;
  readonly initiatedBy: string;
  readonly prune: boolean;
  /** Only these objects, where the list is not empty. */
  readonly resources: readonly ChosenResource[];
  /** Why the last try failed. */
  readonly message: string;
  /** The hooks that it ran, and those of earlier ones whose objects are still there, oldest first. */
  readonly hooks?: readonly HookRecord[];
  /** Whether what it brought has hooks that are run when the Application is deleted. */
  readonly deletionHooks?: boolean;
  /** How far the deletion of the Application is, where it has hooks. */
  readonly deletion?: DeletionProgress;
  /** Somebody ended it: it is not tried again by itself. */
  readonly terminated?: true;
  /** It has failed for this reason; what is left is to run the hooks for a failure, and to clear up. */
  readonly failing?: string;
  /** Why somebody asked for it, in their words. */
  readonly reason?: string;
  /** What made somebody ask: they went back, or held a revision. Absent: the target revision is what they want. */
  readonly origin?: SyncOrigin;
}

/** An operation that brings something else than the target revision. */
export type SyncOrigin = 'rollback' | 'pin';

/** A deletion with hooks: PreDelete hooks, then the objects of all hooks, then all others, then PostDelete hooks. */
export interface DeletionProgress {
  /** When its hooks began to run, in milliseconds since the epoch: names their operation. */
  readonly startedAtMs: number;
  readonly revision: string;
  readonly stage: 'PreDelete' | 'hooks' | 'objects' | 'PostDelete';
}

/** One hook of one operation, and the object that ran it. */
export interface HookRecord {
  /** `startedAtMs` of the attempt, or of the deletion, that ran it. */
  readonly startedAtMs: number;
  readonly phase: string;
  readonly key: ResourceKey;
  readonly version: string;
  /** Of the object; empty where none could be made. */
  readonly uid: string;
  readonly state: 'Running' | 'Succeeded' | 'Failed';
  readonly message: string;
  /** Whether its object was let go of: it may be deleted by anybody, or is. */
  readonly released: boolean;
}

/** One object that a person chose for a sync; without a namespace, whatever its namespace. */
export interface ChosenResource {
  readonly group: string;
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
}

/** An operation that a person asked for. */
export interface RequestedSync {
  readonly id: string;
  readonly requestedBy: string;
  readonly prune: boolean;
  readonly dryRun: boolean;
  readonly resources: readonly ChosenResource[];
  readonly reason?: string;
  readonly origin?: SyncOrigin;
}

/** What a plan comes to, as far as the decision needs it. */
export interface PlanSummary {
  readonly changes: number;
  readonly prunes: number;
  /** Objects that are desired; none means that the plan would remove everything. */
  readonly desired: number;
}

/**
 * What sync windows say at a time. `untilMs`: milliseconds since the epoch before which it does not change; absent where no window concerns the
 * Application. The reason names the window.
 */
export type WindowVerdict =
  | { readonly allowed: true; readonly untilMs?: number }
  | { readonly allowed: false; readonly reason: string; readonly untilMs: number };

/** The verdicts on one Application at one time. */
export interface WindowVerdicts {
  readonly automated: WindowVerdict;
  readonly manual: WindowVerdict;
  /** Whether the sync that runs may go on although a new one might not begin. */
  readonly mayOverrun: boolean;
}

/** Somebody stopped every write to spokes. */
export interface Freeze {
  readonly reason: string;
  readonly frozenBy: string;
}

/** Somebody paused one Application. */
export interface Pause {
  readonly reason: string;
  readonly pausedBy: string;
}

export interface DecideInput {
  readonly policy: SyncPolicy | undefined;
  readonly revision: string;
  readonly desiredDigest: string;
  readonly plan: PlanSummary;
  readonly attempt: Attempt | undefined;
  readonly requested: RequestedSync | undefined;
  readonly nowMs: number;
  /** Absent: the fleet is not frozen. */
  readonly freeze?: Freeze | undefined;
  /** Absent: the Application is not paused. */
  readonly pause?: Pause | undefined;
  /** Absent: no window concerns the Application. */
  readonly windows?: WindowVerdicts | undefined;
}

export type Decision =
  /** Nothing is to be done, or nobody allows it. `error` explains a state that a person must resolve (condition `SyncError`). */
  | { readonly kind: 'stay'; readonly error?: string }
  /** It may move, but not before a time. */
  | { readonly kind: 'wait'; readonly untilMs: number; readonly why: string }
  | BlockedDecision
  /** It may move now; the attempt is what must be recorded before the first write. */
  | { readonly kind: 'sync'; readonly attempt: Attempt; readonly dryRun: boolean };

/** It would move, and a freeze of the fleet, a pause or a sync window is in the way. What runs is paused: its attempt stays as it is. */
export interface BlockedDecision {
  readonly kind: 'blocked';
  readonly by: 'freeze' | 'pause' | 'window';
  readonly why: string;
  /** When to look again, in milliseconds since the epoch; absent: whoever lifts the block must say so. */
  readonly untilMs?: number;
  /** A person asked for it: the request is refused with the reason, and not kept for later. */
  readonly refused: boolean;
}
