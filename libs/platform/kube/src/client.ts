// The typed calls on one spoke, on top of its transport.
import {
  AppError,
  apiVersionOf,
  isJsonObject,
  type GroupVersionKind,
  type JsonObject,
  type KubeObject,
} from '@wheelwright/kernel';
import { listMetadata } from './list.js';
import { resourcePath } from './paths.js';
import type { Spoke } from './spoke.js';
import type { ViewOptions } from './transport.js';
import type {
  ApiResource,
  ApplyOptions,
  CallOptions,
  DeleteOptions,
  Discovery,
  DiscoveryOptions,
  ListOptions,
  MetadataList,
  ObjectRef,
  PatchOptions,
  PatchType,
  RawRequest,
  RawResponse,
  ResourcePath,
  SpokeClient,
  SpokeCounts,
} from './types.js';

const PATCH_TYPES: Readonly<Record<PatchType, string>> = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
};

/** One view on a spoke: see `SpokeClient`. */
export class SpokeView implements SpokeClient {
  constructor(
    private readonly spoke: Spoke,
    private readonly view: ViewOptions,
  ) {}

  get id(): SpokeClient['id'] {
    return this.spoke.id;
  }

  async version(options: CallOptions = {}): Promise<{ readonly gitVersion: string }> {
    const { body } = await this.request({
      ...limits(options),
      verb: 'version',
      method: 'GET',
      path: '/version',
      maxBytes: 64 * 1024,
    });
    const gitVersion = body['gitVersion'];
    // The text is shown to people and kept for good: a spoke does not decide how long it is.
    return { gitVersion: typeof gitVersion === 'string' ? gitVersion.replace(/[^\w.+~-]/g, '').slice(0, 64) : '' };
  }

  async discovery(options: DiscoveryOptions = {}): Promise<Discovery> {
    return this.spoke.discovery((request) => this.request(request), options);
  }

  invalidate(): void {
    this.spoke.invalidate();
  }

  async resolve(gvk: GroupVersionKind, options: CallOptions = {}): Promise<ApiResource | undefined> {
    const known = (await this.discovery(options)).find(gvk.group, gvk.kind, gvk.version);
    return known ?? (await this.discovery({ ...options, fresh: true })).find(gvk.group, gvk.kind, gvk.version);
  }

