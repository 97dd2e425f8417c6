// An Application, its project, its spoke and its objects in; whether they may be deployed there out.
import type { Application, AppProject } from '@wheelwright/intent';
import { permitsCluster, permitsDestination } from './destination.js';
import { permitsKind, type CheckedObject } from './kind.js';
import { permitsScope, type ClusterScope } from './scope.js';
import { permitsSource } from './source.js';
import type { Verdict, Violation } from './types.js';

/** The project that exists even if nobody declared it, with what Argo CD ships: it permits everything. */
export const DEFAULT_PROJECT: AppProject = {
  metadata: { name: 'default', namespace: 'argocd', labels: {}, annotations: {}, finalizers: [] },
  spec: {
    sourceRepos: ['*'],
    destinations: [{ server: '*', namespace: '*' }],
    clusterResourceWhitelist: [{ group: '*', kind: '*' }],
  },
};

export interface ProjectCheck {
  readonly project: AppProject;
  readonly application: Application;
  /** The registered spoke that the destination names. `project`: the project that it is registered for, or empty. */
  readonly cluster: { readonly name: string; readonly server: string; readonly project: string } & ClusterScope;
  readonly objects: readonly CheckedObject[];
}

/** Checks sources, destination, every object, and what the spoke itself is registered for. All violations are told, each once. */
export function checkProject({ project, application, cluster, objects }: ProjectCheck): Verdict {
  const { spec } = application;
  const sources =
    spec.sources !== undefined && spec.sources.length > 0
      ? spec.sources
      : spec.source === undefined
        ? []
        : [spec.source];
  const namespaces = new Set([
    spec.destination.namespace ?? '',
    ...objects.filter(({ namespaced }) => namespaced).map(({ key }) => key.namespace),
  ]);
  const violations = distinct([
    ...sources.flatMap(({ repoURL }) => permitsSource(project, repoURL)),
    ...permitsCluster(project, cluster),
    ...[...namespaces]
      .sort()
      .flatMap((namespace) => permitsDestination(project, { name: cluster.name, server: cluster.server, namespace })),
    ...objects.flatMap((object) => permitsKind(project, object)),
    ...objects.flatMap((object) => permitsScope(cluster, object)),
  ]);
  return { allowed: violations.length === 0, violations };
}

function distinct(violations: readonly Violation[]): readonly Violation[] {
  return [...new Map(violations.map((violation) => [`${violation.rule} ${violation.message}`, violation])).values()];
}
