// The objects of one Application down to pods, and the events of one of them, read from its spoke now with the rights that its sync has.
import type { ApplicationSpec, AppProjectSpec } from '@wheelwright/intent';
import {
  AppError,
  isJsonObject,
  type ApplicationId,
  type ClusterId,
  type JsonObject,
  type ResourceKey,
} from '@wheelwright/kernel';
import { treeOf, type OwnedObject, type TreeNode, type TreeRoot } from '@wheelwright/observe';
import { mapBounded, type ApiResource, type ListedMeta, type SpokeClient } from '@wheelwright/platform-kube';
import type { Store } from '@wheelwright/platform-store';
import { inTheNameOf } from './in-the-name-of.js';
import { LiveObjectsPort, type ObjectEvent } from './ports.js';
import { readCount, readText, readTime } from './queries/text.js';

export interface LiveObjectsParts {
  readonly store: Store;
  readonly connect: (id: ClusterId) => Promise<SpokeClient>;
}

/** Kinds that controllers make for workloads: what a tree is made of beside what Git declares. Nothing else is listed. */
const OWNED_KINDS = [
  ['apps', 'Deployment'],
  ['apps', 'StatefulSet'],
  ['apps', 'DaemonSet'],
  ['apps', 'ReplicaSet'],
  ['batch', 'Job'],
  ['', 'Pod'],
] as const;
const DEADLINE_MS = 20_000;
const MAX_NAMESPACES = 10;
const MAX_NODES = 5_000;
const MAX_EVENTS = 100;
const MAX_EVENT_BYTES = 4 * 1_024 * 1_024;
const CONCURRENCY = 4;

interface Row {
  readonly name: string;
  readonly namespace: string;
  readonly spec: ApplicationSpec;
  readonly cluster_id: ClusterId | null;
  readonly server: string | null;
  readonly is_hub: boolean | null;
  readonly paused: boolean | null;
  readonly project: AppProjectSpec | null;
  readonly roots: readonly TreeRoot[];
}

/** Reads without a lease: it writes nothing. */
export class LiveObjects extends LiveObjectsPort {
  constructor(private readonly parts: LiveObjectsParts) {
    super();
  }

  async tree(id: ApplicationId): Promise<readonly TreeNode[]> {
    const row = await this.load(id);
    // What goes to the hub itself owns nothing there.
    if (row.is_hub === true) return treeOf(row.roots, [], MAX_NODES);
    const signal = AbortSignal.timeout(DEADLINE_MS);
    return this.read(row, await this.open(row), signal);
  }

  async events(id: ApplicationId, key: ResourceKey): Promise<readonly ObjectEvent[]> {
    const row = await this.load(id);
    if (row.is_hub === true) return [];
    const signal = AbortSignal.timeout(DEADLINE_MS);
    const client = await this.open(row);
    const root = row.roots.find((one) => isSame(one.key, key));
    // Events of strangers in the same namespace are nobody's business: only what is in the tree may be asked about.
    const found = root ?? (await this.read(row, client, signal)).find((node) => isSame(node.key, key));
    if (found === undefined || found.uid === '')
      throw new AppError('NotFound', `${row.name} has no ${key.kind} ${key.name} on its spoke`);
    const { body } = await client.request({
      verb: 'list',
      method: 'GET',
      path: `/api/v1/namespaces/${encodeURIComponent(key.namespace === '' ? 'default' : key.namespace)}/events`,
      query: { fieldSelector: `involvedObject.uid=${found.uid}`, limit: String(MAX_EVENTS) },
      maxBytes: MAX_EVENT_BYTES,
      signal,
    });
    const items: unknown = body['items'];
    const events = Array.isArray(items) ? items.filter(isJsonObject).map(toEvent) : [];
    return events.sort((a, b) => timeOf(b) - timeOf(a));
  }

  private async open(row: Row): Promise<SpokeClient> {
    if (row.cluster_id === null)
      throw new AppError('NotFound', `the destination of ${row.name} is no registered cluster`);
    if (row.paused === true)
      throw new AppError(
        'Conflict',
        `the spoke of ${row.name} is paused, and nothing is read from it: resume it first`,
      );
    return inTheNameOf(await this.parts.connect(row.cluster_id), row);
  }

  private async read(row: Row, client: SpokeClient, signal: AbortSignal): Promise<readonly TreeNode[]> {
    const discovery = await client.discovery({ signal });
    const kinds = OWNED_KINDS.flatMap(([group, kind]) => discovery.find(group, kind) ?? []);
    const lists = kinds.flatMap((kind) => namespacesOf(row.roots).map((namespace) => ({ kind, namespace })));
    const listed: OwnedObject[] = [];
    await mapBounded(lists, CONCURRENCY, async ({ kind, namespace }) => {
      const { items } = await client.listMetadata(kind, {
        signal,
        deadlineMs: DEADLINE_MS,
        ...(namespace === undefined ? {} : { namespace }),
      });
      listed.push(...items.map((meta) => toOwned(kind, meta)));
    });
    return treeOf(row.roots, listed, MAX_NODES);
  }

  private async load(id: ApplicationId): Promise<Row> {
    const { rows } = await this.parts.store.pool.query<Row>(
      `SELECT a.name, a.namespace, a.spec, a.cluster_id, c.server, c.is_hub, c.paused,
         (SELECT p.spec FROM projects p WHERE p.name = a.project) AS project,
         coalesce((SELECT jsonb_agg(jsonb_build_object('uid', r.uid,
             'key', jsonb_build_object('group', r.api_group, 'kind', r.kind, 'namespace', r.namespace, 'name', r.name)))
           FROM resources r WHERE r.application_id = a.id AND r.cluster_id = a.cluster_id AND r.uid <> ''), '[]') AS roots
       FROM applications a LEFT JOIN clusters c ON c.id = a.cluster_id WHERE a.id = $1`,
      [id],
    );
    const [row] = rows;
    if (row === undefined) throw new AppError('NotFound', 'there is no such Application');
    return row;
  }
}

/** Where to look; `undefined`: everywhere, which is cheaper than many namespaces one by one. */
function namespacesOf(roots: readonly TreeRoot[]): readonly (string | undefined)[] {
  const found = new Set(roots.map(({ key }) => key.namespace).filter((namespace) => namespace !== ''));
  return found.size > MAX_NAMESPACES ? [undefined] : [...found];
}

function toOwned({ group, kind }: ApiResource, meta: ListedMeta): OwnedObject {
  const owners: unknown = meta['ownerReferences'];
  return {
    key: { group, kind, namespace: meta.namespace ?? '', name: meta.name },
    uid: meta.uid,
    owners: Array.isArray(owners) ? owners.filter(isJsonObject).map((owner) => readText(owner['uid'])) : [],
    createdAt: meta.creationTimestamp ?? '',
  };
}

function toEvent(event: JsonObject): ObjectEvent {
  return {
    type: readText(event['type']),
    reason: readText(event['reason']),
    message: readText(event['message']),
    count: Math.max(1, readCount(event['count'])),
    lastSeen: readTime(event['lastTimestamp']) ?? readTime(event['eventTime']) ?? readTime(event['firstTimestamp']),
  };
}

function timeOf({ lastSeen }: ObjectEvent): number {
  return lastSeen?.getTime() ?? 0;
}

function isSame(a: ResourceKey, b: ResourceKey): boolean {
  return a.group === b.group && a.kind === b.kind && a.namespace === b.namespace && a.name === b.name;
}
