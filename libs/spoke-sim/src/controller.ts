// The controllers of all simulated spokes in one: a write wakes them, one timer serves everybody, and what has settled costs nothing.
import type { SimulatedSpoke } from './cluster.js';
import { mapAt, type SimObject } from './json.js';
import { storeKeyOf, type Kind } from './kinds.js';
import { objectKey, type StoreEvent } from './store.js';
import { hasController, nextStatus } from './workload-status.js';
import { timestamp, type Target } from './target.js';

/** Finalizers that a real cluster's own controllers end, and one for tests. All others are left to whoever set them. */
const OWN_FINALIZERS: ReadonlySet<string> = new Set([
  'foregroundDeletion',
  'orphan',
  'kubernetes.io/pvc-protection',
  'kubernetes.io/pv-protection',
  'sim.wheelwright.dev/ends',
]);
const NAMESPACES = '/namespaces';
const MANAGER = 'kube-controller-manager';
const OPTIONS = { manager: MANAGER, dryRun: false, force: true };

interface Due {
  readonly spoke: SimulatedSpoke;
  readonly resource: string;
  readonly key: string;
  readonly atMs: number;
}

export class Controllers {
  private queue: Due[] = [];
  private readonly queued = new Set<string>();
  private timer: NodeJS.Timeout | undefined;
  private closed = false;

  constructor(private readonly delayMs: number) {}

  /** Looks after a spoke from now on. */
  attach(spoke: SimulatedSpoke): void {
    spoke.store.subscribe((event) => {
      if (event.type === 'DELETED') this.collect(spoke, event);
      else if (this.concerns(event)) this.wake(spoke, event.resource, event.key);
    });
  }

  /** Stops all controllers. */
  close(): void {
    this.closed = true;
    clearTimeout(this.timer);
    this.queue = [];
  }

  private concerns(event: StoreEvent): boolean {
    const { metadata } = event.stored.object;
    return hasController(event.resource) || metadata.deletionTimestamp !== undefined;
  }

  private wake(spoke: SimulatedSpoke, resource: string, key: string): void {
    const id = `${spoke.name} ${resource} ${key}`;
    if (this.closed || this.queued.has(id)) return;
    this.queued.add(id);
    this.queue.push({ spoke, resource, key, atMs: Date.now() + this.delayMs });
    this.timer ??= setTimeout(() => this.run(), this.delayMs).unref();
  }

  /** Handles what is due; the queue is in order of time, because every delay is the same. */
  private run(): void {
    this.timer = undefined;
    const now = Date.now();
    let taken = 0;
    for (const due of this.queue) {
      if (due.atMs > now) break;
      taken += 1;
      this.queued.delete(`${due.spoke.name} ${due.resource} ${due.key}`);
    }
    for (const due of this.queue.splice(0, taken)) this.reconcile(due);
    const next = this.queue[0];
    if (next !== undefined && !this.closed)
      this.timer ??= setTimeout(() => this.run(), Math.max(1, next.atMs - now)).unref();
  }

  private reconcile({ spoke, resource, key }: Due): void {
    const object = spoke.store.get(resource, key)?.object;
    if (object === undefined) return;
    if (object.metadata.deletionTimestamp !== undefined) {
      if (resource === NAMESPACES) this.finishNamespace(spoke, object);
      else finishDeletion(spoke, resource, object);
      return;
    }
    const status = nextStatus(resource, object, timestamp());
    if (status === undefined) return;
    const target = targetOf(spoke, resource, object);
    if (target === undefined) return;
    spoke.writer.update(
      { ...target, subresource: 'status' },
      { ...object, metadata: { ...object.metadata, ...revision(resource, object) }, status },
      OPTIONS,
    );
  }

  /** Empties a namespace that is going away; when nothing is left in it, lets it go. */
  private finishNamespace(spoke: SimulatedSpoke, namespace: SimObject): void {
    const name = namespace.metadata.name ?? '';
    let left = 0;
    for (const resource of spoke.store.resourceNames()) {
      for (const [key, { object }] of spoke.store.list(resource)) {
        if (!key.startsWith(`${name}/`)) continue;
        const target = targetOf(spoke, resource, object);
        if (target === undefined || !spoke.writer.delete(target, { dryRun: false }).gone) left += 1;
      }
    }
    if (left > 0) {
      this.wake(spoke, NAMESPACES, objectKey('', name));
      return;
    }
    const target = targetOf(spoke, NAMESPACES, namespace);
    if (target !== undefined) {
      spoke.writer.update(
        { ...target, subresource: 'finalize' },
        { ...namespace, spec: { ...mapAt(namespace, 'spec'), finalizers: [] } },
        OPTIONS,
      );
    }
  }

  /** Garbage collection: deletes what only the removed object owned. */
  private collect(spoke: SimulatedSpoke, event: StoreEvent): void {
    const { uid, finalizers } = event.stored.object.metadata;
    if (uid === undefined || finalizers?.includes('orphan') === true) return;
    for (const resource of spoke.store.resourceNames()) {
      for (const [, { object }] of spoke.store.list(resource)) {
        const owners = object.metadata.ownerReferences;
        if (!Array.isArray(owners) || owners.length !== 1 || !JSON.stringify(owners[0]).includes(uid)) continue;
        const target = targetOf(spoke, resource, object);
        if (target !== undefined) spoke.writer.delete(target, { dryRun: false });
      }
    }
  }
}

/** Deployments get the annotation that their controller keeps its revision in. It does not count as a new generation there. */
function revision(resource: string, object: SimObject): { readonly annotations?: Record<string, string> } {
  if (resource !== 'apps/deployments') return {};
  const annotations = object.metadata.annotations ?? {};
  return {
    annotations: {
      ...annotations,
      'deployment.kubernetes.io/revision': annotations['deployment.kubernetes.io/revision'] ?? '1',
    },
  };
}

function finishDeletion(spoke: SimulatedSpoke, resource: string, object: SimObject): void {
  const finalizers = object.metadata.finalizers ?? [];
  const left = finalizers.filter((finalizer) => !OWN_FINALIZERS.has(finalizer));
  const target = targetOf(spoke, resource, object);
  if (target === undefined || left.length === finalizers.length) return;
  const { resourceVersion: _, ...metadata } = object.metadata;
  spoke.writer.update(target, { ...object, metadata: { ...metadata, finalizers: left } }, OPTIONS);
}

function targetOf(spoke: SimulatedSpoke, resource: string, object: SimObject): Target | undefined {
  const slash = object.apiVersion.indexOf('/');
  const group = object.apiVersion.slice(0, Math.max(slash, 0));
  const kind: Kind | undefined =
    spoke.kinds.findKind(group, object.kind, object.apiVersion.slice(slash + 1)) ??
    spoke.kinds.findKind(group, object.kind);
  if (kind === undefined || storeKeyOf(kind) !== resource) return undefined;
  return { kind, namespace: object.metadata.namespace ?? '', name: object.metadata.name ?? '', subresource: '' };
}
