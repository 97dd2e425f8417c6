// The door of the render room: a pinned tree and parameters in, Kubernetes objects out; the same inputs give the same digest.
import type { KubeObject } from '@wheelwright/kernel';

/** Objects of one source, before they are aimed at a destination. */
export interface RenderedSet {
  readonly objects: readonly KubeObject[];
  /** Digest of the canonical list of objects. */
  readonly digest: string;
  readonly warnings: readonly string[];
}
