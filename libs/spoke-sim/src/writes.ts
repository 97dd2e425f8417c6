// The write verbs of one spoke: create, update, patch, apply, delete. What the caller sends in, what is stored (or would be) out.
import { randomUUID } from 'node:crypto';
import {
  alreadyExists,
  ApiError,
  forbidden,
  invalid,
  notFound,
  staleVersion,
  unsupportedMediaType,
} from './api-error.js';
import { applyDefaults } from './defaults.js';
import { clone, equal, mapAt, type Json, type JsonMap, type SimObject } from './json.js';
import { storeKeyOf, type Kind } from './kinds.js';
import {
  dropEmpty,
  holdsNamespace,
  keepServerFields,
  markDeleted,
  specChanged,
  strip,
  toObject,
  withStatusOf,
} from './lifecycle.js';
import { ownApply, ownUpdate, type Writer } from './managed-fields.js';
import { initialStatus } from './policy-defaults.js';
import { jsonPatch, mergePatch, strategicPatch } from './patch.js';
import { objectKey, type ClusterStore, type Stored } from './store.js';
import { placeOf, subjectOf, timestamp, type Target } from './target.js';
import { kindSubject, checkIdentity, validateObject } from './validate.js';
import {
  checkApplied,
  checkFinalizers,
  checkName,
  checkPreconditions,
  checkReplaces,
  checkUid,
  type DeleteOptions,
} from './write-checks.js';

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

export type PatchType = 'json' | 'merge' | 'strategic';

/** The write verbs over one store. */
export class Writes {
  private addresses = 1;

  constructor(private readonly store: ClusterStore) {}

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
    return this.replace(target, { live: this.need(target), incoming: next }, options);
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
    return this.replace(target, { live, incoming: next }, options);
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
    if (target.kind.builtIn && target.kind.kind === 'PersistentVolumeClaim') {
      // The cluster's own admission sees to it that a claim in use is not removed.
      next.metadata.finalizers = [...new Set([...(next.metadata.finalizers ?? []), 'kubernetes.io/pvc-protection'])];
    }
    this.defaults(target.kind, next);
    if (target.kind.builtIn && target.kind.hasStatus && next.status === undefined) {
      next.status = initialStatus(target.kind.group, target.kind.kind);
    }
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

  private replace(
    target: Target,
    change: { readonly live: Stored; readonly incoming: SimObject },
    options: WriteOptions,
  ): Written {
    const { live, incoming } = change;
    checkReplaces(target, live.object, incoming);
    const { managedFields } = incoming.metadata;
    const next = this.successor(target, live.object, incoming);
    const marked = managedFields === undefined ? next : { ...next, metadata: { ...next.metadata, managedFields } };
    const owned = ownUpdate(target.kind, { live: live.object, next: marked }, writerOf(target, options));
    return this.save(target, { live, next: owned }, options);
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
}

function writerOf(target: Target, options: WriteOptions): Writer {
  const { group, version } = target.kind;
  return {
    manager: options.manager,
    apiVersion: group === '' ? version : `${group}/${version}`,
    subresource: target.subresource === 'status' ? 'status' : '',
    now: timestamp(),
  };
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
