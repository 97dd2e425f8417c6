import type { Application, AppProject } from '@wheelwright/intent';
import { DEFAULT_PROJECT, serviceAccountFor, type WindowSubject } from '@wheelwright/policy';
import type { SliceContext } from './context.js';

/** The project of an Application; `default` exists even where nobody declared it. */
export function projectOf(context: SliceContext, { spec }: Application): AppProject | undefined {
  return (
    context.project(spec.project) ?? (spec.project === DEFAULT_PROJECT.metadata.name ? DEFAULT_PROJECT : undefined)
  );
}

/**
 * The context in which every request for this Application is made: as the service account that its project maps the destination to, or as the hub
 * where the project maps nothing. `refused`: the project maps destinations, but not this one; then nothing may be asked of the spoke at all.
 */
export function inTheNameOf(
  context: SliceContext,
  application: Application,
): { readonly context: SliceContext } | { readonly refused: string } {
  const project = projectOf(context, application);
  // Without its project nothing is planned for it; only what a deletion asks for still happens.
  if (project === undefined) return { context };
  const account = serviceAccountFor(project, {
    server: context.cluster.server,
    namespace: application.spec.destination.namespace ?? '',
    applicationNamespace: application.metadata.namespace,
  });
  switch (account.kind) {
    case 'none':
      return { context };
    case 'user':
      return { context: { ...context, client: context.client.as(account.user) } };
    case 'refused':
      return { refused: account.problem };
  }
}

/** What sync windows see of an Application and its spoke. */
export function windowSubjectOf(
  { metadata, spec }: Application,
  cluster: { readonly name: string; readonly server: string },
): WindowSubject {
  return {
    application: metadata.name,
    namespace: spec.destination.namespace ?? '',
    cluster: cluster.name,
    server: cluster.server,
  };
}
