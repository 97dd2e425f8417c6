// What an expansion needs from the outside.
import type { Application, ApplicationsSyncPolicy, IgnoreApplicationDifference } from '@wheelwright/intent';
import type { ApplicationSetId } from '@wheelwright/kernel';
import type { DirectoriesAnswer, FilesAnswer } from './facts.js';
import type { ExpandIssue } from './types.js';

/** Reads revisions of repositories. */
export interface RevisionReader {
  /**
   * The tree of a revision, or `pending` while the repository has not been asked yet: it then asks for it, and marks the sets that depend on
   * it when it is there. Throws SourceFailed where the repository or the revision cannot be read.
   */
  tree(repoURL: string, revision: string): Promise<DirectoriesAnswer | 'pending'>;
  /** The files of a revision that `choose` picks from all its paths; otherwise like `tree`. Throws SourceFailed also for more than can be read. */
  files(
    repoURL: string,
    revision: string,
    choose: (paths: readonly string[]) => readonly string[],
  ): Promise<FilesAnswer | 'pending'>;
}

/** An Application that its project does not permit. */
export interface Refusal {
  readonly name: string;
  /** Every reason, for its author. */
  readonly message: string;
}

/** Judges Applications by their projects, before they are written. `Db` is where it reads: the caller's open transaction, or the pool. */
export interface Admission<Db> {
  check(db: Db, applications: readonly Application[]): Promise<readonly Refusal[]>;
}

/** The complete result of an expansion, to be made the truth. */
export interface SetChange {
  readonly setId: ApplicationSetId;
  /** The valid ones, each name once. */
  readonly applications: readonly Application[];
  /** Names of all that were generated, invalid ones too: what has one of these names is never removed. */
  readonly generatedNames: readonly string[];
  readonly policy: ApplicationsSyncPolicy;
  /** Names of annotations and labels that the set leaves as somebody else wrote them. */
  readonly preserved: { readonly annotations: readonly string[]; readonly labels: readonly string[] };
  /** Fields that others may write (`ignoreApplicationDifferences`). Absent: none. */
  readonly ignoreDifferences?: readonly IgnoreApplicationDifference[];
}

/** What making it the truth came to. Names are sorted. */
export interface SetChangeResult {
  readonly created: readonly string[];
  /** Adopted ones too. */
  readonly updated: readonly string[];
  readonly unchanged: number;
  /** Marked for deletion now. */
  readonly removed: readonly string[];
  /** Past the deletion budget: still there, waiting for an approval. */
  readonly held: { readonly names: readonly string[]; readonly total: number; readonly reason: string } | null;
  /**
   * Not generated any more and not removed yet, because another set changed and may be about to claim it. To be expanded again soon, although
   * no input changed; from `until` (ISO time) on nothing is waited for.
   */
  readonly deferred: { readonly names: readonly string[]; readonly until: string } | null;
  /** Not generated any more, and given to the set that claimed it, with all that it has. */
  readonly handedOver: readonly { readonly name: string; readonly set: string }[];
  /** Not written: the name belongs to somebody else, or to an Application that is still being deleted. */
  readonly refused: readonly { readonly name: string; readonly reason: string }[];
  /** What the author of the set should know of its rules for ignored fields. */
  readonly issues: readonly ExpandIssue[];
}

/** The catalogue of declared objects, as far as expansion writes to it. `Tx` is the caller's open transaction. */
export interface ApplicationCatalogue<Tx> {
  replaceSetApplications(tx: Tx, change: SetChange): Promise<SetChangeResult>;
}
