// The hub's own catalogue behind the interface of a spoke: what it takes for rendered Applications to go through plan, waves, prune and health.
import {
  AppError,
  gvkOf,
  matchesSelector,
  parseLabelSelector,
  type ClusterId,
  type GroupVersionKind,
  type KubeObject,
} from '@wheelwright/kernel';
import type {
  ApiResource,
  ApplyOptions,
  DeleteOptions,
  Discovery,
  ListOptions,
  MetadataList,
  ObjectRef,
  RawResponse,
  ResourcePath,
  SpokeClient,
  SpokeCounts,
  SpokeVerb,
} from '@wheelwright/platform-kube';
import type { Store } from '@wheelwright/platform-store';
import type { PoolClient } from 'pg';
import { HUB_DISCOVERY, hubKindOf, type HubKind } from './hub-kinds.js';
import { listHubObjects, managedByOf, readHubObject } from './hub-objects.js';
import { applyToHub, asSpokeError, deleteFromHub, fence, rejected } from './hub-writes.js';

/** What a view adds to the spoke that all views share. */
interface View {
  readonly guard?: () => void;
  readonly fence?: string;
  readonly user?: string;
  readonly counts: Record<SpokeVerb, number>;
}

const noCounts = (): Record<SpokeVerb, number> => ({
  version: 0,
  discovery: 0,
  get: 0,
  list: 0,
  apply: 0,
  dryRun: 0,
  create: 0,
  update: 0,
  patch: 0,
  delete: 0,
  other: 0,
});

/**
 * The hub as a destination. Objects are the rows of Applications, ApplicationSets and AppProjects; `uid` is the id of the row; `resourceVersion`
 * moves with the declaration and with the verdict. A write is one transaction: the guard of the view, the lease (where the view knows its
 * generation), then what an apply by hand would do; a dry run is the same, taken back. Faults of an object are `SpokeRejected`, an object that
 * is somebody else's is a `SpokeConflict`. There are no service accounts here: what is asked as another user is not written.
 */
export class HubSpoke implements SpokeClient {
  /** @param id the row of the hub itself */
  constructor(
    private readonly store: Store,
    readonly id: ClusterId,
    private readonly view: View = { counts: noCounts() },
  ) {}

  async version(): Promise<{ readonly gitVersion: string }> {
    this.count('version');
    return { gitVersion: '' };
  }

  async discovery(): Promise<Discovery> {
    return HUB_DISCOVERY;
  }

  invalidate(): void {
    // What the hub serves never changes.
  }

  async resolve({ group, kind, version }: GroupVersionKind): Promise<ApiResource | undefined> {
    return HUB_DISCOVERY.find(group, kind, version) ?? HUB_DISCOVERY.find(group, kind);
  }

  async get(resource: ResourcePath, ref: ObjectRef): Promise<KubeObject | undefined> {
    this.count('get');
    return readHubObject(this.store.pool, servedKind(resource), ref);
  }

  async listMetadata(
    resource: ResourcePath,
    { labelSelector = '', namespace }: ListOptions = {},
  ): Promise<MetadataList> {
    this.count('list');
    const parsed = parseLabelSelector(labelSelector);
    if ('problem' in parsed) throw rejected(parsed.problem);
    const items = await listHubObjects(this.store.pool, servedKind(resource), {
      managedBy: managedByOf(parsed.selector),
      namespace,
    });
    return {
      resourceVersion: '0',
      items: items.filter(({ labels = {} }) => matchesSelector(parsed.selector, labels)),
    };
  }

  async apply(resource: ResourcePath, object: KubeObject, { dryRun, force }: ApplyOptions): Promise<KubeObject> {
    const kind = servedKind(resource);
    if (gvkOf(object).kind !== kind) throw rejected(`it is no ${kind}`);
    this.count(dryRun === true ? 'dryRun' : 'apply');
    if (dryRun !== true) return this.write((client) => applyToHub(client, object, { force: force === true }));
    this.refuseUser();
    return this.transaction(async (client) => {
      await client.query('SAVEPOINT hub_dry_run');
      const predicted = await applyToHub(client, object, { force: force === true });
      await client.query('ROLLBACK TO SAVEPOINT hub_dry_run');
      return predicted;
    });
  }

  async delete(
    resource: ResourcePath,
    ref: ObjectRef,
    { uid, propagationPolicy, dryRun }: DeleteOptions,
  ): Promise<'deleted' | 'deleting' | 'gone'> {
    this.count('delete');
    if (dryRun === true) throw rejected('a deletion has no dry run here');
    const set = propagationPolicy === 'Orphan' ? { applications: 'orphan' as const } : {};
    return this.write((client) => deleteFromHub(client, { kind: servedKind(resource), ...ref, uid, set }));
  }

  async patch(): Promise<KubeObject> {
    throw rejected('objects of the hub are applied, not patched');
  }

  async request(): Promise<RawResponse> {
    throw rejected('the hub is no API server: there are no paths to ask');
  }

  counts(): SpokeCounts {
    return { ...this.view.counts };
  }

  withGuard(guard: () => void, _comment?: string, generation?: string): HubSpoke {
    const outer = this.view.guard;
    const both = (): void => {
      outer?.();
      guard();
    };
    const known = generation ?? this.view.fence;
    return new HubSpoke(this.store, this.id, {
      ...this.view,
      guard: both,
      ...(known === undefined ? {} : { fence: known }),
    });
  }

  as(user: string): HubSpoke {
    return new HubSpoke(this.store, this.id, { ...this.view, user });
  }

  private async write<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    this.refuseUser();
    this.view.guard?.();
    return this.transaction(async (client) => {
      if (this.view.fence !== undefined) await fence(client, this.id, this.view.fence);
      return work(client);
    });
  }

  private async transaction<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    try {
      return await this.store.tx(work);
    } catch (error) {
      throw asSpokeError(error);
    }
  }

  private refuseUser(): void {
    if (this.view.user === undefined) return;
    throw rejected(
      `it is to be written as ${this.view.user}, and the hub knows no service accounts: leave the hub out of destinationServiceAccounts and of the project, or use another project`,
    );
  }

  private count(verb: SpokeVerb): void {
    this.view.counts[verb] += 1;
  }
}

function servedKind(resource: ResourcePath): HubKind {
  const kind = hubKindOf(resource);
  if (kind !== undefined) return kind;
  throw new AppError('SpokeRejected', `The hub does not serve ${resource.plural} of group "${resource.group}"`, {
    details: { status: 404, reason: 'NotServed' },
  });
}
