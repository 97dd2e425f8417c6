// One plan and one spoke in, what became of each entry out. Carries out the plan and nothing else.
import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import {
  AppError,
  apiVersionOf,
  parseTrackingId,
  toAppError,
  TRACKING_ANNOTATION,
  type GroupVersionKind,
  type KubeObject,
} from '@wheelwright/kernel';
import { fingerprintOfObject } from '@wheelwright/observe';
import { BEING_DELETED, definedKind, type Plan, type PlanEntry } from '@wheelwright/plan';
import { mapBounded, type ApiResource, type CallOptions, type SpokeClient } from '@wheelwright/platform-kube';
import { ApplyInterrupted, batchesOf, type Change, type ChangeSet } from '../index.js';
import { isAboutTheObject } from './refusals.js';

export interface ApplyPlanOptions {
  readonly fieldManager: string;
  /** Writes at once, default 8. */
  readonly concurrency?: number;
  readonly signal?: AbortSignal;
  /** Runs before each batch of writes; what it throws (LeaseLost) ends the apply at once. */
  readonly onBatch?: () => Promise<void>;
  /** Only these entries of the plan, in their order; absent: all. */
  readonly entries?: readonly PlanEntry[];
}

const CONCURRENCY = 8;
/** How long to wait for a kind whose definition was just accepted. */
const SERVED_MS = 10_000;
const SERVED_POLL_MS = 200;

/**
 * Applies, kind by kind. A write that the spoke refuses is a failed entry, and the rest goes on; where the spoke does not answer, refuses the
 * credentials, or the lease is lost, everything stops with `ApplyInterrupted`, which holds what was done.
 */
export async function applyPlan(client: SpokeClient, plan: Plan, options: ApplyPlanOptions): Promise<ChangeSet> {
  const entries = options.entries ?? plan.entries;
  const changes: Change[] = entries.flatMap((entry) => untouched(entry));
  const brought = kindsBroughtBy(plan);
  const isBrought = ({ group, kind }: GroupVersionKind): boolean => brought.has(`${group}/${kind}`);
  for (const batch of batchesOf({ entries })) {
    try {
      await options.onBatch?.();
      options.signal?.throwIfAborted();
      await mapBounded(batch, options.concurrency ?? CONCURRENCY, async (entry) => {
        changes.push(await write(client, entry, { ...options, isBrought }));
      });
    } catch (error) {
      throw new ApplyInterrupted(toAppError(error, 'ApplyFailed', 'the apply stopped'), { changes });
    }
  }
  return { changes };
}

/** The record of an entry that asks for no write. */
function untouched({ key, action, live, fingerprint, reason }: PlanEntry): readonly Change[] {
  if (action !== 'unchanged' && action !== 'skip') return [];
  return [
    {
      key,
      action: action === 'skip' ? 'skipped' : 'unchanged',
      ...(live === undefined ? {} : { live }),
      ...(fingerprint === '' ? {} : { fingerprint }),
      ...(reason === undefined ? {} : { message: reason }),
    },
  ];
}

type WriteOptions = ApplyPlanOptions & { readonly isBrought: (gvk: GroupVersionKind) => boolean };

async function write(client: SpokeClient, entry: PlanEntry, options: WriteOptions): Promise<Change> {
  const call: CallOptions = options.signal === undefined ? {} : { signal: options.signal };
  try {
    const { key, version } = entry;
    const gvk = { group: key.group, version, kind: key.kind };
    const resource =
      entry.action === 'create' && options.isBrought(gvk)
        ? await untilServed(client, gvk, call)
        : await client.resolve(gvk, call);
    if (entry.action === 'prune') return await prune(client, entry, { resource, call });
    if (resource === undefined)
      return failed(entry, `the spoke does not know the kind ${key.kind} of group "${key.group}"`);
    if (resource.version !== version) {
      return failed(
        entry,
        `the spoke does not serve ${key.kind} in ${apiVersionOf({ group: key.group, version })}; it serves ${apiVersionOf(resource)}`,
      );
    }
    return await apply(client, entry, { resource, call, fieldManager: options.fieldManager });
  } catch (error) {
    if (error instanceof AppError && isAboutTheObject(error)) return failed(entry, error.message);
    throw error;
  }
}