  async get(resource: ResourcePath, ref: ObjectRef, options: CallOptions = {}): Promise<KubeObject | undefined> {
    try {
      const { body } = await this.#typed(resource, {
        ...limits(options),
        verb: 'get',
        method: 'GET',
        path: resourcePath(resource, ref),
      });
      return objectOf(body, resource);
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  async listMetadata(resource: ResourcePath, options: ListOptions = {}): Promise<MetadataList> {
    return listMetadata((request) => this.#typed(resource, request), resource, options);
  }

  async apply(resource: ResourcePath, object: KubeObject, options: ApplyOptions): Promise<KubeObject> {
    const ref = { namespace: object.metadata.namespace ?? '', name: object.metadata.name ?? '' };
    const { body } = await this.#typed(resource, {
      ...limits(options),
      verb: options.dryRun === true ? 'dryRun' : 'apply',
      method: 'PATCH',
      path: resourcePath(resource, ref),
      query: {
        fieldManager: options.fieldManager,
        force: options.force === true ? 'true' : undefined,
        dryRun: dryRun(options),
      },
      contentType: 'application/apply-patch+yaml',
      body: object,
    });
    return objectOf(body, resource);
  }

  async delete(
    resource: ResourcePath,
    ref: ObjectRef,
    options: DeleteOptions,
  ): Promise<'deleted' | 'deleting' | 'gone'> {
    const { uid, resourceVersion, propagationPolicy } = options;
    try {
      const { body } = await this.#typed(resource, {
        ...limits(options),
        verb: options.dryRun === true ? 'dryRun' : 'delete',
        method: 'DELETE',
        path: resourcePath(resource, ref),
        query: { dryRun: dryRun(options) },
        body: { apiVersion: 'v1', kind: 'DeleteOptions', preconditions: { uid, resourceVersion }, propagationPolicy },
      });
      return isStillThere(body) ? 'deleting' : 'deleted';
    } catch (error) {
      if (isNotFound(error)) return 'gone';
      if (!(error instanceof AppError) || error.code !== 'SpokeConflict') throw error;
      // A precondition failed. Which one it was shows in the object, not in the words of the answer.
      const live = await this.get(resource, ref, limits(options));
      if (live?.metadata.uid !== uid) return 'gone';
      throw error;
    }
  }

  async patch(resource: ResourcePath, ref: ObjectRef, options: PatchOptions): Promise<KubeObject> {
    const response = await this.#typed(resource, {
      ...limits(options),
      verb: options.dryRun === true ? 'dryRun' : 'patch',
      method: 'PATCH',
      path: resourcePath(resource, ref, options.subresource),
      query: { fieldManager: options.fieldManager, dryRun: dryRun(options) },
      contentType: PATCH_TYPES[options.type],
      body: options.body,
    });
    return objectOf(response.body, resource);
  }

  async request(request: RawRequest): Promise<RawResponse> {
    try {
      return await this.spoke.send(request, this.view);
    } catch (error) {
      throw this.view.impersonate === undefined ? error : aboutUser(error, this.view.impersonate);
    }
  }

  counts(): SpokeCounts {
    return this.spoke.counts();
  }

  withGuard(guard: () => void, comment?: string): SpokeClient {
    const outer = this.view.guard;
    const both = (): void => {
      outer?.();
      guard();
    };
    return new SpokeView(this.spoke, { ...this.view, guard: both, comment: comment ?? this.view.comment });
  }

  as(user: string): SpokeClient {
    return new SpokeView(this.spoke, { ...this.view, impersonate: user });
  }

  /** A request about one resource: values of Secrets stay out of errors, and a path that is not served ends the cached discovery. */
  async #typed(resource: ResourcePath, request: RawRequest): Promise<RawResponse> {
    const confidential = resource.group === '' && resource.plural === 'secrets';
    try {
      return await this.request(confidential ? { ...request, confidential } : request);
    } catch (error) {
      if (error instanceof AppError && error.details['reason'] === 'NotServed') this.invalidate();
      throw error;
    }
  }
}

/** What a spoke forbids an impersonated user says nothing about our own access to the spoke. */
function aboutUser(error: unknown, user: string): unknown {
  if (!(error instanceof AppError) || error.code !== 'SpokeUnauthorized' || error.details['status'] !== 403)
    return error;
  return new AppError('SpokeRejected', `As ${user}: ${error.message}`, {
    details: { ...error.details, user },
    cause: error,
  });
}

/** Only the limits of a call, so that no other option slips into the request. */
function limits(options: CallOptions): CallOptions {
  return {
    ...(options.deadlineMs === undefined ? {} : { deadlineMs: options.deadlineMs }),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  };
}

function dryRun(options: { readonly dryRun?: boolean }): 'All' | undefined {
  return options.dryRun === true ? 'All' : undefined;
}

/** A 404 of the API server about the object. A path that is not served, or a proxy's page, says nothing about it. */
function isNotFound(error: unknown): boolean {
  return (
    error instanceof AppError &&
    error.code === 'SpokeRejected' &&
    error.details['status'] === 404 &&
    error.details['reason'] !== 'NotServed'
  );
}

/** Checks that the answer is an object of the resource's group; its content stays untrusted. */
function objectOf(body: JsonObject, resource: ResourcePath): KubeObject {
  const { apiVersion, kind, metadata } = body;
  if (
    typeof apiVersion !== 'string' ||
    typeof kind !== 'string' ||
    !isJsonObject(metadata) ||
    apiVersion !== apiVersionOf(resource)
  ) {
    throw new AppError(
      'SpokeRejected',
      `The spoke answered something that is not an object of ${apiVersionOf(resource)}.`,
      {
        details: { reason: 'NotAnObject' },
      },
    );
  }
  return { ...body, apiVersion, kind, metadata };
}

/** Whether the answer to a delete is an object that waits for something, and not the word that it is done. */
function isStillThere(body: JsonObject): boolean {
  const { metadata } = body;
  if (body['kind'] === 'Status' || !isJsonObject(metadata) || metadata['deletionTimestamp'] === undefined) return false;
  const { finalizers, deletionGracePeriodSeconds: grace } = metadata;
  return (Array.isArray(finalizers) && finalizers.length > 0) || (typeof grace === 'number' && grace > 0);
}
