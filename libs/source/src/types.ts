// The door of the source room: a repository, a revision and a path in, the bytes they name out.
import type { AppError } from '@wheelwright/kernel';

/** A directory of a repository, pinned. */
export interface SourceTree {
  readonly repoURL: string;
  /** Full commit id. */
  readonly commit: string;
  /** Relative to the root; empty: the root. */
  readonly path: string;
  /** Git's id of the tree at `path`: equal trees have equal content, whatever the commit. */
  readonly treeDigest: string;
}

/** One file of a tree. Symbolic links and submodules never appear here. */
export interface SourceFile {
  /** Relative to the path of the tree. */
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** Which files of a tree to read, and how much at most. */
export interface ReadFilesOptions {
  readonly recurse: boolean;
  readonly maxFiles: number;
  /** All files together. */
  readonly maxBytes: number;
  /** Which files to read, by their path relative to the tree. */
  readonly accept: (path: string) => boolean;
}

/** The files of a tree, in the order of their paths, and the entries that are never read (links, submodules). */
export interface SourceFiles {
  readonly files: readonly SourceFile[];
  readonly skipped: readonly { readonly path: string; readonly reason: string }[];
}

/** What one look at a repository came to. */
export interface PollResult {
  /** Revisions that name another commit than before, sorted. */
  readonly changed: readonly string[];
  /** Why the repository could not be read: recorded, and tried again later by itself. */
  readonly failure?: AppError;
}
