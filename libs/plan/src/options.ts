// Sync options as users write them in, one folded value and warnings out. An object's own options win over its Application's (`compatibility.md` 2.6).
import type { KubeObject, ResourceKey } from '@wheelwright/kernel';
import type { PlanWarning, Propagation, Removal, SyncOptions } from './types.js';

/** Annotation that carries the sync options of one object, comma-separated. */
export const SYNC_OPTIONS_ANNOTATION = 'argocd.argoproj.io/sync-options';
const RESOURCE_POLICY_ANNOTATION = 'helm.sh/resource-policy';
const FLUX = 'kustomize.toolkit.fluxcd.io';

/** What holds where nobody says anything. */
export const DEFAULT_SYNC_OPTIONS: SyncOptions = {
  prune: 'allowed',
  delete: 'allowed',
  pruneLast: false,
  propagation: 'ByKind',
  createNamespace: false,
  failOnSharedResource: false,
  skipDryRunOnMissingResource: false,
  respectIgnoreDifferences: false,
  force: false,
  write: 'always',
};

export interface ParsedSyncOptions {
  readonly options: SyncOptions;
  readonly warnings: readonly PlanWarning[];
}

/** Options that are known and not carried out; the text says what happens instead. A value of `undefined`: any. */
const NOT_CARRIED_OUT: Readonly<Record<string, { readonly value?: string; readonly instead: string }>> = {
  Replace: { value: 'true', instead: 'objects are applied server-side' },
  Validate: { value: 'false', instead: 'the spoke validates every object' },
  ServerSideApply: { value: 'false', instead: 'every object is applied server-side' },
  // What these two ask for is how it works anyway.
  ApplyOutOfSyncOnly: { value: 'false', instead: 'objects that are in sync are never applied' },
  ClientSideApplyMigration: { value: 'never', instead: '' },
};

/** Kinds of the API server itself whose objects own nothing: there is nobody to wait for. */
const LEAVES: ReadonlySet<string> = new Set([
  '/ConfigMap',
  '/Secret',
  '/ServiceAccount',
  '/ResourceQuota',
  '/LimitRange',
  'rbac.authorization.k8s.io/Role',
  'rbac.authorization.k8s.io/RoleBinding',
  'rbac.authorization.k8s.io/ClusterRole',
  'rbac.authorization.k8s.io/ClusterRoleBinding',
  'networking.k8s.io/NetworkPolicy',
  'policy/PodDisruptionBudget',
  'scheduling.k8s.io/PriorityClass',
  'storage.k8s.io/StorageClass',
]);

/**
 * How the dependents of a deleted object are treated. The default is foreground, as in Argo CD (`compatibility.md` 2.6), but for kinds that own
 * nothing: for those it would only add a finalizer, a wait for the garbage collector and one more read.
 */
export function propagationOf({ propagation }: SyncOptions, { group, kind }: ResourceKey): Propagation {
  if (propagation !== 'ByKind') return propagation;
  return LEAVES.has(`${group}/${kind}`) ? 'Background' : 'Foreground';
}

/** Folds the options of an Application (`syncPolicy.syncOptions`). */
export function parseSyncOptions(texts: readonly string[]): ParsedSyncOptions {
  return fold(DEFAULT_SYNC_OPTIONS, texts, 'the Application');
}

/** Folds an object's own options over those of its Application. `who` names the object in warnings. */
export function objectSyncOptions(base: SyncOptions, object: KubeObject, who: string): ParsedSyncOptions {
  const annotations = object.metadata.annotations ?? {};
  const text = annotations[SYNC_OPTIONS_ANNOTATION];
  const more = ownedOptions(annotations);
  if (typeof text !== 'string' && Object.keys(more).length === 0) return { options: base, warnings: [] };
  const parsed = fold(base, typeof text === 'string' ? text.split(',') : [], who);
  return { ...parsed, options: { ...parsed.options, ...more } };
}

