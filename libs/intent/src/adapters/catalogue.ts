// The catalogue as one injectable value: what other rooms and the apps call.
import type { ApplicationId, ApplicationSetId } from '@wheelwright/kernel';
import type { PoolClient } from 'pg';
import type { Application, ApplicationSet, AppProject, CatalogueObject } from '../types.js';
import { applyObjects, type AppliedObject, type ApplyOptions } from './apply-objects.js';
import { approveDeletion, type ApprovalSubject, type Approved } from './approve-deletion.js';
import { deleteApplication, deleteApplicationSet, type DeletionResult, type SetDeletion } from './delete-objects.js';
import { loadApplication, loadProject, loadSet, type Queryable } from './read-objects.js';
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

  deleteApplicationSet(
    client: PoolClient,
    name: string,
    options: { readonly applications: SetDeletion },
  ): Promise<{ readonly deleted: number; readonly requested: number }> {
    return deleteApplicationSet(client, name, options);
  }

  approveDeletion(client: PoolClient, subject: ApprovalSubject, actor: { readonly name: string }): Promise<Approved> {
    return approveDeletion(client, subject, actor);
  }

  loadApplication(db: Queryable, id: ApplicationId): Promise<Application | undefined> {
    return loadApplication(db, id);
  }

  loadSet(db: Queryable, id: ApplicationSetId): Promise<ApplicationSet | undefined> {
    return loadSet(db, id);
  }

  loadProject(db: Queryable, name: string): Promise<AppProject | undefined> {
    return loadProject(db, name);
  }
}
