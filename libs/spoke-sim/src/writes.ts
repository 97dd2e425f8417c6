// The write verbs of one spoke: create, update, patch, apply, delete. What the caller sends in, what is stored (or would be) out.
import { randomUUID } from 'node:crypto';
import {
  alreadyExists,
  badRequest,
  conflict,
  forbidden,
  invalid,
  notFound,
  staleVersion,
  unsupportedMediaType,
  ApiError,
  type Subject,
} from './api-error.js';
import { applyDefaults } from './defaults.js';
import { clone, equal, isMap, mapAt, type Json, type JsonMap, type SimObject } from './json.js';
import { storeKeyOf, type Kind, type KindTable } from './kinds.js';
import { ownApply, ownUpdate, type Writer } from './managed-fields.js';
import { jsonPatch, mergePatch, strategicPatch } from './patch.js';
import { objectKey, type ClusterStore, type Stored } from './store.js';
import { checkIdentity, kindSubject, validateObject } from './validate.js';

/** Which object a request is about. */
export interface Target {
  readonly kind: Kind;
  readonly namespace: string;
  readonly name: string;
  /** `status`, `finalize`, or empty for the object itself. */
  readonly subresource: string;
}

/** How a request wants its write done. */
export interface WriteOptions {
  readonly manager: string;
  readonly dryRun: boolean;
  readonly force: boolean;
}

/** What a write came to. */
export interface Written {
  readonly stored: Stored;
  readonly created: boolean;
}

/** Preconditions and propagation of a delete. */
export interface DeleteOptions {
  readonly dryRun: boolean;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly propagationPolicy?: string;
}

export type PatchType = 'json' | 'merge' | 'strategic';

/** The write verbs over one store. */
export class Writes {
  private addresses = 1;

  constructor(
    private readonly store: ClusterStore,
    private readonly kinds: KindTable,
  ) {}

  /** POST. Throws 409 where the name is taken, 404 where the namespace does not exist. */
  create(target: Target, body: JsonMap, options: WriteOptions): Written {
    const object = toObject(clone(body));
    checkIdentity(target.kind, object, target.namespace);
    if (object.metadata.resourceVersion !== undefined) {
      throw new ApiError({
        code: 500,
        reason: 'InternalError',
        message: 'resourceVersion should not be set on objects to be created',
      });
    }
    const { metadata } = object;
    if ((metadata.name ?? '') === '' && (metadata.generateName ?? '') !== '') {
      metadata.name = `${metadata.generateName ?? ''}${randomUUID().slice(0, 5)}`;
    }
    const place = { ...target, name: metadata.name ?? '' };
    if (place.name !== '' && this.live(place) !== undefined) throw alreadyExists(subjectOf(place));
    const writer = writerOf(place, options);
    const fresh = this.fresh(place, object);
    return this.save(
      place,
      { live: undefined, next: ownUpdate(place.kind, { live: undefined, next: fresh }, writer) },
      options,
    );
  }

  /** PUT. An object that the kind's rules let nobody create this way must exist. */
  update(target: Target, body: JsonMap, options: WriteOptions): Written {
    const next = toObject(clone(body));
    checkIdentity(target.kind, next, target.namespace);
    checkName(target, next);
    return this.replace(target, this.need(target), next, options);
  }

  /** PATCH other than apply. */
  patch(target: Target, patch: { readonly type: PatchType; readonly body: Json }, options: WriteOptions): Written {
    const live = this.need(target);
    const next = toObject(clone(patched(live.object, patch, target.kind)));
    if (next.metadata.name !== target.name) {
      throw invalid(kindSubject(target.kind, target.name), [
        {
          reason: 'FieldValueInvalid',
          message: `Invalid value: ${JSON.stringify(next.metadata.name ?? '')}: field is immutable`,
          field: 'metadata.name',
        },
      ]);
    }
    return this.replace(target, live, next, options);
  }

