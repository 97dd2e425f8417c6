// The objects of one spoke and the history that watches resume from. Objects are never changed once stored: a write stores another one.
import { expired, tooLargeVersion } from './api-error.js';
import type { SimObject } from './json.js';

/** One stored object. */
export interface Stored {
  readonly object: SimObject;
  readonly version: number;
  /** JSON of its metadata-only form, made when first asked for. */
  metadataText?: string;
}

/** One change, as watches deliver it. */
export interface StoreEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  /** `group/plural`. */
  readonly resource: string;
  readonly key: string;
  readonly version: number;
  readonly stored: Stored;
  /** What the change replaced or removed. */
  readonly previous: Stored | undefined;
}

/** `namespace/name`, or `/name` for objects of the cluster. */
export const objectKey = (namespace: string, name: string): string => `${namespace}/${name}`;

const HISTORY = 4_000;

export class ClusterStore {
  private readonly resources = new Map<string, Map<string, Stored>>();
  private readonly sorted = new Map<string, readonly string[]>();
  private readonly listeners = new Set<(event: StoreEvent) => void>();
  private history: StoreEvent[] = [];
  private floor = 0;
  private latest = 1;

  /** The version of the last change. */
  get version(): number {
    return this.latest;
  }

  get(resource: string, key: string): Stored | undefined {
    return this.resources.get(resource)?.get(key);
  }

  /** Number of objects in the whole store. */
  size(): number {
    let sum = 0;
    for (const objects of this.resources.values()) sum += objects.size;
    return sum;
  }

  /** Names of resources that hold objects now. */
  resourceNames(): string[] {
    return [...this.resources].filter(([, objects]) => objects.size > 0).map(([name]) => name);
  }

  /** Stores an object under its next version and tells every listener. */
  put(resource: string, key: string, object: SimObject): Stored {
    const objects = this.resources.get(resource) ?? new Map<string, Stored>();
    this.resources.set(resource, objects);
    const previous = objects.get(key);
    const stored = this.stamp(object);
    objects.set(key, stored);
    if (previous === undefined) this.sorted.delete(resource);
    const type = previous === undefined ? 'ADDED' : 'MODIFIED';
    this.record({ type, resource, key, version: stored.version, stored, previous });
    return stored;
  }

  /** Removes an object; answers it as it last was, under the version of its removal. */
  remove(resource: string, key: string): Stored | undefined {
    const objects = this.resources.get(resource);
    const previous = objects?.get(key);
    if (objects === undefined || previous === undefined) return undefined;
    objects.delete(key);
    this.sorted.delete(resource);
    const stored = this.stamp(previous.object);
    this.record({ type: 'DELETED', resource, key, version: stored.version, stored, previous });
    return stored;
  }

  /** The object as it would be stored next, without storing it (dry run). */
  preview(object: SimObject): Stored {
    return { object, version: this.latest };
  }

  /** Objects of a resource in the order of their keys. */
  list(resource: string): readonly (readonly [string, Stored])[] {
    const objects = this.resources.get(resource);
    if (objects === undefined) return [];
    let keys = this.sorted.get(resource);
    if (keys === undefined) {
      keys = [...objects.keys()].sort(byKey);
      this.sorted.set(resource, keys);
    }
    return keys.flatMap((key) => {
      const stored = objects.get(key);
      return stored === undefined ? [] : [[key, stored] as const];
    });
  }

  /** Objects of a resource as they were at a version. Throws 410 where the history does not reach back so far. */
  listAt(resource: string, version: number): readonly (readonly [string, Stored])[] {
    this.checkVersion(version);
    if (version >= this.latest) return this.list(resource);
    if (version < this.floor)
      throw expired('The provided continue parameter is too old to display a consistent list result.');
    const objects = new Map(this.list(resource));
    for (let at = this.history.length - 1; at >= 0; at -= 1) {
      const event = this.history[at];
      if (event === undefined || event.version <= version) break;
      if (event.resource !== resource) continue;
      if (event.previous === undefined) objects.delete(event.key);
      else objects.set(event.key, event.previous);
    }
    return [...objects].sort(([a], [b]) => byKey(a, b));
  }

  /** Changes after a version. Throws 410 where some of them are forgotten, 504 where the version is still to come. */
  since(version: number): readonly StoreEvent[] {
    this.checkVersion(version);
    if (version < this.floor) throw expired(`too old resource version: ${String(version)} (${String(this.floor)})`);
    let from = this.history.length;
    while (from > 0 && (this.history[from - 1]?.version ?? 0) > version) from -= 1;
    return this.history.slice(from);
  }

  /** Throws 504 for a version that was not reached yet. */
  checkVersion(version: number): void {
    if (version > this.latest) throw tooLargeVersion(version, this.latest);
  }

  /** Forgets all changes so far, as a compaction does: older watches and list pages end with 410. */
  forgetHistory(): void {
    this.history = [];
    this.floor = this.latest;
  }

  /** Calls back after every change; answers the function that ends it. */
  subscribe(listener: (event: StoreEvent) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private stamp(object: SimObject): Stored {
    this.latest += 1;
    const metadata = { ...object.metadata, resourceVersion: String(this.latest) };
    return { object: { ...object, metadata }, version: this.latest };
  }

  private record(event: StoreEvent): void {
    this.history.push(event);
    if (this.history.length > HISTORY) {
      const dropped = this.history.splice(0, HISTORY / 4);
      this.floor = dropped.at(-1)?.version ?? this.floor;
    }
    for (const listener of this.listeners) listener(event);
  }
}

// A real server sorts by path, where `/` ends the namespace: `a/x` comes before `a-b/x`.
function byKey(a: string, b: string): number {
  const [left, right] = [a.replace('/', '\0'), b.replace('/', '\0')];
  return left < right ? -1 : left > right ? 1 : 0;
}
