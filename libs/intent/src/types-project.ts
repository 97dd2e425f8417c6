// What an AppProject declares, as typed values. Absent members mean what Argo CD takes them to mean; an absent list and an empty one differ where it says so.
import type { JsonValue, LabelSelector } from '@wheelwright/kernel';
import type { IntentMeta } from './types.js';

/**
 * Where the Applications of a project may go. `server` and `name` are globs of the spoke's address and name, of which one has to match;
 * `namespace` is a glob too. A leading `!` denies. Our own addition is `clusterSelector`, a selector of the labels of the spoke: it stands alone
 * with a namespace, or narrows `server` and `name`, and then all that are given have to hold. It narrows denials in the same way.
 */
export interface ProjectDestination {
  readonly server?: string;
  readonly name?: string;
  readonly namespace?: string;
  readonly clusterSelector?: LabelSelector;
}

/** Kinds that are permitted or denied, and names where `name` is given: shell globs. */
export interface KindRule {
  readonly group: string;
  readonly kind: string;
  readonly name?: string;
}

/** A role of a project: what those in `groups` may do with its Applications. */
export interface ProjectRole {
  readonly name: string;
  readonly description?: string;
  /** `p, proj:<project>:<role>, <resource>, <action>, <object>, allow|deny`, checked when it was applied. */
  readonly policies?: readonly string[];
  readonly groups?: readonly string[];
}

/** A time in which syncs are allowed, or denied. The selectors are globs; an Application matches by any of them, or by all with `andOperator`. */
export interface SyncWindow {
  readonly kind: 'allow' | 'deny';
  /** Five fields of cron, in `timeZone`: when the window opens. */
  readonly schedule: string;
  /** How long it stays open: a Go duration. */
  readonly duration: string;
  /** Names of Applications. */
  readonly applications?: readonly string[];
  /** Namespaces of destinations. */
  readonly namespaces?: readonly string[];
  /** Names or addresses of spokes. */
  readonly clusters?: readonly string[];
  /** People may sync although the window is in their way. */
  readonly manualSync?: boolean;
  /** A zone of the IANA tables; absent or empty: UTC. */
  readonly timeZone?: string;
  readonly andOperator?: boolean;
  /** A sync that was allowed to start goes on although the window is in its way. */
  readonly syncOverrun?: boolean;
  readonly description?: string;
}

/** Objects that are no orphans. An empty kind or name matches all; an empty group is the core group. Globs. */
export interface OrphanIgnore {
  readonly group?: string;
  readonly kind?: string;
  readonly name?: string;
}

/** Its presence turns on the search for objects that no Application manages. */
export interface OrphanedResources {
  /** Whether they make a condition; absent: yes. */
  readonly warn?: boolean;
  readonly ignore?: readonly OrphanIgnore[];
}

/** Who the hub is on a spoke when it works for an Application. `server` and `namespace` are globs. */
export interface DestinationServiceAccount {
  readonly server: string;
  readonly namespace: string;
  /** `name`, in the namespace of the destination, or `namespace:name`. */
  readonly defaultServiceAccount: string;
}

/** `spec` of an AppProject. An absent list and an empty one differ where `compatibility.md` 2.9 says so. */
export interface AppProjectSpec {
  readonly description?: string;
  readonly sourceRepos?: readonly string[];
  readonly destinations?: readonly ProjectDestination[];
  /** Namespaces, beside the control namespace, that Applications of the project may be in: globs, or `/regular expressions/`. */
  readonly sourceNamespaces?: readonly string[];
  readonly clusterResourceWhitelist?: readonly KindRule[];
  readonly clusterResourceBlacklist?: readonly KindRule[];
  readonly namespaceResourceWhitelist?: readonly KindRule[];
  readonly namespaceResourceBlacklist?: readonly KindRule[];
  readonly permitOnlyProjectScopedClusters?: boolean;
  readonly roles?: readonly ProjectRole[];
  readonly syncWindows?: readonly SyncWindow[];
  readonly orphanedResources?: OrphanedResources;
  /** Not empty: every request for an Application of the project is made as one of these. */
  readonly destinationServiceAccounts?: readonly DestinationServiceAccount[];
  /** Kept as they were declared; nothing acts on them. */
  readonly signatureKeys?: JsonValue;
  readonly sourceIntegrity?: JsonValue;
}

export interface AppProject {
  readonly metadata: IntentMeta;
  readonly spec: AppProjectSpec;
}
