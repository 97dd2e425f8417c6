// One hook and one spoke in; the object that runs it, or why it does not run yet, out.
import { AppError, type KubeObject, type ResourceKey } from '@wheelwright/kernel';
import { belongsTo, propagationOf, type HookTarget } from '@wheelwright/plan';
import type { ApiResource, CallOptions, SpokeClient } from '@wheelwright/platform-kube';
import { isAboutTheObject } from './refusals.js';

/** Says of which operation and phase the object of a hook is, so that a worker that comes later, or after a crash, knows it again. */
export const HOOK_RUN_ANNOTATION = 'wheelwright.dev/hook-run';

/** Keeps the object of a hook until its end was recorded, whoever deletes it before (a Job's own time to live, say). The name is Argo CD's. */
export const HOOK_FINALIZER = 'argocd.argoproj.io/hook-finalizer';

export interface RunHookOptions {
  /** Name of the Application. */
  readonly application: string;
  /** Names this operation and this phase. */
  readonly run: string;
  /** The uid of the object that was made for this run, where one was. */
  readonly uid: string | undefined;
  readonly fieldManager: string;
  /** False where the destination keeps no finalizers of ours: the hub itself. */
  readonly finalizer: boolean;
  /** Runs before each write; what it throws (LeaseLost) ends everything. */
  readonly onWrite: () => Promise<void>;
  readonly signal?: AbortSignal;
}

/** What became of asking for a hook. */
export type HookSight =
  /** Its object is there; whether it has ended is a matter of its health. */
  | { readonly kind: 'running'; readonly live: KubeObject }
  /** An earlier object of its name is on its way out. */
  | { readonly kind: 'waiting' }
  /** It cannot run, or can never end. */
  | { readonly kind: 'failed'; readonly message: string };

/**
 * Makes sure that a hook has run or runs: makes its object where there is none, and looks at the one that there is. Asked twice for the same run
 * it makes one object. The object of an earlier run is deleted first where the hook says so; one that is not this Application's never is.
 */
export async function runHook(client: SpokeClient, hook: HookTarget, options: RunHookOptions): Promise<HookSight> {
  const call: CallOptions = options.signal === undefined ? {} : { signal: options.signal };
  const { key, version } = hook;
  try {
    const resource = await client.resolve({ group: key.group, version, kind: key.kind }, call);
    if (resource === undefined)
      return { kind: 'failed', message: `the spoke does not know the kind ${key.kind} of group "${key.group}"` };
    return await look(client, hook, { ...options, resource, call });
  } catch (error) {
    if (error instanceof AppError && isAboutTheObject(error)) return { kind: 'failed', message: error.message };
    throw error;
  }
}

type Way = RunHookOptions & { readonly resource: ApiResource; readonly call: CallOptions };

async function look(client: SpokeClient, hook: HookTarget, way: Way): Promise<HookSight> {
  const live = await client.get(way.resource, hook.key, way.call);
  if (live !== undefined && isOfRun(live, way)) return { kind: 'running', live };
  if (way.uid !== undefined) return { kind: 'failed', message: 'its object was deleted before the hook had ended' };
  if (live === undefined) return make(client, hook, way);
  if (!belongsTo(way.application, hook.key, live))
    return {
      kind: 'failed',
      message: 'an object of its name is there already, and does not belong to this Application',
    };
  const isGoing = live.metadata.deletionTimestamp !== undefined;
  if (!isGoing && !hook.policies.includes('BeforeHookCreation')) return make(client, hook, way);
  const outcome = await removeHook(client, hook.key, {
    ...way,
    live,
    propagation: propagationOf(hook.options, hook.key),
  });
  return outcome === 'gone' ? make(client, hook, way) : { kind: 'waiting' };
}

function isOfRun(live: KubeObject, { run, uid }: RunHookOptions): boolean {
  const isSame = uid === undefined || live.metadata.uid === uid;
  return isSame && live.metadata.annotations?.[HOOK_RUN_ANNOTATION] === run;
}

async function make(client: SpokeClient, hook: HookTarget, way: Way): Promise<HookSight> {
  await way.onWrite();
  const { metadata } = hook.object;
  const object: KubeObject = {
    ...hook.object,
    metadata: {
      ...metadata,
      annotations: { ...metadata.annotations, [HOOK_RUN_ANNOTATION]: way.run },
      ...(way.finalizer ? { finalizers: [...(metadata.finalizers ?? []), HOOK_FINALIZER] } : {}),
    },
  };
  const { fieldManager, call } = way;
  return { kind: 'running', live: await client.apply(way.resource, object, { ...call, fieldManager, force: true }) };
}

export interface EndHookOptions {
  readonly version: string;
  /** Only this very object. */
  readonly uid: string;
  /** Absent: the object stays. */
  readonly propagation?: ReturnType<typeof propagationOf>;
  readonly onWrite: () => Promise<void>;
  readonly signal?: AbortSignal;
}

/**
 * Lets go of the object of a hook that has ended, or that nobody waits for any more: our finalizer is taken off, and the object is deleted where
 * that is asked for. `gone`: there is no such object (any more).
 */
export async function endHook(
  client: SpokeClient,
  key: ResourceKey,
  options: EndHookOptions,
): Promise<'gone' | 'going' | 'stays'> {
  const call: CallOptions = options.signal === undefined ? {} : { signal: options.signal };
  const resource = await client.resolve({ group: key.group, version: options.version, kind: key.kind }, call);
  const live = resource === undefined ? undefined : await client.get(resource, key, call);
  if (resource === undefined || live === undefined || live.metadata.uid !== options.uid) return 'gone';
  return removeHook(client, key, { ...options, resource, call, live });
}

interface Removal {
  readonly resource: ApiResource;
  readonly call: CallOptions;
  readonly live: KubeObject;
  readonly propagation?: ReturnType<typeof propagationOf>;
  readonly onWrite: () => Promise<void>;
}

async function removeHook(
  client: SpokeClient,
  key: ResourceKey,
  removal: Removal,
): Promise<'gone' | 'going' | 'stays'> {
  const { resource, call, live, propagation, onWrite } = removal;
  const { uid = '', finalizers = [], resourceVersion = '', deletionTimestamp } = live.metadata;
  await onWrite();
  if (finalizers.includes(HOOK_FINALIZER)) {
    const kept = finalizers.filter((name) => name !== HOOK_FINALIZER);
    // The version is the proof that nobody else's finalizer is taken off along with ours.
    const body = { metadata: { uid, resourceVersion, finalizers: kept } };
    await client.patch(resource, key, { ...call, type: 'merge', body });
  }
  if (deletionTimestamp !== undefined) return 'going';
  if (propagation === undefined) return 'stays';
  const outcome = await client.delete(resource, key, { ...call, uid, propagationPolicy: propagation });
  return outcome === 'deleting' ? 'going' : 'gone';
}
