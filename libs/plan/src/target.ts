// Rendered objects and a destination in; the exact objects that are to be on the spoke, in order, with what is to be said about them, out.
import {
  apiVersionOf,
  canonicalJson,
  digestOf,
  digestText,
  formatResourceKey,
  gvkOf,
  MANAGED_BY_LABEL,
  resourceKeyOf,
  type KubeObject,
  type ResourceKey,
} from '@wheelwright/kernel';
import { excludesKind } from './excluded-kinds.js';
import { deletePolicies, hookPhases, orderHooks, type HookPhase, type HookTarget } from './hooks.js';
import { objectSyncOptions } from './options.js';
import { definedKind, hookRole, orderTargets, waveOf } from './order.js';
import { asDesired, mark } from './shape.js';
import type { AimedSet, PlanProblem, PlanWarning, SyncOptions, Target } from './types.js';

export interface AimOptions {
  readonly applicationName: string;
  /** Namespace of the destination; empty where the Application gives none. */
  readonly destinationNamespace: string;
  /** Value of the label that all our objects carry. */
  readonly installationId: string;
  /** Scope of a kind on the spoke; `undefined` where the spoke does not serve it. */
  readonly scopeOf: (group: string, kind: string) => 'Namespaced' | 'Cluster' | undefined;
  /** What to do about a kind that is not served. Default: install its CRD first. */
  readonly unknownKindAdvice?: string;
  /** Sync options of the Application. */
  readonly syncOptions: SyncOptions;
  readonly managedNamespaceMetadata?: {
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  /** Digest of the text of a Secret, with a key that the database does not hold. Default: a plain digest, which a guesser could test values against. */
  readonly keyedDigest?: (text: string) => string;
  /** What decides how an object is compared, as a digest that becomes part of its own; empty: as usual. See `comparingOf`. */
  readonly comparedAs?: (key: ResourceKey) => string;
}

/** Aims objects at a destination: scope and namespace, tracking, order, digests; excluded kinds and repeated objects are left out with a warning. */
export function aimObjects(objects: readonly KubeObject[], options: AimOptions): AimedSet {
  const warnings: PlanWarning[] = [];
  const problems: PlanProblem[] = [];
  const scopes = new Map(
    objects
      .flatMap((object) => definedKind(object) ?? [])
      .map((defined) => [`${defined.group}/${defined.kind}`, defined.scope]),
  );
  const unknown = new Map<string, { readonly group: string; readonly kind: string }>();
  const placed = new Map<string, { readonly target: Target; readonly times: number }>();
  const hooks: HookTarget[] = [];
  for (const object of objects) {
    const { group, kind } = gvkOf(object);
    if (leftOut(object, warnings)) continue;
    const scope = options.scopeOf(group, kind) ?? scopes.get(`${group}/${kind}`);
    if (scope === undefined) unknown.set(`${group}/${kind}`, { group, kind });
    const key = placedKey(object, scope ?? 'Namespaced', options.destinationNamespace);
    const text = formatResourceKey(key);
    const target = targetOf(object, key, { options, warnings });
    const phases = hookPhases(object);
    const problem = problemOf(target, scope, { advice: options.unknownKindAdvice ?? INSTALL_CRD, phases });
    if (problem !== undefined) problems.push({ key, message: problem });
    if (phases.length > 0) {
      hooks.push(...phases.map((phase) => hookOf(object, target, phase)));
      continue;
    }
    placed.set(text, { target, times: (placed.get(text)?.times ?? 0) + 1 });
  }
  for (const { target, times } of placed.values()) {
    if (times > 1) warnings.push(repeated(target.key, times));
  }
  const targets = withNamespace(
    [...placed.values()].map(({ target }) => target),
    options,
  );
  return {
    targets: orderTargets(targets),
    hooks: orderHooks(hooks),
    warnings,
    problems,
    unknownKinds: [...unknown.values()],
    digest: digestOfTargets(targets),
  };
}

/** Digest of a set of targets, whatever their order. */
export function digestOfTargets(targets: readonly Pick<Target, 'key' | 'digest'>[]): string {
  return digestOf(targets.map(({ key, digest }) => `${formatResourceKey(key)} ${digest}`).sort());
}

function leftOut(object: KubeObject, warnings: PlanWarning[]): boolean {
  const { group, kind } = gvkOf(object);
  const name = `${kind} ${object.metadata.name ?? object.metadata.generateName ?? ''}`;
  if (excludesKind(group, kind)) {
    warnings.push({
      type: 'ExcludedResourceWarning',
      message: `${name}: objects of ${group}/${kind} are never managed, and it is left out`,
    });
    return true;
  }
  const role = hookRole(object);
  return role.kind === 'ignored' || (role.kind === 'hook' && hookPhases(object).length === 0);
}

/** A hook is tracked, but not labelled: what comes and goes with operations is no drift for a sweep to find. */
function hookOf(
  object: KubeObject,
  { key, version, wave, options, object: desired }: Target,
  phase: HookPhase,
): HookTarget {
  const { [MANAGED_BY_LABEL]: _label, ...labels } = desired.metadata.labels ?? {};
  return {
    phase,
    key,
    version,
    wave,
    options,
    policies: deletePolicies(object),
    object: { ...desired, metadata: { ...desired.metadata, labels } },
  };
}

function placedKey(object: KubeObject, scope: 'Namespaced' | 'Cluster', destinationNamespace: string): ResourceKey {
  const key = resourceKeyOf(object);
  if (scope === 'Cluster') return { ...key, namespace: '' };
  return key.namespace === '' ? { ...key, namespace: destinationNamespace } : key;
}

const INSTALL_CRD = 'install its CRD first, or correct apiVersion and kind';

function problemOf(
  { key, options, object }: Target,
  scope: 'Namespaced' | 'Cluster' | undefined,
  { advice, phases }: { readonly advice: string; readonly phases: readonly HookPhase[] },
): string | undefined {
  // What is run only at a deletion does not keep a sync from beginning.
  if (phases.length > 0 && phases.every((phase) => phase === 'PreDelete' || phase === 'PostDelete')) return undefined;
  const isGenerated = phases.length > 0 && (object.metadata.generateName ?? '') !== '';
  if (key.name === '' && !isGenerated) return 'it has no metadata.name: only hooks may leave the name to the server';
  if (scope === undefined && !options.skipDryRunOnMissingResource) {
    return `the spoke does not know the kind ${key.kind} of group "${key.group}": ${advice}`;
  }
  if (scope === 'Namespaced' && key.namespace === '') {
    return 'it has no namespace: set spec.destination.namespace, or metadata.namespace in the manifest';
  }
  return undefined;
}

function repeated(key: ResourceKey, times: number): PlanWarning {
  return {
    type: 'RepeatedResourceWarning',
    message: `${formatResourceKey(key)} appears ${String(times)} times among the objects; the last one is taken`,
  };
}

function targetOf(
  object: KubeObject,
  key: ResourceKey,
  { options, warnings }: { readonly options: AimOptions; readonly warnings: PlanWarning[] },
): Target {
  const own = objectSyncOptions(options.syncOptions, object, `${key.kind} ${key.name}`);
  warnings.push(...own.warnings);
  const desired = mark(asDesired(object, key.namespace), {
    installationId: options.installationId,
    // As in Argo CD, the id of a cluster-scoped object names the namespace of the destination.
    tracking: {
      application: options.applicationName,
      key: key.namespace === '' ? { ...key, namespace: options.destinationNamespace } : key,
    },
  });
  return {
    key,
    version: gvkOf(object).version,
    object: desired,
    wave: waveOf(object),
    digest: digestOfObject(desired, key, options),
    options: own.options,
  };
}

function digestOfObject(object: KubeObject, key: ResourceKey, { keyedDigest, comparedAs }: AimOptions): string {
  const text = `${canonicalJson(object)}${comparedAs?.(key) ?? ''}`;
  return object.kind === 'Secret' && keyedDigest !== undefined ? keyedDigest(text) : digestText(text);
}

/** Adds the namespace of the destination where `CreateNamespace` asks for it and no manifest brings it. */
function withNamespace(targets: readonly Target[], options: AimOptions): readonly Target[] {
  const name = options.destinationNamespace;
  const isThere = targets.some(({ key }) => key.group === '' && key.kind === 'Namespace' && key.name === name);
  if (!options.syncOptions.createNamespace || name === '' || isThere) return targets;
  const { labels, annotations } = options.managedNamespaceMetadata ?? {};
  const object = mark(
    {
      apiVersion: apiVersionOf({ group: '', version: 'v1' }),
      kind: 'Namespace',
      metadata: {
        name,
        ...(labels === undefined ? {} : { labels }),
        ...(annotations === undefined ? {} : { annotations }),
      },
    },
    { installationId: options.installationId },
  );
  const namespace: Target = {
    key: { group: '', kind: 'Namespace', namespace: '', name },
    version: 'v1',
    object,
    wave: Math.min(0, ...targets.map(({ wave }) => wave)),
    digest: digestOfObject(object, resourceKeyOf(object), options),
    options: options.syncOptions,
    implicitNamespace: labels === undefined && annotations === undefined ? 'bare' : 'managedMetadata',
  };
  return [namespace, ...targets];
}
