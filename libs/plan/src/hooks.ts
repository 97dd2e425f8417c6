// Objects with hook annotations in; what is run in which phase of an operation, under which name, and when it is deleted again, out.
import { formatResourceKey, TRACKING_ANNOTATION, type KubeObject, type ResourceKey } from '@wheelwright/kernel';
import { compareOrder, hookRole } from './order.js';
import type { SyncOptions } from './types.js';

/** Phases of an operation, in order; `SyncFail` comes only after a failure, the last two when the Application is deleted. */
export const HOOK_PHASES = ['PreSync', 'Sync', 'PostSync', 'SyncFail', 'PreDelete', 'PostDelete'] as const;
export type HookPhase = (typeof HOOK_PHASES)[number];

/** When the object of a hook is deleted: after it ended well, after it ended badly, before the next one of its name is made. */
export type HookDeletePolicy = 'HookSucceeded' | 'HookFailed' | 'BeforeHookCreation';

/** One object that is to be run in one phase. An object with several phases is several hooks. */
export interface HookTarget {
  readonly phase: HookPhase;
  /** The name is empty where the object has only `generateName`; see {@link namedHook}. */
  readonly key: ResourceKey;
  readonly version: string;
  /** Placed, without anything that the server owns. */
  readonly object: KubeObject;
  readonly wave: number;
  readonly policies: readonly HookDeletePolicy[];
  readonly options: SyncOptions;
}

/** What the names of hooks are made of. */
export interface HookNaming {
  readonly revision: string;
  /** When the operation began, in milliseconds since the epoch. */
  readonly startedAtMs: number;
}

const DELETE_POLICY_ANNOTATION = 'argocd.argoproj.io/hook-delete-policy';
const HELM_DELETE_POLICY_ANNOTATION = 'helm.sh/hook-delete-policy';
const POLICIES: Readonly<Record<string, HookDeletePolicy>> = {
  HookSucceeded: 'HookSucceeded',
  HookFailed: 'HookFailed',
  BeforeHookCreation: 'BeforeHookCreation',
};
const HELM_POLICIES: Readonly<Record<string, HookDeletePolicy>> = {
  'hook-succeeded': 'HookSucceeded',
  'hook-failed': 'HookFailed',
  'before-hook-creation': 'BeforeHookCreation',
};
const NAME_LENGTH = 253;

/** The phases in which an object is run; empty: it is no hook, or one that is never run. */
export function hookPhases(object: KubeObject): readonly HookPhase[] {
  const role = hookRole(object);
  return role.kind === 'hook' ? HOOK_PHASES.filter((phase) => role.phases.includes(phase)) : [];
}

/** When the object of a hook is deleted. Where nothing that we know is said: before the next one is made. */
export function deletePolicies(object: KubeObject): readonly HookDeletePolicy[] {
  const annotations = object.metadata.annotations ?? {};
  const found = [
    ...policiesIn(annotations[DELETE_POLICY_ANNOTATION], POLICIES),
    ...policiesIn(annotations[HELM_DELETE_POLICY_ANNOTATION], HELM_POLICIES),
  ];
  return found.length === 0 ? ['BeforeHookCreation'] : [...new Set(found)];
}

function policiesIn(text: unknown, known: Readonly<Record<string, HookDeletePolicy>>): readonly HookDeletePolicy[] {
  if (typeof text !== 'string') return [];
  return text
    .split(',')
    .map((item) => item.trim())
    .flatMap((item) => (Object.hasOwn(known, item) ? (known[item] ?? []) : []));
}

/** The hook with the name that it has in one operation: `generateName` is followed by revision, phase and start, so that asking twice names it once. */
export function namedHook(hook: HookTarget, { revision, startedAtMs }: HookNaming): HookTarget {
  if (hook.key.name !== '') return hook;
  const { generateName = '', ...metadata } = hook.object.metadata;
  const tail = `${revision.slice(0, 7)}-${hook.phase}-${String(Math.floor(startedAtMs / 1_000))}`;
  const name = `${generateName.slice(0, NAME_LENGTH - tail.length)}${tail}`.toLowerCase();
  const { [TRACKING_ANNOTATION]: tracking, ...annotations } = metadata.annotations ?? {};
  // Without a name the tracking id ends where the name belongs.
  const tracked = tracking === undefined ? annotations : { ...annotations, [TRACKING_ANNOTATION]: tracking + name };
  const object = { ...hook.object, metadata: { ...metadata, name, annotations: tracked } };
  return { ...hook, key: { ...hook.key, name }, object };
}

/** Phase, then wave, kind and name. */
export function orderHooks(hooks: readonly HookTarget[]): readonly HookTarget[] {
  const rank = (hook: HookTarget): number => HOOK_PHASES.indexOf(hook.phase);
  return [...hooks].sort(
    (a, b) => rank(a) - rank(b) || compareOrder(a, b) || compareText(generateNameOf(a), generateNameOf(b)),
  );
}

function generateNameOf({ object }: HookTarget): string {
  return object.metadata.generateName ?? '';
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** What names one hook of one phase, within one operation. */
export function hookId(hook: { readonly phase: string; readonly key: ResourceKey }): string {
  return `${hook.phase} ${formatResourceKey(hook.key)}`;
}
