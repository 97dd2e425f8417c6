// The door of the source room: a repository, a revision and a path in, the bytes they name out.

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
