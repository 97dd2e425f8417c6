// The door of the plan room: desired and live in, exactly what would change out.
import type { IgnoreDifference } from '@wheelwright/intent';
import type { JsonValue, KubeObject, ResourceKey } from '@wheelwright/kernel';
import type { Observed } from '@wheelwright/observe';
import type { HookTarget } from './hooks.js';
import type { NamedFields } from './ignore.js';
import type { CompareSettings } from './settings.js';

export type PlanAction = 'create' | 'update' | 'unchanged' | 'prune' | 'skip';

/** How dependents of a deleted object are treated (Kubernetes `propagationPolicy`). */
export type Propagation = 'Foreground' | 'Background' | 'Orphan';

/** `allowed`, `refused`, or `confirm`: only after a person confirmed. */
export type Removal = 'allowed' | 'refused' | 'confirm';

/** Sync options after an Application's list and an object's own annotation were folded into one. */
export interface SyncOptions {
  readonly prune: Removal;
  readonly delete: Removal;
  readonly pruneLast: boolean;
  /** `ByKind`: nobody said, see `propagationOf`. */
  readonly propagation: Propagation | 'ByKind';
  readonly createNamespace: boolean;
  readonly failOnSharedResource: boolean;
  readonly skipDryRunOnMissingResource: boolean;
  /** An apply leaves ignored fields as they are live. */
  readonly respectIgnoreDifferences: boolean;
  /** What cannot be updated is deleted and created again. */
  readonly force: boolean;
  /** Whether an object is written always, only where there is none of its name, or never. */
  readonly write: 'always' | 'ifAbsent' | 'never';
}

/** A fact that a person should see. `type` is a condition of an Application (`compatibility.md` 2.5) or one of ours. */
export interface PlanWarning {
  readonly type: string;
  readonly message: string;
}

/** Why one object can neither be applied nor compared. */
export interface PlanProblem {
  readonly key: ResourceKey;
  readonly message: string;
}

/** One object as it is to be on the spoke. */
export interface Target {
  readonly key: ResourceKey;
  readonly version: string;
  /** What is sent: placed, labelled, tracked, without anything that the server owns. */
  readonly object: KubeObject;
  readonly wave: number;
  /** Digest of `object`; keyed where it is a Secret. */
  readonly digest: string;
  readonly options: SyncOptions;
  /** A namespace that `CreateNamespace` asks for: created where it is missing, left alone (but for managed metadata), never pruned. */
  readonly implicitNamespace?: 'bare' | 'managedMetadata';
}

/** Desired objects, aimed at one destination and put in order. */
export interface AimedSet {
  readonly targets: readonly Target[];
  /** What is run around them, in order: not part of what is compared, pruned, or digested. */
  readonly hooks: readonly HookTarget[];
  readonly warnings: readonly PlanWarning[];
  /** Not empty: the whole operation fails, nothing is to be applied. */
  readonly problems: readonly PlanProblem[];
  /** Kinds that the spoke does not serve and that no CRD of this set brings. */
  readonly unknownKinds: readonly { readonly group: string; readonly kind: string }[];
  /** Digest of keys and digests of all targets, whatever their order. */
  readonly digest: string;
}

/** One row of the inventory: an object that is, or was, ours on the spoke. */
export interface KnownObject {
  readonly key: ResourceKey;
  readonly version: string;
  readonly wave: number;
  /** Digest of the desired object as it was last applied or found in sync; empty: never. */
  readonly appliedDigest: string;
  /** Fingerprint of the live object when it was last found in sync; empty: missing, or never in sync. */
  readonly fingerprint: string;
  readonly uid: string;
}

/** What the spoke said about one object. */
export interface Answer {
  /** Absent: there is no such object. */
  readonly live?: KubeObject;
  /** What a server-side apply would make of it. */
  readonly dryRun?: KubeObject;
  /** Fingerprint of `live`, as `@wheelwright/observe` computes it. */
  readonly fingerprint?: string;
  /** What the jq expressions of the rules that match the object name in `live` and `dryRun`. */
  readonly named?: NamedFields;
  /** The spoke refuses the object; the message is for people. */
  readonly refused?: string;
  /** What is refused as an update would be accepted if there were no such object. */
  readonly recreatable?: true;
}

