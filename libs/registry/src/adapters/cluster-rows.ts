// Rows of clusters as they are read, and the views made of them.
import { ClusterId } from '@wheelwright/kernel';
import type { ClusterCredentials, ClusterDetail, ClusterState, ClusterView } from '../types.js';

/** A row of {@link CLUSTER_SELECT}: everything but the secrets. */
export interface ClusterRow {
  readonly id: string;
  readonly name: string;
  readonly server: string;
  readonly labels: Record<string, string>;
  readonly annotations: Record<string, string>;
  readonly project: string;
  readonly namespaces: string[];
  readonly cluster_resources: boolean;
  readonly tls_ca_data: string | null;
  readonly tls_server_name: string | null;
  readonly tls_insecure: boolean;
  readonly paused: boolean;
  readonly is_hub: boolean;
  readonly deletion_requested_at: Date | null;
  readonly created_at: Date;
  readonly state: ClusterState;
  readonly reason: string;
  readonly message: string;
  readonly since: Date;
  readonly kubernetes_version: string;
  readonly observed_at: Date | null;
  readonly probed_at: Date | null;
  readonly failures: number;
  readonly credential_kind: ClusterCredentials['kind'] | null;
}

export const CLUSTER_SELECT = `
  SELECT c.id, c.name, c.server, c.labels, c.annotations, c.project, c.namespaces, c.cluster_resources, c.tls_ca_data, c.tls_server_name,
         c.tls_insecure, c.paused, c.is_hub, c.deletion_requested_at, c.created_at, coalesce(s.state, 'Pending') AS state, coalesce(s.reason, '') AS reason,
         coalesce(s.message, '') AS message, coalesce(s.since, c.created_at) AS since, coalesce(s.kubernetes_version, '') AS kubernetes_version,
         s.observed_at, s.probed_at, coalesce(s.failures, 0) AS failures, k.kind AS credential_kind
  FROM clusters c LEFT JOIN cluster_status s ON s.cluster_id = c.id LEFT JOIN cluster_credentials k ON k.cluster_id = c.id`;

export function viewOf(
  row: Pick<ClusterRow, 'id' | 'name' | 'server' | 'labels' | 'annotations' | 'project' | 'namespaces' | 'state'>,
): ClusterView {
  const { id, name, server, labels, annotations, project, namespaces, state } = row;
  return { id: ClusterId(id), name, server, labels, annotations, project, namespaces, state };
}

export function detailOf(row: ClusterRow): ClusterDetail {
  return {
    ...viewOf(row),
    reason: row.reason,
    message: row.message,
    since: row.since.toISOString(),
    kubernetesVersion: row.kubernetes_version,
    observedAt: row.observed_at?.toISOString() ?? null,
    probedAt: row.probed_at?.toISOString() ?? null,
    paused: row.paused,
    isHub: row.is_hub,
    clusterResources: row.cluster_resources,
    tls: { serverName: row.tls_server_name, insecure: row.tls_insecure },
    credentials: row.credential_kind,
    deletionRequestedAt: row.deletion_requested_at?.toISOString() ?? null,
    createdAt: row.created_at.toISOString(),
  };
}
