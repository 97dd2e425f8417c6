// The door of the render room: a pinned tree and parameters in, Kubernetes objects out; the same inputs give the same digest.
import type { KubeObject } from '@wheelwright/kernel';

/** Objects of one source, before they are aimed at a destination. */
export interface RenderedSet {
  readonly objects: readonly KubeObject[];
  /** Digest of the canonical list of objects. */
  readonly digest: string;
  readonly warnings: readonly string[];
}

/** The identity of a rendering and its result. */
export interface Rendering {
  /** Digest of everything that the result depends on: the tree that was read, the options, the version of the renderer. */
  readonly key: string;
  readonly set: RenderedSet;
  /** Whether it was known before. */
  readonly cached: boolean;
}
