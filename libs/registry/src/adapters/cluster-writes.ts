// How rows of clusters are written: inside a transaction that the caller owns.
import { randomUUID } from 'node:crypto';
import { AppError, jsonEqual } from '@wheelwright/kernel';
import { announce, enqueue, sqlStateOf } from '@wheelwright/platform-store';
import type { PoolClient } from 'pg';
import { associatedData } from '../sealing.js';
import type { ClusterCredentials, ClusterRegistration } from '../types.js';
import type { Check } from './check.js';
import { CLUSTER_SELECT, type ClusterRow } from './cluster-rows.js';
import {
  adoptApplications,
  expandDependents,
  expandOwners,
  markApplicationsDue,
  recheckByLabels,
} from './follow-up.js';
import type { KeyRing } from './key-ring.js';

export const CREDENTIALS_TABLE = 'cluster_credentials';

export type ClusterAction = 'created' | 'configured' | 'unchanged';

/** Inserts a cluster with what a first look at it found (absent: nobody looked). Answers its id. Throws `Conflict` on a name or address that is taken. */
export async function insertCluster(
  client: PoolClient,
  ring: KeyRing,
  input: { readonly registration: ClusterRegistration; readonly check: Check | undefined },
): Promise<string> {
  const { registration, check } = input;
  const id = randomUUID();
  const { name, server, labels, annotations, project, namespaces, clusterResources, tls } = registration;
  try {
    await client.query(
      `INSERT INTO clusters (id, name, server, labels, annotations, project, namespaces, cluster_resources, tls_ca_data, tls_server_name, tls_insecure)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
      [
        id,
        name,
        server,
        labels,
        annotations,
        project,
        namespaces,
        clusterResources,
        tls.caData ?? null,
        tls.serverName ?? null,
        tls.insecure,
      ],
    );
  } catch (error) {
    throw sqlStateOf(error) === '23505' ? taken(registration) : error;
  }
  await sealCredentials(client, ring, { id, credentials: registration.credentials });
  await client.query(
    `INSERT INTO cluster_status (cluster_id, state, reason, message, kubernetes_version, probed_at, failures)
     VALUES ($1, $2, $3, $4, $5, CASE WHEN $6 THEN now() END, $7)`,
    [
      id,
      check?.state ?? 'Pending',
      check?.reason ?? '',
      check?.message ?? '',
      check?.kubernetesVersion ?? '',
      check !== undefined,
      check === undefined || check.state === 'Connected' ? 0 : 1,
    ],
  );
  await adoptApplications(client, { id, name, server });
  await markApplicationsDue(client, id, 'cluster registered');
  await expandDependents(client, { after: { name, server, labels } });
  await enqueue(client, check?.state === 'Connected' ? 'observe' : 'probe', [id]);
  await announce(client, 'fleet', [id]);
  return id;
}

/** Seals and stores credentials. The plaintext buffer is overwritten. */
export async function sealCredentials(
  client: PoolClient,
  ring: KeyRing,
  input: { readonly id: string; readonly credentials: ClusterCredentials },
): Promise<void> {
  const plaintext = Buffer.from(JSON.stringify(input.credentials), 'utf8');
  try {
    const sealed = ring.seal(plaintext, associatedData(CREDENTIALS_TABLE, input.id));
    await client.query(
      `INSERT INTO cluster_credentials (cluster_id, kind, key_id, wrapped_key, ciphertext) VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT (cluster_id) DO UPDATE SET kind = excluded.kind, key_id = excluded.key_id, wrapped_key = excluded.wrapped_key,
         ciphertext = excluded.ciphertext, updated_at = clock_timestamp()`,
      [input.id, input.credentials.kind, sealed.keyId, sealed.wrappedKey, sealed.ciphertext],
    );
  } finally {
    plaintext.fill(0);
  }
}

/** What changes of a cluster; `credentials` only where they differ from the sealed ones. */
export interface ClusterChange {
  readonly registration: Omit<ClusterRegistration, 'credentials'>;
  readonly credentials: ClusterCredentials | undefined;
}

/** Brings a locked row to what is declared. Writes nothing where nothing differs. Throws `Conflict` on a name or address that is taken. */
export async function updateCluster(
  client: PoolClient,
  ring: KeyRing,
  input: ClusterChange & { readonly row: ClusterRow },
): Promise<'configured' | 'unchanged'> {
  const { row, registration, credentials } = input;
  const { name, server, labels, annotations, project, namespaces, clusterResources, tls } = registration;
  const isMoved = row.name !== name || row.server !== server;
  const isFact =
    isMoved || row.project !== project || !jsonEqual(row.labels, labels) || !jsonEqual(row.annotations, annotations);
  const isScope = !jsonEqual(row.namespaces, namespaces) || row.cluster_resources !== clusterResources;
  const isTrust =
    row.tls_ca_data !== (tls.caData ?? null) ||
    row.tls_server_name !== (tls.serverName ?? null) ||
    row.tls_insecure !== tls.insecure;
  if (!isFact && !isScope && !isTrust && credentials === undefined) return 'unchanged';
  try {
    await client.query(
      `UPDATE clusters SET name = $2, server = $3, labels = $4, annotations = $5, project = $6, namespaces = $7, cluster_resources = $8,
         tls_ca_data = $9, tls_server_name = $10, tls_insecure = $11, generation = generation + $12, updated_at = now() WHERE id = $1`,
      [
        row.id,
        name,
        server,
        labels,
        annotations,
        project,
        namespaces,
        clusterResources,
        tls.caData ?? null,
        tls.serverName ?? null,
        tls.insecure,
        isFact ? 1 : 0,
      ],
    );
  } catch (error) {
    throw sqlStateOf(error) === '23505' ? taken(registration) : error;
  }
  if (credentials !== undefined) await sealCredentials(client, ring, { id: row.id, credentials });
  if (isMoved) {
    await expandOwners(client, row.id);
    await adoptApplications(client, { id: row.id, name, server });
  }
  if (isFact) await expandDependents(client, { before: row, after: { name, server, labels } });
  if (!jsonEqual(row.labels, labels)) await recheckByLabels(client, row.id);
  if (row.project !== project) await markApplicationsDue(client, row.id, 'cluster project changed');
  if (isScope) await markApplicationsDue(client, row.id, 'cluster scope changed');
  if (isMoved || isTrust || credentials !== undefined) await probeNow(client, row.id);
  await announce(client, 'fleet', [row.id]);
  return 'configured';
}

/** Forgets the pause after failures and looks at once: whoever changed the connection wants to know. */
export async function probeNow(client: PoolClient, id: string): Promise<void> {
  await client.query(
    `UPDATE cluster_status SET next_probe_at = now(), failures = 0, retry_at = NULL WHERE cluster_id = $1`,
    [id],
  );
  await enqueue(client, 'probe', [id]);
}

/** The row under a lock, so that two writers do not build on the same old one. */
export async function lockCluster(
  client: PoolClient,
  by: { readonly name: string } | { readonly id: string },
): Promise<ClusterRow | undefined> {
  const [column, value] = 'name' in by ? ['name', by.name] : ['id', by.id];
  const { rows } = await client.query<ClusterRow>(`${CLUSTER_SELECT} WHERE c.${column} = $1 FOR UPDATE OF c`, [value]);
  return rows[0];
}

export function taken(registration: Pick<ClusterRegistration, 'name' | 'server'>): AppError {
  return new AppError(
    'Conflict',
    `A cluster named ${registration.name}, or with the address ${registration.server}, is registered already.`,
    {
      details: { name: registration.name, server: registration.server },
    },
  );
}
