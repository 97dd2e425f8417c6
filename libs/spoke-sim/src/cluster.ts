// One simulated spoke: its objects, the kinds it serves, its faults and its ledger, and the hands that a test edits it with.
import { randomBytes } from 'node:crypto';
import type { KubeObject } from '@wheelwright/kernel';
import { notFound } from './api-error.js';
import { Faults } from './faults.js';
import { clone, isMap, type JsonMap, type SimObject } from './json.js';
import { KindTable, kindsOfCrd, storeKeyOf, type Kind } from './kinds.js';
import { Ledger, type RequestCounts, type WriteRecord } from './ledger.js';
import { ClusterStore } from './store.js';
import type { Target } from './target.js';
import { Writes } from './writes.js';

/** Names one object on a spoke. */
export interface ObjectRef {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  /** Left out for objects of the cluster. */
  readonly namespace?: string;
}

const CRDS = 'apiextensions.k8s.io/customresourcedefinitions';
const FIRST_NAMESPACES = ['default', 'kube-node-lease', 'kube-public', 'kube-system'];
const BY_HAND = { dryRun: false, force: true };

/** A spoke of the simulator. `url`, `token` and the simulator's `caData` are all that a client needs. */
export class SimulatedSpoke {
  /** Bearer token that may do everything. */
  readonly token: string;
  readonly faults = new Faults();
  readonly store = new ClusterStore();
  readonly kinds = new KindTable();
  readonly writer: Writes;
  readonly ledger = new Ledger();
  private readonly tokens: Set<string>;

  constructor(
    readonly name: string,
    /** Base address of its API server, without a slash at the end. */
    readonly url: string,
    token?: string,
  ) {
    this.token = token ?? randomBytes(18).toString('base64url');
    this.tokens = new Set([this.token]);
    this.writer = new Writes(this.store);
    this.store.subscribe((event) => {
      if (event.resource !== CRDS) return;
      if (event.type === 'DELETED') this.dropCrd(event.stored.object);
      else this.kinds.serveCrd(event.key, kindsOfCrd(event.stored.object));
    });
    for (const namespace of FIRST_NAMESPACES) {
      this.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
    }
    // The history of a server starts with itself: nothing can be resumed from before.
    this.store.forgetHistory();
  }

  /** Whether a bearer token is one of this spoke's. */
  accepts(token: string): boolean {
    return this.tokens.has(token);
  }

  /** Takes a new token in place of all others, and answers it. */
  rotateToken(): string {
    const token = randomBytes(18).toString('base64url');
    this.tokens.clear();
    this.tokens.add(token);
    return token;
  }

  /** Requests so far, by verb. */
  counts(): RequestCounts {
    return this.ledger.counts();
  }

  /** Writes that came through the API so far, oldest first. Edits by hand and the spoke's own controllers are not in it. */
  writes(): readonly WriteRecord[] {
    return this.ledger.writes();
  }

  /** Starts counts and the log of writes anew. */
  resetCounts(): void {
    this.ledger.reset();
  }

  /** An object as it is stored now; undefined where there is none. */
  get(ref: ObjectRef): KubeObject | undefined {
    return this.writer.live(this.target(ref))?.object;
  }

  /** All objects of a kind, in one namespace or in all. */
  list(ref: {
    readonly apiVersion: string;
    readonly kind: string;
    readonly namespace?: string;
  }): readonly KubeObject[] {
    const kind = this.target({ ...ref, name: '' }).kind;
    const objects = this.store.list(storeKeyOf(kind)).map(([, stored]) => stored.object);
    return ref.namespace === undefined
      ? objects
      : objects.filter((object) => object.metadata.namespace === ref.namespace);
  }

  /** Creates an object by hand, as `kubectl create` would. */
  create(object: KubeObject, manager = 'kubectl-create'): KubeObject {
    const copy = clone(asMap(object));
    return this.writer.create(this.targetOf(object), copy, { ...BY_HAND, manager }).stored.object;
  }

  /** Changes an object by hand, as `kubectl edit` would: `change` gets a copy and edits it in place. Throws where there is none. */
  edit(
    ref: ObjectRef,
    change: (object: SimObject) => void,
    options: { manager?: string; subresource?: string } = {},
  ): KubeObject {
    const target = { ...this.target(ref), subresource: options.subresource ?? '' };
    const live = this.writer.live(target);
    if (live === undefined) throw notFound({ group: target.kind.group, resource: target.kind.plural, name: ref.name });
    const copy = clone(live.object);
    change(copy);
    return this.writer.update(target, copy, { ...BY_HAND, manager: options.manager ?? 'kubectl-edit' }).stored.object;
  }

  /** Deletes an object by hand; false where there is none. */
  remove(ref: ObjectRef): boolean {
    const target = this.target(ref);
    if (this.writer.live(target) === undefined) return false;
    this.writer.delete(target, { dryRun: false });
    return true;
  }

  /** Number of objects on the spoke. */
  size(): number {
    return this.store.size();
  }

  /** Forgets the history of changes: watches and list pages from before end with 410. */
  forgetHistory(): void {
    this.store.forgetHistory();
  }

  private targetOf(object: KubeObject): Target {
    const { name, namespace } = object.metadata;
    const ref = { apiVersion: object.apiVersion, kind: object.kind, name: name ?? '' };
    return this.target(namespace === undefined ? ref : { ...ref, namespace });
  }

  private target(ref: ObjectRef): Target {
    const slash = ref.apiVersion.indexOf('/');
    const [group, version] = [ref.apiVersion.slice(0, Math.max(slash, 0)), ref.apiVersion.slice(slash + 1)];
    const kind = this.kinds.findKind(group, ref.kind, version);
    if (kind === undefined) throw new Error(`the spoke ${this.name} serves no ${ref.kind} of ${ref.apiVersion}`);
    return { kind, namespace: ref.namespace ?? '', name: ref.name, subresource: '' };
  }

  private dropCrd(crd: SimObject): void {
    const kinds: readonly Kind[] = kindsOfCrd(crd);
    this.kinds.removeCrd(`/${crd.metadata.name ?? ''}`);
    for (const kind of kinds.slice(0, 1)) {
      for (const [key] of this.store.list(storeKeyOf(kind))) this.store.remove(storeKeyOf(kind), key);
    }
  }
}

function asMap(object: KubeObject): JsonMap {
  const copy: unknown = structuredClone(object);
  if (!isMap(copy)) throw new Error('not an object');
  return copy;
}
