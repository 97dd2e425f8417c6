// The door of expansion: a set and the facts it needs in, the complete list of Applications and the issues found out.
import type { Application } from '@wheelwright/intent';
import type { ClusterView } from '@wheelwright/registry';

/** What a repository holds at a commit, as far as generators read it. */
export interface RepoTree {
  readonly commit: string;
  /** Every directory in it, relative to the root, without the root itself, sorted. */
  readonly directories: readonly string[];
}

/** Everything that an expansion may read, gathered before it starts. */
export interface ExpandFacts {
  readonly clusters: readonly ClusterView[];
  /** By {@link repoTreeKey} of each git generator in the set. */
  readonly trees: Readonly<Record<string, RepoTree>>;
  /** Names of the projects that exist. */
  readonly projects: readonly string[];
}

/** Something that the author of a set should know. An `error` issue concerns one Application or one generator. */
export interface ExpandIssue {
  readonly severity: 'error' | 'warning';
  /** Stable code, such as `TrailingSlash`, `UnresolvedParameter`, `EmptyResult`, `DuplicateName`, `UnknownDestination`. */
  readonly code: string;
  /** What is wrong and what to do about it. */
  readonly message: string;
  /** Where in the set, as a JSON pointer. */
  readonly pointer: string;
  /** The Application concerned, where it is one. */
  readonly application?: string;
}

/** One generated Application. An invalid one is never written, and never makes the row of that name disappear. */
export interface ExpandedApplication {
  readonly application: Application;
  readonly valid: boolean;
}

/** A complete expansion: sorted by name. A failed one is thrown as `ExpandFailed` and changes nothing. */
export interface Expansion {
  readonly applications: readonly ExpandedApplication[];
  readonly issues: readonly ExpandIssue[];
}
