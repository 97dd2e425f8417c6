// What this API needs from the rest of the hub and does not do itself.
import type { Actor } from '@wheelwright/access';
import type { ApplicationId, JsonValue, ResourceKey } from '@wheelwright/kernel';
import type { PlanAction } from '@wheelwright/plan';

/** One field that differs. Values of Secrets arrive masked: both sides read `changed`. */
export interface DiffDifference {
  /** JSON pointer into the object. */
  readonly pointer: string;
  /** Absent: the live object does not have the field. */
  readonly live?: JsonValue;
  /** Absent: Git does not declare the field. */
  readonly desired?: JsonValue;
}

/** What a sync would do to one object. */
export interface DiffEntry {
  readonly key: ResourceKey;
  readonly action: PlanAction;
  readonly reason?: string;
  readonly differences: readonly DiffDifference[];
}

/** Compares what Git declares with what the spoke has, now. Also the injection token. */
export abstract class DiffPort {
  /**
   * The differences of one Application, read from its spoke at the time of the call, in the order in which a sync would go.
   * Unchanged objects are left out. Fails with the code of the room that failed (`SpokeUnreachable`, `RenderFailed`, …).
   */
  abstract diff(applicationId: ApplicationId): Promise<readonly DiffEntry[]>;
}

/** Which held deletion: of a set's Applications, or of an Application's objects. */
export type DeletionTarget = { readonly set: string } | { readonly application: string };

/** Lets a held deletion go ahead. Also the injection token. */
export abstract class DeletionApprovals {
  /** Approves exactly what is held now. Fails with `NotFound` where nothing is held under that name. */
  abstract approve(actor: Actor, target: DeletionTarget): Promise<void>;
}

/** Pauses and resumes spokes. Also the injection token. */
export abstract class ClusterPauses {
  /** Fails with `NotFound` where there is no such cluster. Pausing a paused one changes nothing. */
  abstract setPaused(name: string, paused: boolean): Promise<void>;
}

/** What the hub hands to this API when it composes it. */
export interface GraphqlParts {
  readonly diff: DiffPort;
  readonly approvals: DeletionApprovals;
  readonly pauses: ClusterPauses;
}
