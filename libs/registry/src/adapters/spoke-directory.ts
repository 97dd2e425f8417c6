// From the id of a cluster to a connection, and what is known of that connection.
import { AppError, ClusterId } from '@wheelwright/kernel';
import type { SpokeClient, SpokeClients } from '@wheelwright/platform-kube';
import { announce, enqueue, type Store } from '@wheelwright/platform-store';
import { nextProbeMs } from '../probe-schedule.js';
import type { ClusterDetail, ClusterRegistration, ClusterState } from '../types.js';
import { checkSpoke, type Check } from './check.js';
import type { ClusterStore } from './cluster-store.js';
import { markApplicationsDue } from './follow-up.js';

export interface ProbeOptions {
  /** Milliseconds between probes of a spoke that answers. */
  readonly intervalMs: number;
  /** 0 to 1, default `Math.random`. */
  readonly random?: () => number;
}

/** What a probe found, and whether that is news. */
export interface ProbeResult {
  readonly previous: ClusterState;
  readonly state: ClusterState;
  readonly isTransition: boolean;
}

export class SpokeDirectory {
  constructor(
    private readonly store: Store,
    private readonly clusters: ClusterStore,
    private readonly clients: SpokeClients,
    private readonly options: ProbeOptions,
  ) {}

  /** The client of a spoke, over connections that are shared in this process. Throws `NotFound` (and lets the connections go), `CredentialsUnreadable`. */
  async client(id: ClusterId): Promise<SpokeClient> {
    try {
      const { target, version } = await this.clusters.target(id);
      return this.clients.get(target, version);
    } catch (error) {
      if (error instanceof AppError && error.code === 'NotFound') await this.clients.drop(id);
      throw error;
    }
  }

  /**
   * Registers a spoke after looking at it. With `verify`, a spoke that cannot be reached or refuses the credentials is not registered: throws
   * `SpokeUnreachable` or `SpokeUnauthorized` with a pointer to the field. Without, it is registered as it was found. Throws `Conflict`.
   */
  async register(
    registration: ClusterRegistration,
    options: { readonly verify: boolean; readonly signal?: AbortSignal },
  ): Promise<ClusterDetail> {
    await this.clusters.assertFree(registration);
    const check = await this.#firstLook(registration, options.signal);
    if (options.verify && check.error !== undefined) throw withPointer(check.error);
    return this.clusters.create(registration, check);
  }

  /** Looks at a spoke and records what it found. A paused or deleted one, and the hub itself, are left alone: `undefined`. */
  async probe(id: ClusterId, signal?: AbortSignal): Promise<ProbeResult | undefined> {
    const found = await this.store.pool.query('SELECT 1 FROM clusters WHERE id = $1 AND NOT paused AND NOT is_hub', [
      id,
    ]);
    if (found.rowCount === 0) return undefined;
    const check = await this.#look(id, signal);
    return check === undefined ? undefined : this.record(id, check);
  }

  /** Records what was found of a spoke. `since` moves with the state only; a spoke that is back wakes its sweep and its Applications. */
  async record(id: ClusterId, check: Check): Promise<ProbeResult | undefined> {
    return this.store.tx(async (client) => {
      const { rows } = await client.query<{ state: ClusterState; failures: number }>(
        `SELECT state, failures FROM cluster_status WHERE cluster_id = $1 AND state <> 'Paused' FOR UPDATE`,
        [id],
      );
      const last = rows[0];
      if (last === undefined) return undefined;
      const failures = check.state === 'Connected' ? 0 : last.failures + 1;
      const random = this.options.random ?? Math.random;
      const waitMs = nextProbeMs({ intervalMs: this.options.intervalMs, failures, random: random() });
      await client.query(
        `UPDATE cluster_status SET state = $2, reason = $3, message = $4, since = CASE WHEN state = $2 THEN since ELSE now() END,
           kubernetes_version = CASE WHEN $5 = '' THEN kubernetes_version ELSE $5 END, probed_at = now(), failures = $6,
           next_probe_at = now() + $7 * interval '1 millisecond',
           retry_at = CASE WHEN $6 = 0 THEN NULL ELSE now() + $7 * interval '1 millisecond' END
         WHERE cluster_id = $1`,
        [id, check.state, check.reason, check.message, check.kubernetesVersion, failures, waitMs],
      );
      const isTransition = last.state !== check.state;
      if (isTransition) await announce(client, 'fleet', [id]);
      if (isTransition && check.state === 'Connected') {
        await enqueue(client, 'observe', [id]);
        await markApplicationsDue(client, id, 'cluster connected');
      }
      return { previous: last.state, state: check.state, isTransition };
    });
  }

  /** Closes the connections to spokes that are no longer registered. Cheap; to be called now and then. */
  async prune(): Promise<void> {
    const known = new Set(await this.clusters.ids());
    await Promise.all(
      this.clients
        .ids()
        .filter((id) => !known.has(id))
        .map((id) => this.clients.drop(id)),
    );
  }

  async #look(id: ClusterId, signal: AbortSignal | undefined): Promise<Check | undefined> {
    try {
      return await checkSpoke(await this.client(id), signal);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      if (error.code === 'NotFound') return undefined;
      if (error.code !== 'CredentialsUnreadable') throw error;
      return { state: 'Unauthorized', reason: error.code, message: error.message, kubernetesVersion: '', error };
    }
  }

  /** Over connections of its own, closed afterwards: nothing is known of this spoke yet, and nothing may stay of it if it is refused. */
  async #firstLook(registration: ClusterRegistration, signal: AbortSignal | undefined): Promise<Check> {
    const id = ClusterId(`registration:${crypto.randomUUID()}`);
    const { server, tls, credentials } = registration;
    try {
      return await checkSpoke(this.clients.get({ id, server, tls, credentials }, 'first'), signal);
    } finally {
      await this.clients.drop(id);
    }
  }
}

function withPointer(error: AppError): AppError {
  const pointer = error.code === 'SpokeUnauthorized' ? '/credentials' : '/server';
  return new AppError(error.code, error.message, {
    details: error.details,
    faults: [{ pointer, message: error.message }],
    cause: error,
  });
}
