// What the rest of the hub sees of the transport to spokes: who to talk to, what can be asked, what comes back.
import type { ClusterId, GroupVersionKind, JsonObject, JsonValue, KubeObject, ObjectMeta } from '@wheelwright/kernel';

/** How to trust the API server. `caData` is PEM. */
export interface SpokeTls {
  readonly caData?: string;
  /** Name that the server's certificate must carry, where it differs from the host of the address. */
  readonly serverName?: string;
  /** Takes any certificate. */
  readonly insecure?: boolean;
}

/** How to authenticate. Certificate and key are PEM. */
export type SpokeCredentials =
  | { readonly kind: 'bearerToken'; readonly token: string }
  | { readonly kind: 'clientCertificate'; readonly certData: string; readonly keyData: string };

/** Everything that is needed to reach one spoke. Holds credentials: never log it, never keep it longer than a job. */
export interface SpokeTarget {
  readonly id: ClusterId;
  /** Origin of the API server with an optional path prefix, without a trailing slash. */
  readonly server: string;
  readonly tls: SpokeTls;
  readonly credentials: SpokeCredentials;
  /** User that every request is made as (`Impersonate-User`). */
  readonly impersonate?: string;
}

/** Limits of one call. */
export interface CallOptions {
  /** Milliseconds for the whole call: waiting for a slot, connecting, all pages. Default 15 s, lists 60 s. */
  readonly deadlineMs?: number;
  readonly signal?: AbortSignal;
}

/** What it takes to build the path of a resource. */
export interface ResourcePath {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly namespaced: boolean;
}

/** One kind as the spoke serves it. */
export interface ApiResource extends ResourcePath {
  readonly kind: string;
  readonly verbs: readonly string[];
}

/** The kinds that a spoke serves. */
export interface Discovery {
  /** The kind in the version given, or else in the version that the spoke prefers. */
  find(group: string, kind: string, version?: string): ApiResource | undefined;
  readonly resources: readonly ApiResource[];
  /** Moves when a served kind comes, goes or changes. */
  readonly digest: string;
  /** False where some group did not answer: then an absent kind may well exist. */
  readonly complete: boolean;
}

export interface DiscoveryOptions extends CallOptions {
  /** Reads again, whatever is cached. */
  readonly fresh?: boolean;
}

/** Name of one object; `namespace` is ignored for cluster-scoped resources. */
export interface ObjectRef {
  readonly namespace: string;
  readonly name: string;
}

/** Metadata of a listed object: the identity is always there. */
export interface ListedMeta extends ObjectMeta {
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
}

/** A complete list, or none: a page that fails fails the whole. */
export interface MetadataList {
  readonly resourceVersion: string;
  readonly items: readonly ListedMeta[];
}

export interface ListOptions extends CallOptions {
  /** As `kubectl -l` takes it. */
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  /** All namespaces where absent. */
  readonly namespace?: string;
  /** Objects per page, default 500. */
  readonly limit?: number;
}

export interface ApplyOptions extends CallOptions {
  readonly fieldManager: string;
  /** Takes over fields that another manager owns. */
  readonly force?: boolean;
  readonly dryRun?: boolean;
}

export type PropagationPolicy = 'Foreground' | 'Background' | 'Orphan';

export interface DeleteOptions extends CallOptions {
  /** The object must still be this one. */
  readonly uid: string;
  readonly resourceVersion?: string;
  /** Absent: what the kind does by default. */
  readonly propagationPolicy?: PropagationPolicy;
  readonly dryRun?: boolean;
}

/** Content types of `patch`. */
export type PatchType = 'json' | 'merge' | 'strategic';

export interface PatchOptions extends CallOptions {
  readonly type: PatchType;
  readonly body: JsonValue;
  readonly fieldManager?: string;
  readonly subresource?: string;
  readonly dryRun?: boolean;
}

