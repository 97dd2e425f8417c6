// What this API needs from the rest of the hub and does not do itself.
import type { ApplicationId, JsonValue, ResourceKey } from '@wheelwright/kernel';
import type { TreeNode } from '@wheelwright/observe';
import type { PlanAction } from '@wheelwright/plan';

/** One field that differs. Values of Secrets arrive masked: equal values have masks of the same length. */
export interface DiffDifference {
  /** JSON pointer into the object. */
  readonly pointer: string;
  /** Absent: the live object does not have the field. */
  readonly live?: JsonValue;
  /** Absent: Git does not declare the field. */
  readonly desired?: JsonValue;
  /** Field managers, other than the hub, that own the live field. */
  readonly contestedBy?: readonly string[];
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

/** What a spoke says about one object. */
export interface ObjectEvent {
  /** `Normal` or `Warning`. */
  readonly type: string;
  readonly reason: string;
  readonly message: string;
  readonly count: number;
  /** Null: the spoke does not say. */
  readonly lastSeen: Date | null;
}

/** Reads the live objects of Applications, now. Also the injection token. */
export abstract class LiveObjectsPort {
  /** What Git declares and is there, and what these objects own, parents before children. Fails with the code of the room that failed. */
  abstract tree(applicationId: ApplicationId): Promise<readonly TreeNode[]>;

  /** At most 100 events of one object of the tree, newest first; `NotFound` for any other object. */
  abstract events(applicationId: ApplicationId, key: ResourceKey): Promise<readonly ObjectEvent[]>;
}
