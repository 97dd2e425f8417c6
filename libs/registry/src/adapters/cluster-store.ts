// The registered spokes in Postgres: who may be reached and how. Everything that leaves it is free of credentials, but for `target`.
import { AppError, ClusterId, digestOf, jsonEqual } from '@wheelwright/kernel';
import type { SpokeTarget } from '@wheelwright/platform-kube';
import { announce, enqueue, type Store } from '@wheelwright/platform-store';
import type { PoolClient } from 'pg';
import { associatedData } from '../sealing.js';
import type { ClusterCredentials, ClusterDetail, ClusterPatch, ClusterRegistration, ClusterView } from '../types.js';
import type { Check } from './check.js';
import { CLUSTER_SELECT, detailOf, viewOf, type ClusterRow } from './cluster-rows.js';
import {
  CREDENTIALS_TABLE,
  insertCluster,
  lockCluster,
  probeNow,
  sealCredentials,
  taken,
  updateCluster,
  type ClusterAction,
} from './cluster-writes.js';
import { expandDependents, markApplicationsDue, recheckByLabels } from './follow-up.js';
import { isDeclaredCluster, setHubPaused } from './hub-cluster.js';
import type { KeyRing } from './key-ring.js';

/** What it takes to connect, and a text that moves whenever that does. */
export interface VersionedTarget {
  readonly target: SpokeTarget;
  readonly version: string;
}

export interface ClusterPage {
  /** By name. */
  readonly clusters: readonly ClusterDetail[];
  readonly hasMore: boolean;
}

interface TargetRow {
  readonly server: string;
  readonly tls_ca_data: string | null;
  readonly tls_server_name: string | null;
  readonly tls_insecure: boolean;
  readonly key_id: string;
  readonly wrapped_key: Buffer;
  readonly ciphertext: Buffer;
  readonly version: string;
}

const MAX_PAGE = 500;

export class ClusterStore {
  constructor(
    private readonly store: Store,
    private readonly ring: KeyRing,
  ) {}

  /** Throws `Conflict` where the name or the address is taken. To be asked before a spoke is connected to; `create` proves it. */
  async assertFree(registration: Pick<ClusterRegistration, 'name' | 'server'>): Promise<void> {
    const { rowCount } = await this.store.pool.query('SELECT 1 FROM clusters WHERE name = $1 OR server = $2', [
      registration.name,
      registration.server,
    ]);
    if (rowCount !== 0) throw taken(registration);
  }

  /** Registers a spoke with what a first look found. Throws `Conflict` where name or address is taken. */
  async create(registration: ClusterRegistration, check: Check): Promise<ClusterDetail> {
    const id = await this.store.tx((client) => insertCluster(client, this.ring, { registration, check }));
    return this.#detail('c.id = $1', id);
  }