  /** Server-side apply: creates what is missing. */
  apply(target: Target, body: JsonMap, options: WriteOptions): Written {
    const config = toObject(clone(body));
    checkApplied(target, config);
    const live = this.live(target);
    const subject = subjectOf(target);
    checkUid(subject, config, live);
    if (live === undefined && target.subresource !== '') throw notFound(subject);
    const wanted = config.metadata.resourceVersion;
    if (wanted !== undefined && wanted !== live?.object.metadata.resourceVersion)
      throw live === undefined ? notFound(subject) : staleVersion(subject);
    const named: SimObject = { ...config, metadata: { ...config.metadata, name: target.name } };
    if (target.kind.namespaced) named.metadata.namespace = target.namespace;
    const applied = ownApply(
      target.kind,
      { live: live?.object, config: strip(named) },
      { ...writerOf(target, options), force: options.force },
    );
    if (live === undefined) {
      const { managedFields, ...metadata } = applied.object.metadata;
      const fresh = this.fresh(target, clone({ ...applied.object, metadata }));
      if (managedFields !== undefined) fresh.metadata.managedFields = managedFields;
      return this.save(target, { live: undefined, next: fresh }, options);
    }
    if (!applied.changed) return { stored: live, created: false };
    const next = this.successor(target, live.object, clone(applied.object));
    return this.save(
      target,
      {
        live,
        next: { ...next, metadata: { ...next.metadata, managedFields: applied.object.metadata.managedFields ?? [] } },
      },
      options,
    );
  }

  /** DELETE of one object. Answers it as it is now: still there while finalizers hold it. */
  delete(target: Target, options: DeleteOptions): { readonly stored: Stored; readonly gone: boolean } {
    const live = this.need(target);
    checkPreconditions(kindSubject(target.kind, target.name), live.object, options);
    const finalizers = new Set(live.object.metadata.finalizers ?? []);
    if (options.propagationPolicy === 'Foreground') finalizers.add('foregroundDeletion');
    if (options.propagationPolicy === 'Orphan') finalizers.add('orphan');
    const isNamespace = target.kind.group === '' && target.kind.kind === 'Namespace';
    if (finalizers.size === 0 && !isNamespace) {
      if (options.dryRun) return { stored: live, gone: true };
      return { stored: this.store.remove(storeKeyOf(target.kind), placeOf(target)) ?? live, gone: true };
    }
    if (live.object.metadata.deletionTimestamp !== undefined) return { stored: live, gone: false };
    const next = markDeleted(live.object, [...finalizers]);
    if (isNamespace) next.status = { ...mapAt(next, 'status'), phase: 'Terminating' };
    return { stored: options.dryRun ? this.store.preview(next) : this.put(target, next), gone: false };
  }

  /** The stored object of a target. */
  live(target: Target): Stored | undefined {
    return this.store.get(storeKeyOf(target.kind), placeOf(target));
  }

  private need(target: Target): Stored {
    const live = this.live(target);
    if (live === undefined) throw notFound(subjectOf(target));
    return live;
  }

  private put(target: Target, object: SimObject): Stored {
    return this.store.put(storeKeyOf(target.kind), placeOf(target), object);
  }

  private allocateAddress = (): string => {
    this.addresses += 1;
    return `10.${String((this.addresses >> 16) & 255)}.${String((this.addresses >> 8) & 255)}.${String(this.addresses & 255)}`;
  };

  private defaults(kind: Kind, object: SimObject): void {
    dropEmpty(object.metadata, ['labels', 'annotations', 'finalizers', 'ownerReferences']);
    if (kind.builtIn) dropEmpty(object, ['data', 'binaryData']);
    if (kind.builtIn) applyDefaults(kind.group, object, { allocateAddress: this.allocateAddress });
  }

  /** An object ready to be stored for the first time. */
  private fresh(target: Target, object: SimObject): SimObject {
    this.checkNamespace(target);
    const next = strip(object);
    next.metadata.uid = randomUUID();
    next.metadata.creationTimestamp = timestamp();
    if (target.kind.namespaced) next.metadata.namespace = target.namespace;
    else delete next.metadata.namespace;
    if (target.kind.hasGeneration) next.metadata.generation = 1;
    if (target.kind.hasStatus) delete next.status;
    this.defaults(target.kind, next);
    if (target.kind.builtIn && target.kind.hasStatus && next.status === undefined) next.status = {};
    validateObject(target.kind, next, undefined);
    return next;
  }