/** Kinds whose definition is written by this very plan: the API server serves them only some time after it has accepted the definition. */
function kindsBroughtBy({ entries }: Plan): ReadonlySet<string> {
  return new Set(
    entries.flatMap(({ action, desired }) => {
      const defined = action === 'create' && desired !== undefined ? definedKind(desired) : undefined;
      return defined === undefined ? [] : [`${defined.group}/${defined.kind}`];
    }),
  );
}

/** The resource of a kind that is on its way; `undefined` where it does not come in time. */
async function untilServed(
  client: SpokeClient,
  gvk: GroupVersionKind,
  call: CallOptions,
): Promise<ApiResource | undefined> {
  const endsAt = performance.now() + SERVED_MS;
  for (;;) {
    const resource = await client.resolve(gvk, call);
    if (resource !== undefined || performance.now() > endsAt) return resource;
    await delay(SERVED_POLL_MS, undefined, call.signal === undefined ? {} : { signal: call.signal });
  }
}

interface Way {
  readonly resource: ApiResource;
  readonly call: CallOptions;
}

async function apply(
  client: SpokeClient,
  entry: PlanEntry,
  { resource, call, fieldManager }: Way & { readonly fieldManager: string },
): Promise<Change> {
  const { desired, key } = entry;
  if (desired === undefined) return failed(entry, 'the plan holds no object to apply');
  if (entry.recreate !== undefined && !(await isRemoved(client, entry, { resource, call })))
    return failed(entry, 'it is deleted in order to be created again, and not gone yet');
  const isNew = entry.action === 'create';
  try {
    // What seems not to be there is not taken by force: if it is there after all, whose it is must be known first.
    const live = await client.apply(resource, desired, { ...call, fieldManager, force: !isNew });
    return written(entry, live, isNew ? 'created' : 'configured');
  } catch (error) {
    if (!isNew || !(error instanceof AppError) || error.code !== 'SpokeConflict') throw error;
  }
  const there = await client.get(resource, key, call);
  const owner = there === undefined ? undefined : foreignOwner(there, desired);
  if (owner !== undefined) return failed(entry, `it is there already, and belongs to the Application ${owner}`);
  return written(entry, await client.apply(resource, desired, { ...call, fieldManager, force: true }), 'configured');
}

/** Deletes what is to be created again, and waits for a while until it is gone. */
async function isRemoved(
  client: SpokeClient,
  { key, uid = '', recreate }: PlanEntry,
  { resource, call }: Way,
): Promise<boolean> {
  const propagation = recreate === undefined ? {} : { propagationPolicy: recreate };
  const outcome = await client.delete(resource, key, { ...call, uid, ...propagation });
  const endsAt = performance.now() + SERVED_MS;
  for (let isGone = outcome !== 'deleting'; ;) {
    if (isGone) return true;
    if (performance.now() > endsAt) return false;
    await delay(SERVED_POLL_MS, undefined, call.signal === undefined ? {} : { signal: call.signal });
    isGone = (await client.get(resource, key, call))?.metadata.uid !== uid;
  }
}

/** The Application that a live object names, where it is not the one that the desired object names. */
function foreignOwner(live: KubeObject, desired: KubeObject): string | undefined {
  const theirs = parseTrackingId(live.metadata.annotations?.[TRACKING_ANNOTATION] ?? '');
  const ours = parseTrackingId(desired.metadata.annotations?.[TRACKING_ANNOTATION] ?? '');
  return theirs === undefined || theirs.application === ours?.application ? undefined : theirs.application;
}

async function prune(
  client: SpokeClient,
  entry: PlanEntry,
  { resource, call }: { readonly resource: ApiResource | undefined; readonly call: CallOptions },
): Promise<Change> {
  const { key, uid } = entry;
  if (uid === undefined || uid === '') return failed(entry, 'it is not deleted without its uid');
  if (resource === undefined)
    return failed(entry, `the spoke does not serve the kind ${key.kind} of group "${key.group}" any more`);
  const outcome = await client.delete(resource, key, {
    ...call,
    uid,
    propagationPolicy: entry.propagation ?? 'Foreground',
  });
  // `gone` counts as deleted: this very object (by uid) does not exist, whatever has its name now.
  return { key, action: 'deleted', ...(outcome === 'deleting' ? { pending: true, message: BEING_DELETED } : {}) };
}

function written(entry: PlanEntry, live: KubeObject, action: 'created' | 'configured'): Change {
  return { key: entry.key, action, live, fingerprint: fingerprintOfObject(entry.key, live.metadata) };
}

function failed({ key }: PlanEntry, message: string): Change {
  return { key, action: 'failed', message };
}
