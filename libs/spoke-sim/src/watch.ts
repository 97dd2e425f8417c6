// One watch: events of a store in, lines of JSON on a response out, with bookmarks, resume from a version and selectors.
import type { ServerResponse } from 'node:http';
import { ApiError } from './api-error.js';
import type { JsonMap } from './json.js';
import { storeKeyOf } from './kinds.js';
import { inVersion, objectText, parseVersion, selectObjects, type ListQuery } from './read.js';
import { selectorPredicate, type ObjectPredicate } from './selectors.js';
import type { ClusterStore, StoreEvent } from './store.js';

const DEFAULT_TIMEOUT_S = 1_800;
const BOOKMARK_MS = 10_000;
/** A real server sends the last bookmark about this long before a watch times out. */
const LAST_BOOKMARK_MS = 2_000;

/** The open watches of a whole simulator: one timer sends their bookmarks and ends those whose time is over. */
export class WatchHub {
  private readonly open = new Set<Watch>();
  private timer: NodeJS.Timeout | undefined;

  /** Answers a watch request. Throws where the request itself is wrong; later failures are events on the stream. */
  start(store: ClusterStore, query: ListQuery, response: ServerResponse): void {
    const watch = new Watch(store, query, response);
    response.on('close', () => {
      watch.stop();
      this.open.delete(watch);
      if (this.open.size === 0) this.stopTimer();
    });
    watch.start();
    if (response.destroyed || response.writableEnded) return;
    this.open.add(watch);
    this.timer ??= setInterval(() => {
      const now = Date.now();
      for (const each of this.open) each.tick(now);
    }, 250).unref();
  }

  /** Ends every open watch. */
  close(): void {
    for (const watch of this.open) watch.end();
    this.stopTimer();
  }

  /** Cuts the open watches of one store, as a broken connection does. */
  cut(store: ClusterStore): void {
    for (const watch of this.open) if (watch.store === store) watch.destroy();
  }

  private stopTimer(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }
}

class Watch {
  private readonly resource: string;
  private readonly prefix: string;
  private readonly matches: ObjectPredicate | undefined;
  private readonly bookmarks: boolean;
  private readonly endsAt: number;
  private bookmarkAt: number;
  /** How far the reader knows the store. */
  private known = 0;
  private unsubscribe: () => void = () => undefined;

  constructor(
    readonly store: ClusterStore,
    private readonly query: ListQuery,
    private readonly response: ServerResponse,
  ) {
    const { params, kind, namespace } = query;
    this.resource = storeKeyOf(kind);
    this.prefix = kind.namespaced && namespace !== '' ? `${namespace}/` : '';
    this.matches = selectorPredicate(params.get('labelSelector') ?? '', params.get('fieldSelector') ?? '');
    this.bookmarks = params.get('allowWatchBookmarks') === 'true' || params.get('allowWatchBookmarks') === '1';
    const seconds = Number(params.get('timeoutSeconds') ?? '0');
    const now = Date.now();
    this.endsAt = now + (seconds > 0 ? seconds : DEFAULT_TIMEOUT_S) * 1_000;
    this.bookmarkAt = Math.min(now + BOOKMARK_MS, Math.max(this.endsAt - LAST_BOOKMARK_MS, now + 500));
  }

  start(): void {
    const { params } = this.query;
    const from = params.get('resourceVersion') ?? '';
    this.response.writeHead(200, { 'content-type': 'application/json', 'transfer-encoding': 'chunked' });
    this.response.flushHeaders();
    try {
      const initial = params.get('sendInitialEvents') === 'true';
      this.known = from === '' || from === '0' || initial ? this.store.version : parseVersion(from);
      if (from === '' || from === '0' || initial) this.sendCurrent(initial);
      else for (const event of this.store.since(this.known)) this.deliver(event);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.send('ERROR', JSON.stringify(error.status()));
      this.end();
      return;
    }
    this.unsubscribe = this.store.subscribe((event) => this.deliver(event));
  }

  /** Sends what is due by now. */
  tick(now: number): void {
    if (now >= this.endsAt) this.end();
    else if (this.bookmarks && now >= this.bookmarkAt) {
      if (this.store.version > this.known) this.bookmark({});
      const last = this.endsAt - LAST_BOOKMARK_MS;
      this.bookmarkAt = now < last ? Math.min(now + BOOKMARK_MS, last) : Number.POSITIVE_INFINITY;
    }
  }

  stop(): void {
    this.unsubscribe();
  }

  end(): void {
    this.stop();
    this.response.end();
  }

  destroy(): void {
    this.stop();
    this.response.destroy();
  }

  private sendCurrent(mark: boolean): void {
    for (const [, stored] of selectObjects(this.query, this.store.list(this.resource))) {
      this.send('ADDED', objectText(inVersion(stored, this.query.kind), this.query.form));
    }
    if (mark) this.bookmark({ 'k8s.io/initial-events-end': 'true' });
  }

  private deliver(event: StoreEvent): void {
    if (event.resource !== this.resource || !event.key.startsWith(this.prefix)) return;
    const type = this.typeFor(event);
    if (type === undefined) return;
    this.known = event.version;
    this.send(type, objectText(inVersion(event.stored, this.query.kind), this.query.form));
  }

  /** What an event is to this watch: an object that starts or ceases to match was, to it, added or deleted. */
  private typeFor(event: StoreEvent): string | undefined {
    if (this.matches === undefined) return event.type;
    const before = event.previous !== undefined && this.matches(event.previous.object);
    const after = event.type !== 'DELETED' && this.matches(event.stored.object);
    if (before && after) return 'MODIFIED';
    if (after) return 'ADDED';
    return before ? 'DELETED' : undefined;
  }

  private bookmark(annotations: JsonMap): void {
    const { kind, form } = this.query;
    this.known = this.store.version;
    const metadata: JsonMap = { resourceVersion: String(this.store.version), creationTimestamp: null };
    if (Object.keys(annotations).length > 0) metadata.annotations = annotations;
    const apiVersion = kind.group === '' ? kind.version : `${kind.group}/${kind.version}`;
    const type =
      form === 'metadata'
        ? { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1' }
        : { kind: kind.kind, apiVersion };
    this.send('BOOKMARK', JSON.stringify({ ...type, metadata }));
  }

  private send(type: string, object: string): void {
    if (!this.response.writableEnded) this.response.write(`{"type":"${type}","object":${object}}\n`);
  }
}
