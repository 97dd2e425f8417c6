// One sweep of a spoke: a metadata-only list per kind in use, by our label. All of it, or an error.
import {
  AppError,
  MANAGED_BY_LABEL,
  toAppError,
  TRACKING_ANNOTATION,
  type GroupVersionKind,
} from '@wheelwright/kernel';
import { mapBounded, type ApiResource, type ListedMeta, type SpokeClient } from '@wheelwright/platform-kube';
import { digestOfList, fingerprintOfObject } from '../fingerprint.js';
import type { Observed } from '../types.js';

/** A kind to list, and the digest of its last complete list (absent or empty: none). */
export interface SweepKind extends GroupVersionKind {
  readonly knownDigest?: string;
}

export interface SweepOptions {
  /** Value of the managed-by label. */
  readonly installationId: string;
  readonly signal?: AbortSignal;
  /** Lists under way at once, default 4. */
  readonly parallel?: number;
  /** Milliseconds for each list, default 60 s. */
  readonly deadlineMs?: number;
}

/** A kind's complete list. `items` is empty where `isChanged` is false: the list is the one behind `knownDigest`. */
export interface SweptKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly digest: string;
  readonly objectCount: number;
  readonly isChanged: boolean;
  readonly items: readonly Observed[];
}

export interface Sweep {
  readonly kinds: readonly SweptKind[];
  /** Kinds that the spoke certainly does not serve any more; each is in `kinds` too, as an empty list. */
  readonly unknownKinds: readonly GroupVersionKind[];
}

/**
 * Lists all kinds. Fails with `ObserveFailed` (its cause says how) if a single list fails, and keeps the spoke's own code in
 * `details.code`: an error is never an empty list. A kind that is not served is an empty list only where discovery was read for this sweep
 * and every group answered it.
 */
export async function sweep(client: SpokeClient, kinds: readonly SweepKind[], options: SweepOptions): Promise<Sweep> {
  try {
    const { served, unknownKinds } = await findKinds(client, kinds, options);
    const swept = await mapBounded(served, options.parallel ?? 4, ({ kind, resource }) =>
      listKind(client, { kind, resource }, options),
    );
    return { kinds: [...swept, ...unknownKinds.map(emptyList)], unknownKinds };
  } catch (error) {
    throw observeFailed(error);
  }
}

interface ServedKind {
  readonly kind: SweepKind;
  readonly resource: ApiResource;
}

async function findKinds(
  client: SpokeClient,
  kinds: readonly SweepKind[],
  options: SweepOptions,
): Promise<{ served: readonly ServedKind[]; unknownKinds: readonly SweepKind[] }> {
  const signal = options.signal === undefined ? {} : { signal: options.signal };
  let discovery = await client.discovery(signal);
  // Any served version lists the same objects, so another version of the kind will do.
  const isMissing = (kind: SweepKind): boolean => discovery.find(kind.group, kind.kind) === undefined;
  if (kinds.some(isMissing)) discovery = await client.discovery({ ...signal, fresh: true });
  const unknownKinds = kinds.filter(isMissing);
  if (unknownKinds.length > 0 && !discovery.complete) {
    const names = unknownKinds.map((kind) => `${kind.kind}.${kind.group}`).join(', ');
    throw new AppError(
      'ObserveFailed',
      `Discovery of the spoke is incomplete: it cannot be said whether it still serves ${names}.`,
    );
  }
  const served = kinds.flatMap((kind) => {
    const resource = discovery.find(kind.group, kind.kind, kind.version) ?? discovery.find(kind.group, kind.kind);
    return resource === undefined ? [] : [{ kind, resource }];
  });
  return { served, unknownKinds };
}

async function listKind(
  client: SpokeClient,
  { kind, resource }: ServedKind,
  options: SweepOptions,
): Promise<SweptKind> {
  const list = await client.listMetadata(resource, {
    labelSelector: `${MANAGED_BY_LABEL}=${options.installationId}`,
    ...(options.signal === undefined ? {} : { signal: options.signal }),
    ...(options.deadlineMs === undefined ? {} : { deadlineMs: options.deadlineMs }),
  });
  const digest = digestOfList(list.items);
  const isChanged = digest !== kind.knownDigest;
  return {
    group: kind.group,
    version: resource.version,
    kind: kind.kind,
    digest,
    objectCount: list.items.length,
    isChanged,
    items: isChanged ? list.items.map((meta) => observedOf(kind, meta)) : [],
  };
}

function observedOf(kind: SweepKind, meta: ListedMeta): Observed {
  const trackingId: unknown = meta.annotations?.[TRACKING_ANNOTATION];
  return {
    key: { group: kind.group, kind: kind.kind, namespace: meta.namespace ?? '', name: meta.name },
    uid: meta.uid,
    fingerprint: fingerprintOfObject(kind, meta),
    resourceVersion: meta.resourceVersion,
    trackingId: typeof trackingId === 'string' ? trackingId : '',
    deleting: meta.deletionTimestamp !== undefined,
  };
}

function emptyList(kind: SweepKind): SweptKind {
  const { group, version, kind: name } = kind;
  const digest = digestOfList([]);
  return { group, version, kind: name, digest, objectCount: 0, isChanged: digest !== kind.knownDigest, items: [] };
}

function observeFailed(error: unknown): AppError {
  if (error instanceof AppError && error.code === 'ObserveFailed') return error;
  const cause = toAppError(error, 'Internal', 'The sweep failed');
  // The lease's loss is the caller's business, and no fault of the spoke.
  if (cause.code === 'LeaseLost') return cause;
  const message = `The managed objects could not be listed. ${cause.message}`;
  return new AppError('ObserveFailed', message, { details: { ...cause.details, code: cause.code }, cause });
}
