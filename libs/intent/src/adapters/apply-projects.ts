// Declared projects in, their rows and what became of each out.
import { digestOf, type JsonObject } from '@wheelwright/kernel';
import { expandSoon, markSelectedDue } from '@wheelwright/platform-store';
import type { PoolClient } from 'pg';
import type { AppProject, AppProjectSpec } from '../types.js';
import type { AppliedObject } from './apply-objects.js';

/** Writes a project where it differs; its Applications are looked at again, and sets that missed it are expanded again. */
export async function applyProject(client: PoolClient, project: AppProject): Promise<AppliedObject> {
  const { name, namespace, labels, annotations } = project.metadata;
  const spec = project.spec as AppProjectSpec & JsonObject;
  const { rows } = await client.query<{ created: boolean }>(
    `INSERT INTO projects AS p (name, namespace, labels, annotations, spec, digest) VALUES ($1, $2, $3, $4, $5, $6)
     ON CONFLICT (name) DO UPDATE SET namespace = excluded.namespace, labels = excluded.labels, annotations = excluded.annotations,
       spec = excluded.spec, digest = excluded.digest, updated_at = now()
     WHERE p.digest <> excluded.digest
     RETURNING xmax = 0 AS created`,
    [
      name,
      namespace,
      JSON.stringify(labels),
      JSON.stringify(annotations),
      JSON.stringify(spec),
      digestOf({ namespace, labels, annotations, spec }),
    ],
  );
  const [row] = rows;
  const applied = { kind: 'AppProject', name, namespace, warnings: [] } as const;
  if (row === undefined) return { ...applied, result: 'unchanged' };
  await markSelectedDue(
    client,
    `SELECT id, cluster_id, 'project changed' AS reason FROM applications WHERE project = $1`,
    [name],
  );
  await expandSetsOf(client, name);
  return { ...applied, result: row.created ? 'created' : 'configured' };
}

/** Has those sets expanded again that have Applications in a project, or whose last expansion named it in vain. */
async function expandSetsOf(client: PoolClient, project: string): Promise<void> {
  const { rows } = await client.query<{ id: string }>(
    `SELECT set_id AS id FROM applications WHERE project = $1 AND set_id IS NOT NULL
     UNION SELECT set_id FROM set_dependencies WHERE kind = 'missing-project' AND subject = $1 ORDER BY id`,
    [project],
  );
  await expandSoon(
    client,
    rows.map(({ id }) => id),
  );
}
