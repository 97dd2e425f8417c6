import { performance } from 'node:perf_hooks';
import type { Judge } from '@wheelwright/health/adapters';
import { readFreeze } from '@wheelwright/intent/adapters';
import { AppError, done, toAppError, type Clock, type ClusterId, type Outcome } from '@wheelwright/kernel';
import type { CompareSettingsReader } from '@wheelwright/plan/adapters';
import type { JqPaths } from '@wheelwright/platform-jq';
import type { SpokeClient } from '@wheelwright/platform-kube';
import type { Signals } from '@wheelwright/platform-queue';
import { enqueue, type Store } from '@wheelwright/platform-store';
import type { ClusterLease, Leases, ReconcileResult, StatusStore } from '@wheelwright/status/adapters';
import type { Logger } from '@wheelwright/platform-telemetry';
import type { Renders, SliceContext, Sources } from './context.js';
import { inTheNameOf } from './identity.js';
import { clearSpoke } from './delete-application.js';
import { loadCluster, loadDue, loadLeaving, type DueApplication, type SliceCluster } from './load.js';
import { kindRecorder } from './kind-recorder.js';
import { observeOnce } from './observe-once.js';
import { loadOwned } from './owners.js';
import { loadProjects } from './projects.js';
import { reconcileApplication } from './reconcile-application.js';
import { crashed } from './results.js';

/** Applications that are loaded, reconciled and written together. */
const CHUNK = 16;

/** What is the same for all Applications of a slice. */
type SpokeContext = Omit<SliceContext, 'project' | 'freeze' | 'isApplication' | 'observe' | 'compare'>;

/** What a slice is made of. */
export interface SliceParts {
  readonly store: Store;
  readonly leases: Leases;
  readonly status: StatusStore;
  readonly signals: Signals;
  readonly sources: Sources;
  readonly renders: Renders;
  /** The rules of health, with the checks of users as they are now. */
  readonly health: () => Promise<Judge>;
  /** Opens the sealed credentials of a spoke; the answer shares pools, limits and breaker with all others of that spoke. */
  readonly connect: (clusterId: ClusterId) => Promise<SpokeClient>;
  /** Deletes the cluster where that was asked for and its last Application is gone; answers whether it did. */
  readonly finishClusterDeletion: (clusterId: ClusterId) => Promise<boolean>;
  readonly keyedDigest: (text: string) => string;
  readonly compareSettings: CompareSettingsReader;
  readonly jq: JqPaths;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface SliceOptions {
  readonly sliceMs: number;
  readonly leaseMs: number;
  /** Applications of one spoke that are worked on at the same time. */
  readonly parallel: number;
  readonly installationId: string;
}

/**
 * Drains the due Applications of one spoke for a bounded time under its lease (laws 2 and 3). The key of the job is all it is told;
 * everything else is read, so running it twice, late, or half and again ends in the same state.
 */
export class SliceRunner {
  constructor(
    private readonly parts: SliceParts,
    private readonly options: SliceOptions,
  ) {}

  async run(clusterId: ClusterId, signal: AbortSignal): Promise<Outcome> {
    const lease = await this.parts.leases.acquire(clusterId);
    // Somebody else is at it. What is due stays due: giving back the lease, or the next tick, wakes it again.
    if (lease === undefined) return done;
    const ending = new AbortController();
    const renewal = this.keepRenewed(lease, ending);
    try {
      return await this.drain(lease, AbortSignal.any([signal, ending.signal]));
    } catch (error) {
      return await this.settle(clusterId, error);
    } finally {
      clearInterval(renewal);
      await lease
        .release()
        .catch((error: unknown) => this.parts.logger.warn('lease not released', { clusterId, error }));
    }
  }

  private keepRenewed(lease: ClusterLease, ending: AbortController): NodeJS.Timeout {
    return setInterval(() => {
      lease.renew().catch((error: unknown) => {
        ending.abort(toAppError(error, 'LeaseLost', 'the lease could not be renewed'));
      });
    }, this.options.leaseMs / 3);
  }

  private async drain(lease: ClusterLease, signal: AbortSignal): Promise<Outcome> {
    const { store, status } = this.parts;
    const cluster = await loadCluster(store, lease.clusterId);
    if (cluster === undefined) return done;
    if (cluster.state !== 'Connected') {
      if (cluster.state !== 'Paused') await this.publish(lease, await status.markUnknown(lease));
      return done;
    }
    const context = await this.open(cluster, lease, signal);
    const endsAtMs = performance.now() + this.options.sliceMs;
    for (;;) {
      const due = await loadDue(store, cluster.id, CHUNK);
      if (due.length === 0) break;
      await this.workOff(await this.forChunk(context, due), due);
      if (signal.aborted || performance.now() > endsAtMs) return { kind: 'again', why: 'the time slice is over' };
      await lease.renew();
    }
    await this.clearLeftovers(context, cluster.id);
    await this.parts.finishClusterDeletion(cluster.id);
    return done;
  }