  /** The live object with a write through the target's door laid over it: server-owned fields kept, generation counted. */
  private successor(target: Target, live: SimObject, incoming: SimObject): SimObject {
    const next = target.subresource === 'status' ? withStatusOf(live, incoming) : incoming;
    keepServerFields(next, live);
    if (target.subresource === '' && target.kind.hasStatus) {
      if (live.status === undefined) delete next.status;
      else next.status = live.status;
      // The finalizers of a namespace change through `finalize` only.
      if (target.kind.kind === 'Namespace' && live.spec !== undefined) next.spec = live.spec;
    }
    this.defaults(target.kind, next);
    if (target.kind.hasGeneration && target.subresource !== 'status' && specChanged(target.kind, live, next)) {
      next.metadata.generation = (live.metadata.generation ?? 0) + 1;
    }
    if (live.metadata.deletionTimestamp !== undefined) checkFinalizers(target, live, next);
    validateObject(target.kind, next, live);
    return next;
  }

  private replace(target: Target, live: Stored, incoming: SimObject, options: WriteOptions): Written {
    const subject = subjectOf(target);
    const { resourceVersion, uid } = incoming.metadata;
    if (uid !== undefined && uid !== live.object.metadata.uid) {
      throw conflict(
        subject,
        `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${live.object.metadata.uid ?? ''}`,
      );
    }
    if (
      resourceVersion !== undefined &&
      resourceVersion !== '' &&
      resourceVersion !== live.object.metadata.resourceVersion
    ) {
      throw staleVersion(subject);
    }
    const { managedFields } = incoming.metadata;
    const next = this.successor(target, live.object, incoming);
    const marked = managedFields === undefined ? next : { ...next, metadata: { ...next.metadata, managedFields } };
    return this.save(
      target,
      { live, next: ownUpdate(target.kind, { live: live.object, next: marked }, writerOf(target, options)) },
      options,
    );
  }

  private save(
    target: Target,
    versions: { readonly live: Stored | undefined; readonly next: SimObject },
    options: Pick<WriteOptions, 'dryRun'>,
  ): Written {
    const { live, next } = versions;
    const created = live === undefined;
    if (live !== undefined && equal(live.object, next)) return { stored: live, created };
    if (options.dryRun) return { stored: this.store.preview(next), created };
    const ended = next.metadata.deletionTimestamp !== undefined && (next.metadata.finalizers ?? []).length === 0;
    // The last finalizer is gone, and with it the object. A namespace also waits for its own kind of finalizer.
    if (live !== undefined && ended && !holdsNamespace(next)) {
      return { stored: this.store.remove(storeKeyOf(target.kind), placeOf(target)) ?? live, created };
    }
    return { stored: this.put(target, next), created };
  }

  private checkNamespace(target: Target): void {
    if (!target.kind.namespaced) return;
    const namespace = this.store.get('/namespaces', objectKey('', target.namespace))?.object;
    if (namespace === undefined) throw notFound({ group: '', resource: 'namespaces', name: target.namespace });
    if (namespace.metadata.deletionTimestamp === undefined) return;
    throw forbidden(
      subjectOf(target),
      `unable to create new content in namespace ${target.namespace} because it is being terminated`,
      [
        {
          reason: 'NamespaceTerminating',
          message: `namespace ${target.namespace} is being terminated`,
          field: 'metadata.namespace',
        },
      ],
    );
  }

  /** Whether a kind is served (a CRD may have gone while a request ran). */
  serves(kind: Kind): boolean {
    return this.kinds.find(kind.group, kind.version, kind.plural) !== undefined;
  }
}