/** What a request is counted as. */
export type SpokeVerb =
  'version' | 'discovery' | 'get' | 'list' | 'apply' | 'dryRun' | 'create' | 'update' | 'patch' | 'delete' | 'other';

/** One request below the typed calls. */
export interface RawRequest extends CallOptions {
  readonly verb: SpokeVerb;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Absolute path; names in it are already encoded (see `resourcePath`). */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly body?: JsonValue;
  readonly contentType?: string;
  readonly accept?: string;
  /** Bytes of the answer, default 32 MiB. */
  readonly maxBytes?: number;
  /** The answer may hold values that no error may repeat (Secrets). */
  readonly confidential?: boolean;
}

/** The answer to a `RawRequest`: always of status 2xx, everything else is thrown. */
export interface RawResponse {
  readonly status: number;
  readonly body: JsonObject;
}

/** Requests that were sent, by verb. */
export type SpokeCounts = Readonly<Record<SpokeVerb, number>>;

/**
 * A view on one spoke. All views of a spoke share its connections, its concurrency window and its circuit breaker.
 *
 * Every call fails with an `AppError`: `SpokeUnreachable` (no connection, no answer in time, 5xx, breaker open), `SpokeUnauthorized`
 * (`details.status` 401 or 403), `SpokeThrottled` (`details.retryAfterMs`), `SpokeConflict` (409, `details.managers` for a contested apply),
 * `SpokeRejected` (any other answer; `details.status` and `details.reason`). No message holds a credential.
 */
export interface SpokeClient {
  readonly id: ClusterId;
  version(options?: CallOptions): Promise<{ readonly gitVersion: string }>;
  /** Cached for 10 minutes. */
  discovery(options?: DiscoveryOptions): Promise<Discovery>;
  /** Forgets the cached discovery. Call it when a kind turns out not to be there. */
  invalidate(): void;
  /** The served resource for a kind; reads discovery again once where the cached one does not know it. */
  resolve(gvk: GroupVersionKind, options?: CallOptions): Promise<ApiResource | undefined>;
  /** `undefined`: there is no such object. */
  get(resource: ResourcePath, ref: ObjectRef, options?: CallOptions): Promise<KubeObject | undefined>;
  listMetadata(resource: ResourcePath, options?: ListOptions): Promise<MetadataList>;
  /** Server-side apply. Answers the object as it is (or with `dryRun` would be) afterwards. */
  apply(resource: ResourcePath, object: KubeObject, options: ApplyOptions): Promise<KubeObject>;
  /**
   * `deleted`: it is no more; `deleting`: accepted, and it stays until its finalizers or its grace period are over; `gone`: it was not there any
   * more, or another object has its name now.
   */
  delete(resource: ResourcePath, ref: ObjectRef, options: DeleteOptions): Promise<'deleted' | 'deleting' | 'gone'>;
  patch(resource: ResourcePath, ref: ObjectRef, options: PatchOptions): Promise<KubeObject>;
  request(request: RawRequest): Promise<RawResponse>;
  counts(): SpokeCounts;
  /**
   * A view whose guard runs right before each request that writes (not before a dry run). What it throws is thrown, and nothing is sent.
   * `comment` goes into the user agent of the view's requests: the generation of a lease there makes the spoke's own audit log show who wrote when.
   * `fence` is that generation, for a spoke that can check it in the transaction of the write itself: only the hub's own catalogue can.
   */
  withGuard(guard: () => void, comment?: string, fence?: string): SpokeClient;
  /**
   * A view whose every request is made as another user (`Impersonate-User`), such as `system:serviceaccount:shop:deployer`. A 403 there is about
   * that user and not about the spoke: it is thrown as `SpokeRejected` and names the user.
   */
  as(user: string): SpokeClient;
}

/** One finished request, for a histogram. */
export interface RequestRecord {
  readonly cluster: ClusterId;
  readonly verb: SpokeVerb;
  /** HTTP status; 0 where no answer came. */
  readonly status: number;
  readonly durationMs: number;
}
