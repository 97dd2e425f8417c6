// What is in the way of a sync that a person asks for: told at once, where somebody reads it. The worker asks again before it writes.
import type { AppProjectSpec } from '@wheelwright/intent';
import { readFreeze } from '@wheelwright/intent/adapters';
import { AppError, type ApplicationId } from '@wheelwright/kernel';
import { windowVerdict } from '@wheelwright/policy';
import type { PoolClient } from 'pg';

/** An Application, its spoke and its project, as sync windows see them. */
interface WindowRow {
  readonly name: string;
  readonly namespace: string;
  readonly cluster: string;
  readonly server: string;
  readonly project: string;
  readonly projectNamespace: string;
  readonly spec: AppProjectSpec;
}

/** Throws Conflict while the fleet is frozen, the Application is paused, or a sync window of the project forbids syncs by hand. */
export async function assertMayMove(client: PoolClient, id: ApplicationId, nowMs: number): Promise<void> {
  const freeze = await readFreeze(client);
  if (freeze !== undefined) {
    const message = `the fleet is frozen by ${freeze.frozenBy}: ${freeze.reason} (unfreezeFleet ends it)`;
    throw new AppError('Conflict', message);
  }
  await assertNotPaused(client, id);
  const { rows } = await client.query<WindowRow>(
    `SELECT a.name, coalesce(a.spec->'destination'->>'namespace', '') AS namespace, c.name AS cluster, c.server,
       p.name AS project, p.namespace AS "projectNamespace", p.spec
     FROM applications a JOIN clusters c ON c.id = a.cluster_id JOIN projects p ON p.name = a.project WHERE a.id = $1`,
    [id],
  );
  const [row] = rows;
  if (row === undefined) return;
  const metadata = { name: row.project, namespace: row.projectNamespace, labels: {}, annotations: {}, finalizers: [] };
  const verdict = windowVerdict(
    { metadata, spec: row.spec },
    { application: row.name, namespace: row.namespace, cluster: row.cluster, server: row.server },
    { nowMs, manual: true },
  );
  if (!verdict.allowed) throw new AppError('Conflict', verdict.reason);
}

async function assertNotPaused(client: PoolClient, id: ApplicationId): Promise<void> {
  const { rows } = await client.query<{ reason: string; paused_by: string }>(
    'SELECT reason, paused_by FROM application_pauses WHERE application_id = $1',
    [id],
  );
  const [pause] = rows;
  if (pause !== undefined)
    throw new AppError('Conflict', `it is paused by ${pause.paused_by}: ${pause.reason} (resumeApplication ends it)`);
}