/** Where an object is stored under its resource. */
const placeOf = (target: Target): string => objectKey(target.kind.namespaced ? target.namespace : '', target.name);

/** How most errors name an object: by resource. */
export const subjectOf = (target: Pick<Target, 'kind' | 'name'>): Subject => ({
  group: target.kind.group,
  resource: target.kind.plural,
  name: target.name,
});

/** Now, as Kubernetes writes times: RFC 3339 in whole seconds. */
export const timestamp = (): string => new Date().toISOString().replace(/\.\d+Z$/, 'Z');

function writerOf(target: Target, options: WriteOptions): Writer {
  const { group, version } = target.kind;
  return {
    manager: options.manager,
    apiVersion: group === '' ? version : `${group}/${version}`,
    subresource: target.subresource === 'status' ? 'status' : '',
    now: timestamp(),
  };
}

function toObject(body: Json): SimObject {
  if (!isMap(body) || typeof body.kind !== 'string' || typeof body.apiVersion !== 'string') {
    throw badRequest("the object provided is unrecognized: couldn't get version/kind");
  }
  if (body.metadata !== undefined && body.metadata !== null && !isMap(body.metadata))
    throw badRequest('metadata must be an object');
  const metadata = mapAt(body, 'metadata');
  for (const key of Object.keys(metadata)) if (metadata[key] === null) delete metadata[key];
  return Object.assign(body, { apiVersion: body.apiVersion, kind: body.kind, metadata });
}

/** Drops what only the server may set. */
function strip(object: SimObject): SimObject {
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
function dropEmpty(map: JsonMap, fields: readonly string[]): void {
  for (const field of fields) {
    const value = map[field];
    if (value === null || (Array.isArray(value) ? value.length === 0 : isMap(value) && Object.keys(value).length === 0))
      delete map[field];
  }
}

function checkName(target: Target, object: SimObject): void {
  const name = object.metadata.name ?? '';
  if (name !== target.name) {
    throw badRequest(`the name of the object (${name}) does not match the name on the URL (${target.name})`);
  }
}

function checkApplied(target: Target, config: SimObject): void {
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

function checkUid(subject: Subject, config: SimObject, live: Stored | undefined): void {
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

function checkPreconditions(subject: Subject, live: SimObject, options: DeleteOptions): void {
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

function checkFinalizers(target: Target, live: SimObject, next: SimObject): void {
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

/** An object on its way out: time of deletion set, finalizers settled. */
function markDeleted(live: SimObject, finalizers: string[]): SimObject {
  const metadata = { ...live.metadata, deletionTimestamp: timestamp(), deletionGracePeriodSeconds: 0 };
  if (finalizers.length > 0) metadata.finalizers = finalizers;
  if (metadata.generation !== undefined) metadata.generation += 1;
  return { ...live, metadata };
}

function holdsNamespace(object: SimObject): boolean {
  const finalizers = mapAt(object, 'spec').finalizers;
  return object.kind === 'Namespace' && Array.isArray(finalizers) && finalizers.length > 0;
}

/** The live object with the status of another, and its annotations: controllers keep notes of their own there. */
function withStatusOf(live: SimObject, incoming: SimObject): SimObject {
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

function keepServerFields(next: SimObject, live: SimObject): void {
  const metadata: JsonMap = next.metadata;
  for (const field of SERVER_FIELDS) {
    const value = live.metadata[field];
    if (value === undefined) delete metadata[field];
    else metadata[field] = value;
  }
}

/** Whether a write counts as a new generation: the spec (for kinds without one: everything outside metadata and status). */
function specChanged(kind: Kind, live: SimObject, next: SimObject): boolean {
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

function patched(live: SimObject, patch: { readonly type: PatchType; readonly body: Json }, kind: Kind): Json {
  switch (patch.type) {
    case 'json':
      return jsonPatch(live, patch.body);
    case 'merge':
      return mergePatch(live, patch.body);
    case 'strategic':
      if (!kind.builtIn) {
        throw unsupportedMediaType();
      }
      return strategicPatch(live, patch.body);
  }
}
