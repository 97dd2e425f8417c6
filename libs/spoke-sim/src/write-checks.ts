// The conditions that a write states or that its URL implies: checked against the live object, thrown as the real server says them.
import { badRequest, conflict, invalid, staleVersion, type Subject } from './api-error.js';
import type { SimObject } from './json.js';
import type { Stored } from './store.js';
import { subjectOf, type Target } from './target.js';
import { checkIdentity, kindSubject } from './validate.js';

/** Preconditions and propagation of a delete. */
export interface DeleteOptions {
  readonly dryRun: boolean;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly propagationPolicy?: string;
}

/** Throws 409 where a replacement was made from another life or version of the object. */
export function checkReplaces(target: Target, live: SimObject, incoming: SimObject): void {
  const { resourceVersion, uid } = incoming.metadata;
  if (uid !== undefined && uid !== live.metadata.uid) throw conflict(subjectOf(target), wrongUid(uid, live));
  if (resourceVersion === undefined || resourceVersion === '') return;
  if (resourceVersion !== live.metadata.resourceVersion) throw staleVersion(subjectOf(target));
}

const wrongUid = (uid: string, live: SimObject): string =>
  `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${live.metadata.uid ?? ''}`;

/** Throws 400 where an object has another name than its URL. */
export function checkName(target: Target, object: SimObject): void {
  const name = object.metadata.name ?? '';
  if (name !== target.name) {
    throw badRequest(`the name of the object (${name}) does not match the name on the URL (${target.name})`);
  }
}

/** Throws 400 where an applied configuration is of another kind, place or name than its URL. */
export function checkApplied(target: Target, config: SimObject): void {
  const { group, version, kind } = target.kind;
  const apiVersion = group === '' ? version : `${group}/${version}`;
  if (config.kind !== kind || config.apiVersion !== apiVersion) {
    const [g, v] = config.apiVersion.includes('/') ? config.apiVersion.split('/') : ['', config.apiVersion];
    throw badRequest(`invalid object type: ${g ?? ''}/${v ?? ''}, Kind=${config.kind}`);
  }
  if ((config.metadata.name ?? target.name) !== target.name) checkName(target, config);
  checkIdentity(target.kind, config, target.namespace);
  if (config.metadata.managedFields !== undefined) throw badRequest('metadata.managedFields must be nil');
}

/** Throws 409 where an applied configuration is meant for another life of the object. */
export function checkUid(subject: Subject, config: SimObject, live: Stored | undefined): void {
  const { uid } = config.metadata;
  if (uid === undefined || uid === '') return;
  if (live === undefined)
    throw conflict(subject, `uid mismatch: the provided object specified uid ${uid}, and no existing object was found`);
  if (uid !== live.object.metadata.uid) {
    throw conflict(
      subject,
      `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${live.object.metadata.uid ?? ''}`,
    );
  }
}

/** Throws 409 where a delete is meant for another life or version of the object. */
export function checkPreconditions(subject: Subject, live: SimObject, options: DeleteOptions): void {
  const { uid, resourceVersion } = options;
  if (uid !== undefined && uid !== live.metadata.uid) {
    throw conflict(
      subject,
      `the UID in the precondition (${uid}) does not match the UID in record (${live.metadata.uid ?? ''}). The object might have been deleted and then recreated`,
    );
  }
  if (resourceVersion !== undefined && resourceVersion !== live.metadata.resourceVersion) {
    throw conflict(
      subject,
      `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record (${live.metadata.resourceVersion ?? ''}). The object might have been modified`,
    );
  }
}

/** Throws 422 where a write adds finalizers to an object that is being deleted. */
export function checkFinalizers(target: Target, live: SimObject, next: SimObject): void {
  const before = new Set(live.metadata.finalizers ?? []);
  const added = (next.metadata.finalizers ?? []).filter((finalizer) => !before.has(finalizer));
  if (added.length === 0) return;
  throw invalid(kindSubject(target.kind, target.name), [
    {
      reason: 'FieldValueForbidden',
      message: `Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers ${JSON.stringify(added)}`,
      field: 'metadata.finalizers',
    },
  ]);
}