/** Something to ask the spoke: read the object; with `object`, also what a server-side apply of it would do. */
export interface Question {
  readonly key: ResourceKey;
  readonly version: string;
  readonly object?: KubeObject;
  /** With `object`: where the update is refused, ask whether it could be created. */
  readonly force?: true;
}

/** Everything that a plan reads. Maps are keyed by `formatResourceKey`. */
export interface PlanInput {
  /** Name of the Application. */
  readonly application: string;
  readonly targets: readonly Target[];
  /** The inventory. */
  readonly known: readonly KnownObject[];
  /** Managed objects on the spoke, of every kind of `targets` and `known`: complete, so that what is absent does not exist (or lost our label). */
  readonly observed: ReadonlyMap<string, Observed>;
  readonly ignoreDifferences?: readonly IgnoreDifference[];
  /** Default: as Argo CD without any settings. */
  readonly compare?: CompareSettings;
  /** Sync options of the Application. */
  readonly options: SyncOptions;
  /** Whether the hub (still) has an Application of that name. Default: it has. */
  readonly isApplication?: (name: string) => boolean;
  /** Why objects are removed: not desired any more (default), or the Application itself is being deleted. Decides between `Prune=` and `Delete=` of an object. */
  readonly removal?: 'prune' | 'delete';
  /** The uid that the Application itself has where it is an object of its own destination (the hub): what has it is never removed. */
  readonly applicationUid?: string;
  /** Asks about every target, for a preview: also where nothing seems to have changed. */
  readonly thorough?: boolean;
}

/** One field that would change. Values of Secrets are never here: each distinct one is a mask of another length. */
export interface FieldDifference {
  /** JSON pointer. */
  readonly pointer: string;
  readonly live?: JsonValue;
  readonly desired?: JsonValue;
  /** Field managers, other than us, that own the live field. */
  readonly contestedBy?: readonly string[];
}

/** What would happen to one object. */
export interface PlanEntry {
  readonly key: ResourceKey;
  readonly version: string;
  readonly action: PlanAction;
  readonly wave: number;
  /** The object to apply; absent for prune. Holds values of Secrets: never log or store it. */
  readonly desired?: KubeObject;
  readonly desiredDigest: string;
  /** Identity of the live object: the precondition of a prune. */
  readonly uid?: string;
  /** The live object as it was compared; absent where there is none, or where nothing had changed since the last comparison. */
  readonly live?: KubeObject;
  /** Fingerprint of the live object that was compared; empty where there is none. */
  readonly fingerprint: string;
  readonly differences: readonly FieldDifference[];
  /** How a prune treats dependents. */
  readonly propagation?: Propagation;
  /** Of an update: it is deleted, treating dependents so, and created again. */
  readonly recreate?: Propagation;
  /** How many things go with it that the deletion budget counts: an ApplicationSet takes its Applications along. Absent: one. */
  readonly weight?: number;
  /** No longer declared, and says of itself that this is no drift (`IgnoreExtraneous`). */
  readonly extraneous?: boolean;
  /** Why it is skipped, contested, held. */
  readonly reason?: string;
}

/** Everything that would change, in the order in which it would be carried out. */
export interface Plan {
  readonly entries: readonly PlanEntry[];
  /** Inventory rows that leave without a deletion: the object is gone, or is not ours any more. */
  readonly released: readonly { readonly key: ResourceKey; readonly reason: string }[];
  readonly warnings: readonly PlanWarning[];
  /** Not empty: nothing of the plan is to be applied (`compatibility.md` 2.6, validation before the first write). */
  readonly problems: readonly PlanProblem[];
  /** Digest of keys, actions and desired digests. */
  readonly digest: string;
}