/** What annotations of Helm and Flux ask for one object (`compatibility.md` 2.12), in our words. */
function ownedOptions(annotations: Readonly<Record<string, string>>): Partial<SyncOptions> {
  const flux = (name: string): string => (annotations[`${FLUX}/${name}`] ?? '').toLowerCase();
  const isOff = flux('reconcile') === 'disabled';
  const isKept = isOff || annotations[RESOURCE_POLICY_ANNOTATION] === 'keep' || flux('prune') === 'disabled';
  const write = isOff || flux('ssa') === 'ignore' ? 'never' : flux('ssa') === 'ifnotpresent' ? 'ifAbsent' : undefined;
  return {
    ...(isKept ? { prune: 'refused', delete: 'refused' } : {}),
    ...(flux('force') === 'enabled' ? { force: true } : {}),
    ...(write === undefined ? {} : { write }),
  };
}

function fold(base: SyncOptions, texts: readonly string[], who: string): ParsedSyncOptions {
  let options = base;
  const warnings: PlanWarning[] = [];
  for (const text of texts) {
    const trimmed = text.trim();
    if (trimmed === '') continue;
    const next = foldOne(options, trimmed);
    if (typeof next === 'string') warnings.push({ type: 'SyncOptionWarning', message: `${who}: ${next}` });
    else options = next;
  }
  return { options, warnings };
}

/** The options with one more folded in, or what is to be said about it. */
function foldOne(options: SyncOptions, text: string): SyncOptions | string {
  const equals = text.indexOf('=');
  const name = equals < 0 ? text : text.slice(0, equals).trim();
  const value = equals < 0 ? 'true' : text.slice(equals + 1).trim();
  switch (name) {
    case 'Prune':
      return withRemoval(options, text, { name: 'prune', value });
    case 'Delete':
      return withRemoval(options, text, { name: 'delete', value });
    case 'PruneLast':
      return { ...options, pruneLast: value === 'true' };
    case 'CreateNamespace':
      return { ...options, createNamespace: value === 'true' };
    case 'FailOnSharedResource':
      return { ...options, failOnSharedResource: value === 'true' };
    case 'SkipDryRunOnMissingResource':
      return { ...options, skipDryRunOnMissingResource: value === 'true' };
    case 'Force':
      return { ...options, force: value === 'true' };
    case 'RespectIgnoreDifferences':
      return { ...options, respectIgnoreDifferences: value === 'true' };
    case 'PrunePropagationPolicy': {
      const propagation = PROPAGATIONS[value.toLowerCase()];
      return propagation === undefined
        ? `"${text}": the policy is one of foreground, background, orphan`
        : { ...options, propagation };
    }
    default:
      return notCarriedOut(options, { text, name, value });
  }
}

const PROPAGATIONS: Readonly<Record<string, Propagation | undefined>> = {
  foreground: 'Foreground',
  background: 'Background',
  orphan: 'Orphan',
};

const REMOVALS: Readonly<Record<string, Removal | undefined>> = {
  true: 'allowed',
  false: 'refused',
  confirm: 'confirm',
};

function withRemoval(
  options: SyncOptions,
  text: string,
  { name, value }: { readonly name: 'prune' | 'delete'; readonly value: string },
): SyncOptions | string {
  const removal = Object.hasOwn(REMOVALS, value) ? REMOVALS[value] : undefined;
  return removal === undefined
    ? `"${text}": the value is one of true, false, confirm`
    : { ...options, [name]: removal };
}

function notCarriedOut(
  options: SyncOptions,
  { text, name, value }: { readonly text: string; readonly name: string; readonly value: string },
): SyncOptions | string {
  if (!Object.hasOwn(NOT_CARRIED_OUT, name)) return `"${text}" is not a known sync option, and is ignored`;
  const known = NOT_CARRIED_OUT[name];
  return known !== undefined && known.value === value ? `"${text}" is not carried out: ${known.instead}` : options;
}
