// Objects in, the order in which they are carried out: wave, then kind, then name (`compatibility.md` 2.6).
import { gvkOf, isJsonObject, type KubeObject, type ResourceKey } from '@wheelwright/kernel';

/** Annotation with the wave of an object, an integer. */
export const SYNC_WAVE_ANNOTATION = 'argocd.argoproj.io/sync-wave';
const HELM_WEIGHT_ANNOTATION = 'helm.sh/hook-weight';
const HOOK_ANNOTATION = 'argocd.argoproj.io/hook';
const HELM_HOOK_ANNOTATION = 'helm.sh/hook';

/** Kinds in the order in which they are applied; all others come after them. */
const KIND_ORDER = [
  'Namespace',
  'NetworkPolicy',
  'ResourceQuota',
  'LimitRange',
  'PodSecurityPolicy',
  'PodDisruptionBudget',
  'ServiceAccount',
  'Secret',
  'SecretList',
  'ConfigMap',
  'StorageClass',
  'PersistentVolume',
  'PersistentVolumeClaim',
  'CustomResourceDefinition',
  'ClusterRole',
  'ClusterRoleList',
  'ClusterRoleBinding',
  'ClusterRoleBindingList',
  'Role',
  'RoleList',
  'RoleBinding',
  'RoleBindingList',
  'Service',
  'DaemonSet',
  'Pod',
  'ReplicationController',
  'ReplicaSet',
  'Deployment',
  'HorizontalPodAutoscaler',
  'StatefulSet',
  'Job',
  'CronJob',
  'IngressClass',
  'Ingress',
  'APIService',
];
const KIND_RANK: ReadonlyMap<string, number> = new Map(KIND_ORDER.map((kind, rank) => [kind, rank]));

/** Where a kind stands in the order of kinds. */
export function kindRank(kind: string): number {
  return KIND_RANK.get(kind) ?? KIND_ORDER.length;
}

/** Wave of an object: its own annotation, else Helm's weight, else 0. */
export function waveOf(object: KubeObject): number {
  const annotations = object.metadata.annotations ?? {};
  return integer(annotations[SYNC_WAVE_ANNOTATION]) ?? integer(annotations[HELM_WEIGHT_ANNOTATION]) ?? 0;
}

function integer(text: unknown): number | undefined {
  return typeof text === 'string' && /^[+-]?\d{1,9}$/.test(text) ? Number.parseInt(text, 10) : undefined;
}

/** What an object's hook annotations make of it. */
export type HookRole =
  /** An ordinary object. */
  | { readonly kind: 'resource' }
  /** Belongs to a phase around the sync. */
  | { readonly kind: 'hook'; readonly phases: readonly string[] }
  /** Says nothing that we know (or belongs to `helm test` and rollbacks): never applied. */
  | { readonly kind: 'ignored' };

const HOOKS = new Set(['PreSync', 'Sync', 'PostSync', 'SyncFail', 'Skip', 'PreDelete', 'PostDelete']);
const HELM_HOOKS: ReadonlyMap<string, string> = new Map([
  ['pre-install', 'PreSync'],
  ['pre-upgrade', 'PreSync'],
  ['post-install', 'PostSync'],
  ['post-upgrade', 'PostSync'],
  ['pre-delete', 'PreDelete'],
  ['post-delete', 'PostDelete'],
]);

/** Reads the hook annotations; Helm's count only where there are none of Argo's. */
export function hookRole(object: KubeObject): HookRole {
  const annotations = object.metadata.annotations ?? {};
  const own = annotations[HOOK_ANNOTATION];
  if (typeof own === 'string')
    return roleOf(
      own
        .split(',')
        .map((text) => text.trim())
        .filter((text) => HOOKS.has(text)),
    );
  const helm = annotations[HELM_HOOK_ANNOTATION];
  if (typeof helm !== 'string') return { kind: 'resource' };
  const names = helm.split(',').map((text) => text.trim());
  if (names.includes('crd-install')) return { kind: 'resource' };
  return roleOf(names.flatMap((name) => HELM_HOOKS.get(name) ?? []));
}

function roleOf(phases: readonly string[]): HookRole {
  return phases.length === 0 ? { kind: 'ignored' } : { kind: 'hook', phases: [...new Set(phases)] };
}

/** What the order looks at. */
export interface Ordered {
  readonly key: ResourceKey;
  readonly wave: number;
}

/** Wave, then kind, then name; what is left makes the order total. */
export function compareOrder(a: Ordered, b: Ordered): number {
  return (
    a.wave - b.wave ||
    kindRank(a.key.kind) - kindRank(b.key.kind) ||
    compareText(a.key.kind, b.key.kind) ||
    compareText(a.key.name, b.key.name) ||
    compareText(a.key.namespace, b.key.namespace) ||
    compareText(a.key.group, b.key.group)
  );
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/**
 * Sorts objects into the order in which they are applied. A Namespace or a CustomResourceDefinition that would come later than the first
 * object that lives in it, or is of its kind, is put right before that object and takes its wave.
 */
export function orderTargets<T extends Ordered & { readonly object: KubeObject }>(targets: readonly T[]): readonly T[] {
  const sorted = [...targets].sort(compareOrder);
  for (const foundation of sorted.filter(({ key }) => isFoundation(key))) {
    const from = sorted.indexOf(foundation);
    const to = sorted.findIndex((target) => target !== foundation && uses(target, foundation));
    const user = sorted[to];
    if (user === undefined || to > from) continue;
    sorted.splice(from, 1);
    sorted.splice(to, 0, { ...foundation, wave: user.wave });
  }
  return sorted;
}

/** Whether other objects cannot be there before an object of this kind is: a Namespace, a CustomResourceDefinition. */
export function isFoundation({ group, kind }: ResourceKey): boolean {
  return (
    (group === '' && kind === 'Namespace') || (group === 'apiextensions.k8s.io' && kind === 'CustomResourceDefinition')
  );
}

/** Whether an object lives in a namespace, or is of the kind that a definition brings. */
export function uses(
  target: { readonly key: ResourceKey; readonly object: KubeObject },
  foundation: { readonly key: ResourceKey; readonly object: KubeObject },
): boolean {
  if (foundation.key.kind === 'Namespace') return target.key.namespace === foundation.key.name;
  const defined = definedKind(foundation.object);
  return defined !== undefined && gvkOf(target.object).group === defined.group && target.key.kind === defined.kind;
}

/** Group, kind and scope that a CustomResourceDefinition brings; `undefined` where the object is none, or does not say. */
export function definedKind(
  object: KubeObject,
): { readonly group: string; readonly kind: string; readonly scope: 'Namespaced' | 'Cluster' } | undefined {
  if (object.kind !== 'CustomResourceDefinition' || gvkOf(object).group !== 'apiextensions.k8s.io') return undefined;
  const spec = object['spec'];
  if (!isJsonObject(spec) || !isJsonObject(spec['names'])) return undefined;
  const group = spec['group'];
  const kind = spec['names']['kind'];
  if (typeof group !== 'string' || typeof kind !== 'string') return undefined;
  return { group, kind, scope: spec['scope'] === 'Cluster' ? 'Cluster' : 'Namespaced' };
}

/**
 * Waves of prunes: as those of the objects, but reversed by swapping the first distinct wave with the last, and so on.
 * Answers the new wave of each wave that is there.
 */
export function reversedWaves(waves: readonly number[]): ReadonlyMap<number, number> {
  const distinct = [...new Set(waves)].sort((a, b) => a - b);
  return new Map(distinct.map((wave, at) => [wave, distinct[distinct.length - 1 - at] ?? wave]));
}
