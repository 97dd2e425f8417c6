// Metadata of a live object in, a short text out that moves whenever the part that somebody declared may have changed.
import { canonicalJson, digestText, type ObjectMeta, type ResourceKey } from '@wheelwright/kernel';
import type { Observed } from './types.js';

/** Written by others about what they did; they say nothing about what is wanted. */
const IGNORED_ANNOTATIONS: ReadonlySet<string> = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  'deployment.kubernetes.io/revision',
]);

/** Kinds that carry a generation which does not count all changes of what is declared (the API server sets it once and for all). */
const UNCOUNTED: ReadonlySet<string> = new Set(['scheduling.k8s.io/PriorityClass', 'node.k8s.io/RuntimeClass']);

/** Whether the generation of an object stands for its declared part. Where it does not, its resourceVersion must. */
export function hasGeneration(key: Pick<ResourceKey, 'group' | 'kind'>, meta: ObjectMeta): boolean {
  return typeof meta.generation === 'number' && meta.generation > 0 && !UNCOUNTED.has(`${key.group}/${key.kind}`);
}

/**
 * `g<generation>` (or `v<resourceVersion>` where the generation does not count) and a digest of labels and annotations. The same for an
 * object that comes from a metadata list, from a GET and from the answer to an apply. Status alone never moves a generation.
 */
export function fingerprintOf(meta: ObjectMeta, isGenerationCounted: boolean): string {
  const version = isGenerationCounted ? `g${String(meta.generation ?? 0)}` : `v${meta.resourceVersion ?? ''}`;
  return `${version}:${metadataDigest(meta)}`;
}

/** The fingerprint of an object of the kind that `key` names. */
export function fingerprintOfObject(key: Pick<ResourceKey, 'group' | 'kind'>, meta: ObjectMeta): string {
  return fingerprintOf(meta, hasGeneration(key, meta));
}

function metadataDigest(meta: ObjectMeta): string {
  const annotations = Object.entries(meta.annotations ?? {}).filter(([name]) => !IGNORED_ANNOTATIONS.has(name));
  return digestText(canonicalJson([meta.labels ?? {}, Object.fromEntries(annotations)])).slice(0, 16);
}

/**
 * Digest of a whole list, whatever its order. It moves with every change of any object, status included: an equal digest proves that
 * nothing at all happened. It needs identities and versions only, so a sweep finds out before it computes a single fingerprint.
 */
export function digestOfList(objects: readonly Pick<Observed, 'uid' | 'resourceVersion'>[]): string {
  return digestText(
    objects
      .map((object) => `${object.uid} ${object.resourceVersion}`)
      .sort()
      .join('\n'),
  );
}
