import { orphanPolicy } from '@wheelwright/policy';
import type { SliceContext } from './context.js';
import type { Fact } from './desired.js';
import { projectOf } from './identity.js';
import type { DueApplication } from './load.js';

/** What the last search found in the destination namespace of an Application, where its project wants to be warned of it. */
export function orphanFacts(context: SliceContext, { application, orphans }: DueApplication): readonly Fact[] {
  const project = projectOf(context, application);
  if (orphans === 0 || project === undefined || !orphanPolicy(project).warns) return [];
  const namespace = application.spec.destination.namespace ?? '';
  const message =
    orphans === 1
      ? `1 object in namespace ${namespace} belongs to no Application`
      : `${String(orphans)} objects in namespace ${namespace} belong to no Application`;
  return [{ type: 'OrphanedResourceWarning', message }];
}
