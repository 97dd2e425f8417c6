// Rows for tests, written with plain SQL: each builder needs only what its test is about, and fills in the rest.
import { randomUUID } from 'node:crypto';
import type { ClientBase, Pool } from 'pg';

type Database = Pick<Pool | ClientBase, 'query'>;

export interface ClusterRowInput {
  readonly name: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly project?: string;
  readonly paused?: boolean;
  readonly state?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly kubernetesVersion?: string;
  /** Absent: never observed. */
  readonly observedAt?: Date;
}

/** Inserts a spoke with its status; answers its id. */
export async function insertCluster(database: Database, input: ClusterRowInput): Promise<string> {
  const id = randomUUID();
  await database.query(
    `INSERT INTO clusters (id, name, server, labels, project, paused) VALUES ($1, $2, $3, $4, $5, $6)`,
    [
      id,
      input.name,
      `https://${input.name}.example.com:6443`,
      JSON.stringify(input.labels ?? {}),
      input.project ?? '',
      input.paused ?? false,
    ],
  );
  await database.query(
    `INSERT INTO cluster_status (cluster_id, state, reason, message, kubernetes_version, observed_at) VALUES ($1, $2, $3, $4, $5, $6)`,
    [
      id,
      input.state ?? 'Connected',
      input.reason ?? '',
      input.message ?? '',
      input.kubernetesVersion ?? 'v1.35.4',
      input.observedAt ?? null,
    ],
  );
  return id;
}

export interface ApplicationRowInput {
  readonly name: string;
  readonly project?: string;
  readonly clusterId?: string;
  readonly setId?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly spec?: object;
  readonly sync?: string;
  readonly health?: string;
  readonly revision?: string;
  readonly healthMessage?: string;
  readonly conditions?: readonly object[];
  readonly operation?: object;
  readonly resourceCount?: number;
  readonly deletionRequestedAt?: Date;
}

/** Inserts an Application with its status and detail; answers its id. */
export async function insertApplication(database: Database, input: ApplicationRowInput): Promise<string> {
  const id = randomUUID();
  const project = input.project ?? 'default';
  const spec = input.spec ?? {
    project,
    source: { repoURL: 'https://git.example.com/team/config', path: `apps/${input.name}`, targetRevision: 'main' },
    destination: { name: 'somewhere', namespace: input.name },
  };
  await database.query(
    `INSERT INTO applications (id, name, project, set_id, labels, spec, digest, cluster_id, deletion_requested_at)
     VALUES ($1, $2, $3, $4, $5, $6, '', $7, $8)`,
    [
      id,
      input.name,
      project,
      input.setId ?? null,
      JSON.stringify(input.labels ?? {}),
      JSON.stringify(spec),
      input.clusterId ?? null,
      input.deletionRequestedAt ?? null,
    ],
  );
  await database.query(
    `INSERT INTO application_status (application_id, cluster_id, project, sync, health, revision) VALUES ($1, $2, $3, $4, $5, $6)`,
    [id, input.clusterId ?? null, project, input.sync ?? 'Synced', input.health ?? 'Healthy', input.revision ?? ''],
  );
  await database.query(
    `INSERT INTO application_details (application_id, health_message, conditions, operation, resource_count) VALUES ($1, $2, $3, $4, $5)`,
    [
      id,
      input.healthMessage ?? '',
      JSON.stringify(input.conditions ?? []),
      input.operation === undefined ? null : JSON.stringify(input.operation),
      input.resourceCount ?? 0,
    ],
  );
  return id;
}

export interface SetRowInput {
  readonly name: string;
  readonly project?: string;
  readonly issues?: readonly object[];
  readonly conditions?: readonly object[];
  readonly applicationCount?: number;
}

/** Inserts an ApplicationSet that was expanded; answers its id. */
export async function insertApplicationSet(database: Database, input: SetRowInput): Promise<string> {
  const id = randomUUID();
  const spec = { generators: [], goTemplate: false, template: { spec: { project: input.project ?? 'default' } } };
  await database.query(`INSERT INTO application_sets (id, name, spec, digest) VALUES ($1, $2, $3, '')`, [
    id,
    input.name,
    JSON.stringify(spec),
  ]);
  await database.query(
    `INSERT INTO application_set_status (set_id, observed_generation, conditions, issues, application_count, expanded_at)
     VALUES ($1, 1, $2, $3, $4, now())`,
    [id, JSON.stringify(input.conditions ?? []), JSON.stringify(input.issues ?? []), input.applicationCount ?? 0],
  );
  return id;
}

/** Inserts a project; answers its id. */
export async function insertProject(
  database: Database,
  input: { readonly name: string; readonly spec?: object },
): Promise<string> {
  const id = randomUUID();
  await database.query(`INSERT INTO projects (id, name, spec, digest) VALUES ($1, $2, $3, '')`, [
    id,
    input.name,
    JSON.stringify(input.spec ?? {}),
  ]);
  return id;
}

export interface ResourceRowInput {
  readonly applicationId: string;
  readonly clusterId: string;
  readonly kind: string;
  readonly name: string;
  readonly group?: string;
  readonly namespace?: string;
  readonly sync?: string;
  readonly health?: string;
}

/** Inserts one object of an Application. */
export async function insertResource(database: Database, input: ResourceRowInput): Promise<void> {
  await database.query(
    `INSERT INTO resources (application_id, cluster_id, api_group, version, kind, namespace, name, sync, health)
     VALUES ($1, $2, $3, 'v1', $4, $5, $6, $7, $8)`,
    [
      input.applicationId,
      input.clusterId,
      input.group ?? '',
      input.kind,
      input.namespace ?? '',
      input.name,
      input.sync ?? 'Synced',
      input.health ?? '',
    ],
  );
}

export interface HistoryRowInput {
  readonly applicationId: string;
  readonly revision: string;
  readonly phase?: string;
  readonly changeSet?: object;
}

/** Inserts a finished operation. */
export async function insertHistory(database: Database, input: HistoryRowInput): Promise<void> {
  await database.query(
    `INSERT INTO application_history (application_id, revision, source, phase, initiated_by, automated, started_at, finished_at, change_set)
     VALUES ($1, $2, '{}', $3, 'somebody', true, now() - interval '1 minute', now(), $4)`,
    [input.applicationId, input.revision, input.phase ?? 'Succeeded', JSON.stringify(input.changeSet ?? {})],
  );
}

export interface HeldDeletionRowInput {
  /** Of a set, or of an Application. */
  readonly owner: { readonly setId: string } | { readonly applicationId: string };
  readonly names: readonly string[];
}

/** Inserts a deletion that waits for an approval. */
export async function insertHeldDeletion(database: Database, input: HeldDeletionRowInput): Promise<void> {
  const column = 'setId' in input.owner ? 'set_id' : 'application_id';
  const owner = 'setId' in input.owner ? input.owner.setId : input.owner.applicationId;
  await database.query(
    `INSERT INTO held_deletions (${column}, names, digest, total, reason) VALUES ($1, $2, 'digest', $3, 'past the deletion budget')`,
    [owner, JSON.stringify(input.names), input.names.length],
  );
}
