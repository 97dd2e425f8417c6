// The catalogue as one injectable value: what other rooms and the apps call.
import type { PoolClient } from 'pg';
import type { CatalogueObject } from '../types.js';
import { applyObjects, type AppliedObject, type ApplyOptions } from './apply-objects.js';
import { approveDeletion, type ApprovalSubject, type Approved } from './approve-deletion.js';
import { deleteApplication, deleteApplicationSet, type DeletionResult } from './delete-objects.js';
import type { SetDeletion, SetDeletionCounts, SetDeletionOptions } from './delete-objects.js';
import { deleteProject } from './delete-project.js';
import { planApplicationDeletion, planSetDeletion } from './plan-deletion.js';
import type { ApplicationDeletionPlan, SetDeletionPlan } from './plan-deletion.js';
import { replaceSetApplications, type SetChange, type SetChangeResult } from './replace-set-applications.js';

/** Everything declared, in Postgres. Writing methods work in the caller's transaction; see the functions of the same names. */
export class Catalogue {
  applyObjects(
    client: PoolClient,
    objects: readonly CatalogueObject[],
    options: ApplyOptions,
  ): Promise<readonly AppliedObject[]> {
    return applyObjects(client, objects, options);
  }

  replaceSetApplications(client: PoolClient, change: SetChange): Promise<SetChangeResult> {
    return replaceSetApplications(client, change);
  }

  deleteApplication(
    client: PoolClient,
    name: string,
    options: { readonly cascade?: boolean },
  ): Promise<DeletionResult> {
    return deleteApplication(client, name, options);
  }

  deleteApplicationSet(client: PoolClient, name: string, options: SetDeletionOptions = {}): Promise<SetDeletionCounts> {
    return deleteApplicationSet(client, name, options);
  }

  planApplicationDeletion(
    client: PoolClient,
    name: string,
    options: { readonly cascade?: boolean },
  ): Promise<ApplicationDeletionPlan> {
    return planApplicationDeletion(client, name, options);
  }

  planSetDeletion(
    client: PoolClient,
    name: string,
    options: { readonly applications?: SetDeletion } = {},
  ): Promise<SetDeletionPlan> {
    return planSetDeletion(client, name, options);
  }

  deleteProject(client: PoolClient, name: string): Promise<void> {
    return deleteProject(client, name);
  }

  approveDeletion(client: PoolClient, subject: ApprovalSubject, actor: { readonly name: string }): Promise<Approved> {
    return approveDeletion(client, subject, actor);
  }
}
