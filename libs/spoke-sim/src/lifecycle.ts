// What a server makes of an object on its way in: fields that only it may set, generations, the way out. Pure, but for the clock.
import { badRequest } from './api-error.js';
import { clone, equal, isMap, mapAt, removeKey, type Json, type JsonMap, type SimObject } from './json.js';
import type { Kind } from './kinds.js';
import { timestamp } from './target.js';

/** Narrows a body to an object. Throws 400 where it has no kind. */
export function toObject(body: Json): SimObject {
  if (!isMap(body) || typeof body.kind !== 'string' || typeof body.apiVersion !== 'string') {
    throw badRequest("the object provided is unrecognized: couldn't get version/kind");
  }
  if (body.metadata !== undefined && body.metadata !== null && !isMap(body.metadata))
    throw badRequest('metadata must be an object');
  const metadata = mapAt(body, 'metadata');
  for (const key of Object.keys(metadata)) if (metadata[key] === null) removeKey(metadata, key);
  return Object.assign(body, { apiVersion: body.apiVersion, kind: body.kind, metadata });
}

/** Drops what only the server may set. */
export function strip(object: SimObject): SimObject {
  const {
    uid: _u,
    resourceVersion: _r,
    generation: _g,
    creationTimestamp: _c,
    deletionTimestamp: _d,
    selfLink: _s,
    ...metadata
  } = object.metadata;
  return { ...object, metadata };
}

/** Typed servers do not store empty maps and lists of these fields. */
export function dropEmpty(map: JsonMap, fields: readonly string[]): void {
  for (const field of fields) {
    const value = map[field];
    if (value === null || (Array.isArray(value) ? value.length === 0 : isMap(value) && Object.keys(value).length === 0))
      removeKey(map, field);
  }
}

/** An object on its way out: time of deletion set, finalizers settled. */
export function markDeleted(live: SimObject, finalizers: string[]): SimObject {
  const metadata = { ...live.metadata, deletionTimestamp: timestamp(), deletionGracePeriodSeconds: 0 };
  if (finalizers.length > 0) metadata.finalizers = finalizers;
  if (metadata.generation !== undefined) metadata.generation += 1;
  return { ...live, metadata };
}

/** Whether an object is a namespace that still has to be emptied. */
export function holdsNamespace(object: SimObject): boolean {
  const finalizers = mapAt(object, 'spec').finalizers;
  return object.kind === 'Namespace' && Array.isArray(finalizers) && finalizers.length > 0;
}

/** The live object with the status of another, and its annotations: controllers keep notes of their own there. */
export function withStatusOf(live: SimObject, incoming: SimObject): SimObject {
  const next: SimObject = { ...clone(live) };
  const { annotations } = incoming.metadata;
  if (annotations === undefined) delete next.metadata.annotations;
  else next.metadata.annotations = annotations;
  if (incoming.status === undefined) delete next.status;
  else next.status = incoming.status;
  return next;
}

const SERVER_FIELDS = [
  'uid',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'generation',
  'resourceVersion',
  'namespace',
  'managedFields',
] as const;

/** Puts the fields that only the server sets back to what they were. */
export function keepServerFields(next: SimObject, live: SimObject): void {
  const metadata: JsonMap = next.metadata;
  for (const field of SERVER_FIELDS) {
    const value = live.metadata[field];
    if (value === undefined) removeKey(metadata, field);
    else metadata[field] = value;
  }
}

/** Whether a write counts as a new generation: the spec (for kinds without one: everything outside metadata and status). */
export function specChanged(kind: Kind, live: SimObject, next: SimObject): boolean {
  const keys = new Set([...Object.keys(live), ...Object.keys(next)]);
  for (const key of keys) {
    if (key === 'metadata' || key === 'apiVersion' || key === 'kind') continue;
    if (key === 'status' && kind.hasStatus) continue;
    if (!equal(live[key], next[key])) return true;
  }
  // Deployments copy their annotations to their replica sets, so that a change of them is a new generation as well.
  return (
    kind.kind === 'Deployment' && kind.group === 'apps' && !equal(live.metadata.annotations, next.metadata.annotations)
  );
}