  /** Deletes what Applications left here when they were moved to other spokes, as far as that is permitted. */
  private async clearLeftovers(context: SpokeContext, clusterId: ClusterId): Promise<void> {
    const leaving = await loadLeaving(this.parts.store, clusterId, CHUNK);
    if (leaving.length === 0) return;
    const full = await this.forChunk(context, leaving);
    if (full.freeze !== undefined) return;
    const results: ReconcileResult[] = [];
    for (const due of leaving) {
      const identity = inTheNameOf(full, due.application);
      if ('context' in identity) results.push(await clearSpoke(identity.context, due));
    }
    await this.parts.status.writeLeftovers(context.lease, results);
  }

  private async open(cluster: SliceCluster, lease: ClusterLease, signal: AbortSignal): Promise<SpokeContext> {
    const { sources, renders, clock, keyedDigest, jq } = this.parts;
    const client = (await this.parts.connect(cluster.id)).withGuard(
      () => lease.assertHeld(),
      `lease ${lease.generation}`,
      lease.generation,
    );
    const discovery = await client.discovery({ signal });
    const { installationId } = this.options;
    const { store } = this.parts;
    return {
      cluster,
      lease,
      client,
      discovery,
      sources,
      renders,
      health: await this.parts.health(),
      clock,
      keyedDigest,
      jq,
      installationId,
      signal,
      owned: (applicationId, keys) => loadOwned(store, { clusterId: cluster.id, applicationId }, keys),
      recordKinds: await kindRecorder(store, cluster.id),
    };
  }

  /** Adds what is read once per chunk: projects, the freeze, names of Applications, and, on first use, what the spoke holds. */
  private async forChunk(context: SpokeContext, due: readonly DueApplication[]): Promise<SliceContext> {
    const { projects, names } = await loadProjects(this.parts.store, due);
    return {
      ...context,
      freeze: await readFreeze(this.parts.store.pool),
      compare: await this.parts.compareSettings.current(),
      project: (name) => projects.get(name),
      isApplication: (name) => names.has(name),
      observe: observeOnce(context),
    };
  }

  /** Reconciles a chunk with bounded parallelism and writes what was found; then throws the first failure that ends the slice. */
  private async workOff(context: SliceContext, due: readonly DueApplication[]): Promise<void> {
    const queue = [...due];
    const results: ReconcileResult[] = [];
    const failures: unknown[] = [];
    const lane = async (): Promise<void> => {
      for (
        let next = queue.shift();
        next !== undefined && failures.length === 0 && !context.signal.aborted;
        next = queue.shift()
      ) {
        try {
          results.push(await reconcileApplication(context, next));
        } catch (error) {
          if (endsSlice(error)) failures.push(error);
          else results.push(this.crash(next, error));
        }
      }
    };
    await Promise.all(Array.from({ length: this.options.parallel }, lane));
    await this.publish(context.lease, await this.parts.status.write(context.lease, results));
    if (failures.length > 0) throw failures[0];
  }

  private crash(due: DueApplication, error: unknown): ReconcileResult {
    const known = error instanceof AppError;
    if (!known) this.parts.logger.error('reconcile crashed', { applicationId: due.id, error });
    return crashed(due, toAppError(error, 'Internal', 'the reconcile failed'), this.parts.clock.nowMs());
  }

  private async publish(lease: ClusterLease, ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    await this.parts.signals.publish('applications', ids);
    await this.parts.signals.publish('fleet', [lease.clusterId]);
  }

  /** A slice that could not go on: what is due stays due. A spoke that does not answer is probed at once, so that its state is true soon. */
  private async settle(clusterId: ClusterId, error: unknown): Promise<Outcome> {
    const failure = toAppError(error, 'Internal', 'the slice failed');
    switch (failure.code) {
      case 'LeaseLost':
        return done;
      case 'SpokeUnreachable':
      case 'SpokeUnauthorized':
      case 'CredentialsUnreadable':
        await this.parts.store.tx((client) => enqueue(client, 'probe', [clusterId]));
        return { kind: 'stalled', error: failure };
      default:
        return { kind: 'retry', error: failure };
    }
  }
}

/** Failures that concern the spoke or the lease, not one Application. */
function endsSlice(error: unknown): boolean {
  if (!(error instanceof AppError)) return false;
  return ['LeaseLost', 'SpokeUnreachable', 'SpokeUnauthorized', 'SpokeThrottled', 'ObserveFailed'].includes(error.code);
}