  /**
   * Registers or changes a spoke as a declaration says, in the caller's transaction. A cluster is the same where its name is, or else where its
   * address is. Does not connect: a probe follows. Throws `Conflict` where name and address belong to two clusters, or to the hub itself.
   */
  async apply(client: PoolClient, registration: ClusterRegistration): Promise<ClusterAction> {
    const { rows } = await client.query<{ id: string }>(
      'SELECT id FROM clusters WHERE name = $1 OR server = $2 LIMIT 2',
      [registration.name, registration.server],
    );
    if (rows.length > 1) throw taken(registration);
    const row = rows[0] === undefined ? undefined : await lockCluster(client, { id: rows[0].id });
    if (row?.is_hub === true) throw taken(registration);
    if (row === undefined) {
      await insertCluster(client, this.ring, { registration, check: undefined });
      return 'created';
    }
    const isKnown = jsonEqual({ ...registration.credentials }, { ...(await this.#credentials(client, row.id)) });
    const credentials = isKnown ? undefined : registration.credentials;
    return updateCluster(client, this.ring, { row, registration, credentials });
  }

  /** One spoke by name. Throws `NotFound`. */
  async get(name: string): Promise<ClusterDetail> {
    return this.#detail('c.name = $1', name);
  }

  /** One spoke by id. Throws `NotFound`. */
  async byId(id: ClusterId): Promise<ClusterDetail> {
    return this.#detail('c.id = $1', id);
  }

  /** A page of spokes by name, after the name given. `first` is cut to 500. */
  async list(page: { readonly first: number; readonly after?: string }): Promise<ClusterPage> {
    const first = Math.min(MAX_PAGE, Math.max(1, page.first));
    const { rows } = await this.store.pool.query<ClusterRow>(
      `${CLUSTER_SELECT} WHERE c.name > $1 ORDER BY c.name LIMIT $2`,
      [page.after ?? '', first + 1],
    );
    return { clusters: rows.slice(0, first).map(detailOf), hasMore: rows.length > first };
  }

  /** Facts of all spokes for expansions, by name. A spoke that is being deleted has none any more. */
  async views(): Promise<readonly ClusterView[]> {
    const { rows } = await this.store.pool.query<ClusterRow>(
      `SELECT c.id, c.name, c.server, c.labels, c.annotations, c.project, c.namespaces, coalesce(s.state, 'Pending') AS state
       FROM clusters c LEFT JOIN cluster_status s ON s.cluster_id = c.id WHERE c.deletion_requested_at IS NULL AND ${isDeclaredCluster('c')}
       ORDER BY c.name`,
    );
    return rows.map(viewOf);
  }

  /** Changes a spoke. Throws `NotFound`, and `Conflict` for credentials of the hub itself, which has none. Follow-up work (expansions, a probe, a sweep) commits with it. */
  async patch(name: string, patch: ClusterPatch): Promise<ClusterDetail> {
    await this.store.tx(async (client) => {
      const row = await lockCluster(client, { name });
      if (row === undefined) throw notFound(name);
      if (row.is_hub && patch.credentials !== undefined)
        throw new AppError('Conflict', `${name} is the hub itself: it needs no credentials, and takes none`);
      const labels = merged(row.labels, patch.labels);
      const annotations = merged(row.annotations, patch.annotations);
      await this.#writeFacts(client, row, { labels, annotations });
      if (patch.credentials !== undefined) {
        await sealCredentials(client, this.ring, { id: row.id, credentials: patch.credentials });
        await probeNow(client, row.id);
      }
      if (patch.paused !== undefined && patch.paused !== row.paused) {
        const pause = row.is_hub ? setHubPaused : setPaused;
        await pause(client, row.id, patch.paused);
      }
    });
    return this.get(name);
  }

  /** What it takes to connect to a spoke, opened for the caller: keep it no longer than the work. Throws `NotFound`, `CredentialsUnreadable`. */
  async target(id: ClusterId): Promise<VersionedTarget> {
    const { rows } = await this.store.pool.query<TargetRow>(
      `SELECT c.server, c.tls_ca_data, c.tls_server_name, c.tls_insecure, k.key_id, k.wrapped_key, k.ciphertext, k.updated_at::text AS version
       FROM clusters c JOIN cluster_credentials k ON k.cluster_id = c.id WHERE c.id = $1`,
      [id],
    );
    const row = rows[0];
    if (row === undefined) throw notFound(id);
    const tls = {
      ...(row.tls_ca_data === null ? {} : { caData: row.tls_ca_data }),
      ...(row.tls_server_name === null ? {} : { serverName: row.tls_server_name }),
      insecure: row.tls_insecure,
    };
    return {
      target: { id, server: row.server, tls, credentials: this.#open(row, id) },
      version: digestOf([row.server, tls, row.version]),
    };
  }

  /** Ids of all spokes. */
  async ids(): Promise<readonly ClusterId[]> {
    const { rows } = await this.store.pool.query<{ id: string }>('SELECT id FROM clusters');
    return rows.map((row) => ClusterId(row.id));
  }

  async #writeFacts(
    client: PoolClient,
    row: ClusterRow,
    facts: { readonly labels: Record<string, string>; readonly annotations: Record<string, string> },
  ): Promise<void> {
    if (jsonEqual(row.labels, facts.labels) && jsonEqual(row.annotations, facts.annotations)) return;
    await client.query(
      'UPDATE clusters SET labels = $2, annotations = $3, generation = generation + 1, updated_at = now() WHERE id = $1',
      [row.id, facts.labels, facts.annotations],
    );
    await expandDependents(client, { before: row, after: { ...row, labels: facts.labels } });
    if (!jsonEqual(row.labels, facts.labels)) await recheckByLabels(client, row.id);
    await announce(client, 'fleet', [row.id]);
  }

  async #credentials(client: PoolClient, id: string): Promise<ClusterCredentials | undefined> {
    const { rows } = await client.query<Pick<TargetRow, 'key_id' | 'wrapped_key' | 'ciphertext'>>(
      'SELECT key_id, wrapped_key, ciphertext FROM cluster_credentials WHERE cluster_id = $1',
      [id],
    );
    return rows[0] === undefined ? undefined : this.#open(rows[0], id);
  }

  #open(row: Pick<TargetRow, 'key_id' | 'wrapped_key' | 'ciphertext'>, id: string): ClusterCredentials {
    const sealed = { keyId: row.key_id, wrappedKey: row.wrapped_key, ciphertext: row.ciphertext };
    const plaintext = Buffer.from(this.ring.open(sealed, associatedData(CREDENTIALS_TABLE, id)));
    try {
      // Authenticated: nobody but this class wrote it.
      return JSON.parse(plaintext.toString('utf8')) as ClusterCredentials;
    } finally {
      plaintext.fill(0);
    }
  }

  async #detail(where: string, value: string): Promise<ClusterDetail> {
    const { rows } = await this.store.pool.query<ClusterRow>(`${CLUSTER_SELECT} WHERE ${where}`, [value]);
    if (rows[0] === undefined) throw notFound(value);
    return detailOf(rows[0]);
  }
}

/** RFC 7396 for a flat map. */
function merged(
  map: Readonly<Record<string, string>>,
  patch: Readonly<Record<string, string | null>> | undefined,
): Record<string, string> {
  const entries = new Map(Object.entries(map));
  for (const [key, value] of Object.entries(patch ?? {})) {
    if (value === null) entries.delete(key);
    else entries.set(key, value);
  }
  return Object.fromEntries(entries);
}

/** A paused spoke is neither probed, swept nor written to; when it goes on, a probe finds out how it is and wakes its Applications. */
async function setPaused(client: PoolClient, id: string, isPaused: boolean): Promise<void> {
  await client.query('UPDATE clusters SET paused = $2, updated_at = now() WHERE id = $1', [id, isPaused]);
  await client.query(
    `UPDATE cluster_status SET state = $2, reason = '', message = '', since = now(), failures = 0, retry_at = NULL, next_probe_at = now() WHERE cluster_id = $1`,
    [id, isPaused ? 'Paused' : 'Pending'],
  );
  await announce(client, 'fleet', [id]);
  if (isPaused) await enqueue(client, 'deploy', [id]);
  else {
    await markApplicationsDue(client, id, 'cluster resumed');
    await enqueue(client, 'probe', [id]);
  }
}

export function notFound(nameOrId: string): AppError {
  return new AppError('NotFound', `There is no cluster ${nameOrId}.`);
}
