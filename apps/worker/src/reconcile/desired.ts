import type { ApplicationSource, ApplicationSpec } from '@wheelwright/intent';
import { AppError, type KubeObject } from '@wheelwright/kernel';
import {
  aimObjects,
  comparingOf,
  parseSyncOptions,
  type AimedSet,
  type Comparing,
  type SyncOptions,
} from '@wheelwright/plan';
import { checkProject } from '@wheelwright/policy';
import { singleSource, type SliceContext } from './context.js';
import { projectOf } from './identity.js';
import type { DueApplication } from './load.js';
import { chooseRevision } from './revision.js';

/** A fact for the conditions of an Application. */
export interface Fact {
  readonly type: string;
  readonly message: string;
}

/** What Git wants on the spoke. */
export interface Desired {
  readonly kind: 'desired';
  readonly commit: string;
  readonly treeDigest: string;
  readonly renderKey: string;
  readonly source: ApplicationSource;
  readonly aimed: AimedSet;
  readonly options: SyncOptions;
  readonly comparing: Comparing;
  readonly facts: readonly Fact[];
  /** The held revision that holds no more. */
  readonly pinOver?: string;
}

/** It cannot be said what is wanted: nothing may be concluded from that, and nothing is deleted because of it. */
export interface Undecided {
  readonly kind: 'undecided';
  readonly facts: readonly Fact[];
  /** Milliseconds until it is worth asking again. */
  readonly againMs: number;
}

const PENDING_MS = 1_000;
const BROKEN_MS = 60_000;

/** Pins, renders, aims and checks: from a declared Application to the objects that are to be on its spoke. */
export async function desiredState(context: SliceContext, due: DueApplication): Promise<Desired | Undecided> {
  const { application } = due;
  const single = singleSource(application);
  if ('problem' in single) return broken('InvalidSpecError', single.problem);
  const project = projectOf(context, application);
  if (project === undefined) {
    return broken(
      'InvalidSpecError',
      `project ${application.spec.project} does not exist: create the AppProject, or correct spec.project`,
    );
  }
  try {
    const chosen = await chooseRevision(context.sources, due, single.source);
    if (chosen === 'pending') return { kind: 'undecided', facts: [], againMs: PENDING_MS };
    const { tree, source } = chosen;
    const { key, set } = await context.renders.render(tree, source);
    const { aimed, options, comparing, facts } = await aim(context, due, set.objects);
    const verdict = checkProject({
      project,
      // A project is asked about the source that is used: what it has denied since does not come back by a rollback.
      application: { ...application, spec: withSource(application.spec, source) },
      cluster: context.cluster,
      objects: [...aimed.targets, ...aimed.hooks].map(({ key }) => ({ key, namespaced: key.namespace !== '' })),
    });
    if (!verdict.allowed)
      return broken('InvalidSpecError', verdict.violations.map(({ message }) => message).join('; '));
    const warnings = set.warnings.map((message) => ({ type: 'RenderWarning', message }));
    return {
      kind: 'desired',
      commit: chosen.commit,
      treeDigest: tree.treeDigest,
      renderKey: key,
      source,
      aimed,
      options,
      comparing,
      facts: [...chosen.facts, ...warnings, ...facts],
      ...(chosen.pinOver === undefined ? {} : { pinOver: chosen.pinOver }),
    };
  } catch (error) {
    if (error instanceof AppError && (error.code === 'SourceFailed' || error.code === 'RenderFailed')) {
      return broken('ComparisonError', error.message);
    }
    throw error;
  }
}

function withSource({ sources: _replaced, ...spec }: ApplicationSpec, source: ApplicationSource): ApplicationSpec {
  return { ...spec, source };
}

const HUB_TAKES =
  'only Application, ApplicationSet and AppProject (argoproj.io/v1alpha1) can go to the hub itself; correct spec.destination or the manifest';

async function aim(
  context: SliceContext,
  due: DueApplication,
  objects: readonly KubeObject[],
): Promise<Pick<Desired, 'aimed' | 'options' | 'comparing' | 'facts'>> {
  const { spec, metadata } = due.application;
  const { isHub } = context.cluster;
  const parsed = parseSyncOptions(spec.syncPolicy?.syncOptions ?? []);
  // The hub has no namespaces to create: an object of the catalogue just says in which one it is.
  const syncOptions = isHub ? { ...parsed.options, createNamespace: false } : parsed.options;
  const comparing = comparingOf(context.compare, {
    annotations: metadata.annotations,
    ignoreDifferences: spec.ignoreDifferences,
  });
  const aimWith = (discovery: SliceContext['discovery']): AimedSet =>
    aimObjects(objects, {
      applicationName: metadata.name,
      destinationNamespace: spec.destination.namespace ?? '',
      installationId: context.installationId,
      scopeOf: (group, kind) => {
        const resource = discovery.find(group, kind);
        if (resource === undefined) return undefined;
        return resource.namespaced ? 'Namespaced' : 'Cluster';
      },
      syncOptions,
      ...(isHub ? { unknownKindAdvice: HUB_TAKES } : {}),
      ...(spec.syncPolicy?.managedNamespaceMetadata === undefined
        ? {}
        : { managedNamespaceMetadata: spec.syncPolicy.managedNamespaceMetadata }),
      keyedDigest: context.keyedDigest,
      comparedAs: comparing.digestFor,
    });
  let aimed = aimWith(context.discovery);
  // A kind that the cached discovery does not know may have come since.
  if (aimed.unknownKinds.length > 0)
    aimed = aimWith(await context.client.discovery({ fresh: true, signal: context.signal }));
  const facts = [...parsed.warnings, ...comparing.warnings, ...aimed.warnings];
  return { aimed, options: syncOptions, comparing, facts };
}

function broken(type: string, message: string): Undecided {
  return { kind: 'undecided', facts: [{ type, message }], againMs: BROKEN_MS };
}
