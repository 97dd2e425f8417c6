// One plan and one spoke in, what became of each entry out. Carries out the plan and nothing else.
import {
  AppError,
  apiVersionOf,
  parseTrackingId,
  toAppError,
  TRACKING_ANNOTATION,
  type KubeObject,
} from '@wheelwright/kernel';
import { fingerprintOfObject } from '@wheelwright/observe';
import { BEING_DELETED, type Plan, type PlanEntry } from '@wheelwright/plan';
import { mapBounded, type ApiResource, type CallOptions, type SpokeClient } from '@wheelwright/platform-kube';
import { ApplyInterrupted, batchesOf, type Change, type ChangeSet } from '../index.js';

export interface ApplyPlanOptions {
  readonly fieldManager: string;
  /** Writes at once, default 8. */
  readonly concurrency?: number;
  readonly signal?: AbortSignal;
  /** Runs before each batch of writes; what it throws (LeaseLost) ends the apply at once. */
  readonly onBatch?: () => Promise<void>;
  /** Only the entries of this wave; absent: all waves in order. */
  readonly wave?: number;
}

const CONCURRENCY = 8;

/**
 * Applies, kind by kind. A write that the spoke refuses is a failed entry, and the rest goes on; where the spoke does not answer, refuses the
 * credentials, or the lease is lost, everything stops with `ApplyInterrupted`, which holds what was done.
 */
export async function applyPlan(client: SpokeClient, plan: Plan, options: ApplyPlanOptions): Promise<ChangeSet> {
  const changes: Change[] = plan.entries
    .filter(({ wave }) => options.wave === undefined || wave === options.wave)
    .flatMap((entry) => untouched(entry));
  for (const batch of batchesOf(plan, options.wave)) {
    try {
      await options.onBatch?.();
      options.signal?.throwIfAborted();
      await mapBounded(batch, options.concurrency ?? CONCURRENCY, async (entry) => {
        changes.push(await write(client, entry, options));
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

async function write(client: SpokeClient, entry: PlanEntry, options: ApplyPlanOptions): Promise<Change> {
  const call: CallOptions = options.signal === undefined ? {} : { signal: options.signal };
  try {
    const { key, version } = entry;
    const resource = await client.resolve({ group: key.group, version, kind: key.kind }, call);
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

/** Whether an error is the spoke's answer about this one object, and not about the spoke or the caller. */
function isAboutTheObject(error: AppError): boolean {
  const isForbidden = error.code === 'SpokeUnauthorized' && error.details['status'] === 403;
  return isForbidden || error.code === 'SpokeRejected' || error.code === 'SpokeConflict';
}
