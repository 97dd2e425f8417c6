import type { Judge } from '@wheelwright/health/adapters';
import type { Application, ApplicationSource, AppProject } from '@wheelwright/intent';
import type { ApplicationId, Clock, GroupVersionKind, ResourceKey } from '@wheelwright/kernel';
import type { Observed } from '@wheelwright/observe';
import type { CompareSettings } from '@wheelwright/plan';
import type { JqPaths } from '@wheelwright/platform-jq';
import type { Discovery, SpokeClient } from '@wheelwright/platform-kube';
import type { RenderedSet } from '@wheelwright/render';
import type { Freeze } from '@wheelwright/rollout';
import type { SourceTree } from '@wheelwright/source';
import type { ClusterLease } from '@wheelwright/status/adapters';
import type { SliceCluster } from './load.js';

/** Where revisions and files come from: the source room, as a reconcile sees it. */
export interface Sources {
  resolve(repoURL: string, revision: string): Promise<{ readonly commit: string } | 'pending'>;
  openTree(repoURL: string, commit: string, path: string): Promise<SourceTree>;
}

/** Objects of a tree: the render room, as a reconcile sees it. */
export interface Renders {
  render(tree: SourceTree, source: ApplicationSource): Promise<{ readonly key: string; readonly set: RenderedSet }>;
}

/** What all reconciles of one slice share. */
export interface SliceContext {
  readonly cluster: SliceCluster;
  readonly lease: ClusterLease;
  /** Guarded: a write after the lease is over throws before it is sent. */
  readonly client: SpokeClient;
  readonly discovery: Discovery;
  readonly sources: Sources;
  readonly renders: Renders;
  /** How objects are judged, with the checks of users. */
  readonly health: Judge;
  readonly project: (name: string) => AppProject | undefined;
  /** While it is here, nothing is written to the spoke. */
  readonly freeze: Freeze | undefined;
  readonly isApplication: (name: string) => boolean;
  /** How objects are compared, whatever their Application says. */
  readonly compare: CompareSettings;
  readonly jq: Pick<JqPaths, 'pathsOf'>;
  /** What the spoke holds, read once per kind and slice. */
  readonly observe: (
    kinds: readonly { readonly group: string; readonly kind: string; readonly version: string }[],
  ) => Promise<ReadonlyMap<string, Observed>>;
  /** Objects that other Applications of this hub have on the spoke, of those that are asked about. */
  readonly owned: (applicationId: ApplicationId, keys: readonly ResourceKey[]) => Promise<readonly Observed[]>;
  /** Makes sure that sweeps list these kinds: called before anything of them is written to the spoke. */
  readonly recordKinds: (kinds: readonly GroupVersionKind[]) => Promise<void>;
  readonly installationId: string;
  readonly keyedDigest: (text: string) => string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** The source of an Application, or why the hub cannot use it. */
export function singleSource(
  application: Application,
): { readonly source: ApplicationSource } | { readonly problem: string } {
  const { source, sources } = application.spec;
  const [first, ...others] = sources ?? [];
  if (others.length > 0)
    return {
      problem: 'several sources in one Application are not supported yet: split it into one Application per source',
    };
  const chosen = first ?? source;
  if (chosen === undefined) return { problem: 'spec.source is missing: say which repository and path to deploy' };
  if (chosen.chart !== undefined)
    return {
      problem: `Helm charts from a chart repository are not supported yet (spec.source.chart: ${chosen.chart})`,
    };
  return { source: chosen };
}

/** `Kind namespace/name`, for messages. */
export function labelOf(key: ResourceKey): string {
  return key.namespace === '' ? `${key.kind} ${key.name}` : `${key.kind} ${key.namespace}/${key.name}`;
}
