// Namespaces of a spoke in, the objects there that nobody tracks and nobody owns out. Metadata only, and as the hub itself, like a sweep.
import {
  AppError,
  parseTrackingId,
  toAppError,
  TRACKING_ANNOTATION,
  tracksItself,
  type ResourceKey,
} from '@wheelwright/kernel';
import {
  mapBounded,
  type ApiResource,
  type Discovery,
  type ListedMeta,
  type SpokeClient,
} from '@wheelwright/platform-kube';
import { isNeverOrphan } from '@wheelwright/policy';

/** Lists under way at once on one spoke. */
const PARALLEL = 4;
const LIST_DEADLINE_MS = 20_000;

/** One kind in one namespace. */
export interface SearchedList {
  readonly group: string;
  readonly kind: string;
  readonly namespace: string;
}

export interface Search {
  /** Objects without an owner and without our tracking annotation, each once, in the order of kinds as the spoke names them. */
  readonly strays: readonly ResourceKey[];
  /** Lists that the hub may not read: nothing is known of them, for as long as that is so. */
  readonly forbidden: readonly SearchedList[];
  readonly listed: number;
  /** Why the search is not complete: nothing may be concluded from what was not found. */
  readonly failure: AppError | undefined;
}

type Answer =
  | { readonly kind: 'listed'; readonly objects: readonly Stray[] }
  | { readonly kind: 'forbidden'; readonly list: SearchedList }
  | { readonly kind: 'failed'; readonly error: AppError };

interface Stray {
  readonly uid: string;
  readonly key: ResourceKey;
}

/**
 * Lists every kind that stands in namespaces and can be listed and deleted. A list that is forbidden is counted and left out; any other that fails,
 * and a discovery that misses a group, make the search incomplete, and the rest is read all the same. Throws where discovery itself fails.
 */
export async function searchNamespaces(
  client: SpokeClient,
  namespaces: readonly string[],
  signal: AbortSignal,
): Promise<Search> {
  const discovery = await client.discovery({ signal });
  const lists = searchedKinds(discovery).flatMap((resource) =>
    namespaces.map((namespace) => ({ resource, namespace })),
  );
  const answers = await mapBounded(lists, PARALLEL, (list) => read(client, list, signal));
  const failures = answers.flatMap((answer) => (answer.kind === 'failed' ? [answer.error] : []));
  // A kind that went away since discovery was read, for one.
  if (failures.length > 0) client.invalidate();
  return {
    strays: eachOnce(answers.flatMap((answer) => (answer.kind === 'listed' ? answer.objects : []))),
    forbidden: answers.flatMap((answer) => (answer.kind === 'forbidden' ? [answer.list] : [])),
    listed: answers.filter(({ kind }) => kind === 'listed').length,
    failure: failureOf(discovery, failures, lists.length),
  };
}

/** What cannot be deleted (metrics of pods, say) is a view on something else, and nobody left it behind. */
function searchedKinds(discovery: Discovery): readonly ApiResource[] {
  const kinds = new Map<string, ApiResource>();
  for (const resource of discovery.resources) {
    const name = `${resource.group}/${resource.kind}`;
    const isSearched = resource.namespaced && resource.verbs.includes('list') && resource.verbs.includes('delete');
    if (isSearched && !kinds.has(name) && !isNeverOrphan(resource)) kinds.set(name, resource);
  }
  return [...kinds.values()];
}

async function read(
  client: SpokeClient,
  { resource, namespace }: { readonly resource: ApiResource; readonly namespace: string },
  signal: AbortSignal,
): Promise<Answer> {
  const list = { group: resource.group, kind: resource.kind, namespace };
  try {
    const { items } = await client.listMetadata(resource, { namespace, signal, deadlineMs: LIST_DEADLINE_MS });
    const objects = items.map((meta) => ({ meta, key: { ...list, name: meta.name } }));
    return { kind: 'listed', objects: objects.filter(isStray).map(({ meta: { uid }, key }) => ({ uid, key })) };
  } catch (error) {
    const known = toAppError(error, 'ObserveFailed', `the list of ${resource.plural} in ${namespace} failed`);
    return isForbidden(known) ? { kind: 'forbidden', list } : { kind: 'failed', error: known };
  }
}

function isStray({ meta, key }: { readonly meta: ListedMeta; readonly key: ResourceKey }): boolean {
  const owners = meta['ownerReferences'];
  if (Array.isArray(owners) && owners.length > 0) return false;
  const trackingId: unknown = meta.annotations?.[TRACKING_ANNOTATION];
  const tracked = typeof trackingId === 'string' ? parseTrackingId(trackingId) : undefined;
  // An annotation that was copied along from another object says nothing about this one.
  return tracked === undefined || !tracksItself(tracked, key);
}

/** 405: the kind is served, and a list of it is not. */
function isForbidden({ details }: AppError): boolean {
  return details['status'] === 403 || details['status'] === 405;
}

/** An object that is served under two groups counts once, under the first. */
function eachOnce(strays: readonly Stray[]): readonly ResourceKey[] {
  const keys = new Map<string, ResourceKey>();
  for (const { uid, key } of strays) if (!keys.has(uid)) keys.set(uid, key);
  return [...keys.values()];
}

function failureOf(discovery: Discovery, failures: readonly AppError[], lists: number): AppError | undefined {
  const [first] = failures;
  if (first !== undefined)
    return new AppError(
      'ObserveFailed',
      `${String(failures.length)} of ${String(lists)} lists failed, so that nothing was concluded from what is missing; the first: ${first.message}`,
      { cause: first },
    );
  return discovery.complete
    ? undefined
    : new AppError('ObserveFailed', 'some API group of the spoke did not answer: its kinds were not searched');
}
