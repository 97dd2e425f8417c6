// Applications that somebody declared directly in, their rows and what became of each out.
import { AppError, canonicalJson, type JsonValue } from '@wheelwright/kernel';
import { announce } from '@wheelwright/platform-store';
import type { PoolClient } from 'pg';
import type { Application } from '../types.js';
import { applicationRow, type ApplicationRow } from './application-rows.js';
import { ANSWER, FOLLOW_UP, PRESERVED_ANNOTATIONS, UPSERT, type UpsertAnswer } from './application-statement.js';
import type { AppliedObject, ApplyResult } from './apply-objects.js';
import { withMarks } from './tracking-marks.js';

const UPSERT_STANDALONE = `WITH ${UPSERT}, looked_at AS (SELECT id, cluster_id, reason FROM written),
  changed AS (SELECT id FROM written), ${FOLLOW_UP}
  SELECT ${ANSWER},
    coalesce((SELECT jsonb_agg(r.name) FROM resolved r WHERE r.cluster_id IS NULL), '[]') AS homeless,
    coalesce((SELECT jsonb_agg(DISTINCT r.project) FROM resolved r
      WHERE r.project <> 'default' AND NOT EXISTS (SELECT 1 FROM projects p WHERE p.name = r.project)), '[]') AS unknown_projects`;

interface Answer extends UpsertAnswer {
  readonly homeless: readonly string[];
  readonly unknown_projects: readonly string[];
}

interface OwnedRow {
  readonly name: string;
  readonly set_name: string;
  readonly spec: JsonValue;
  readonly finalizers: readonly string[];
  readonly labels: JsonValue;
  readonly annotations: JsonValue;
}

const IN_CLUSTER_SERVER = 'https://kubernetes.default.svc';
const IN_CLUSTER_NAME = 'in-cluster';

/**
 * Writes standalone Applications with one statement. One that a set owns may get other labels and annotations, and nothing else: Conflict.
 * One that is still being deleted: Conflict. An address of a repository that cannot be used: InvalidDocument.
 */
export async function applyApplications(
  client: PoolClient,
  applications: readonly Application[],
): Promise<ReadonlyMap<string, AppliedObject>> {
  if (applications.length === 0) return new Map();
  const rows = (await withMarks(client, 'applications', applications)).map(applicationRow);
  const relabelled = await relabelOwned(client, rows);
  const standalone = rows.filter(({ name }) => !relabelled.has(name));
  const answered = await client.query<Answer>(UPSERT_STANDALONE, [
    JSON.stringify(standalone),
    null,
    PRESERVED_ANNOTATIONS,
    [],
    true,
    true,
  ]);
  const [answer] = answered.rows;
  if (answer === undefined) throw new Error('the statement answered no row');
  const [refused] = answer.refused;
  if (refused !== undefined) {
    throw new AppError('Conflict', `Application ${refused.name} cannot be applied: ${refused.reason}`);
  }
  const results = new Map<string, AppliedObject>();
  for (const row of rows) {
    const result = relabelled.get(row.name) ?? resultOf(row.name, answer);
    const warnings = warningsOf(row, answer);
    results.set(row.name, { kind: 'Application', name: row.name, namespace: row.namespace, result, warnings });
  }
  return results;
}

function resultOf(name: string, { created, updated }: UpsertAnswer): ApplyResult {
  if (created.includes(name)) return 'created';
  return updated.includes(name) ? 'configured' : 'unchanged';
}

function warningsOf(row: ApplicationRow, { homeless, unknown_projects: unknown }: Answer): readonly string[] {
  const itself = row.server === IN_CLUSTER_SERVER || row.cluster_name === IN_CLUSTER_NAME;
  const warnings: string[] = [];
  if (homeless.includes(row.name) && !itself) {
    const destination = row.server === null ? `named ${row.cluster_name ?? ''}` : `with the address ${row.server}`;
    warnings.push(`no cluster ${destination} is registered yet: nothing is deployed until it is`);
  }
  if (unknown.includes(row.project))
    warnings.push(`there is no project ${row.project} yet: nothing is deployed until it is applied`);
  return warnings;
}

/** Applications of sets among the rows: only their labels and annotations may differ, and those are written here. */
async function relabelOwned(
  client: PoolClient,
  rows: readonly ApplicationRow[],
): Promise<ReadonlyMap<string, ApplyResult>> {
  const byName = new Map(rows.map((row) => [row.name, row]));
  const owned = await client.query<OwnedRow>(
    `SELECT a.name, s.name AS set_name, a.spec, a.finalizers, a.labels, a.annotations
     FROM applications a JOIN application_sets s ON s.id = a.set_id WHERE a.name = ANY ($1::text[])`,
    [[...byName.keys()]],
  );
  const results = new Map<string, ApplyResult>();
  for (const current of owned.rows) {
    const row = byName.get(current.name);
    if (row === undefined) continue;
    if (!sameAs(current.spec, row.spec) || (row.finalizers.length > 0 && !sameAs(current.finalizers, row.finalizers))) {
      const message = `Application ${current.name} belongs to the set ${current.set_name}: change the set, or delete it with cascade=orphan first`;
      throw new AppError('Conflict', message, { details: { application: current.name, set: current.set_name } });
    }
    const same = sameAs(current.labels, row.labels) && sameAs(current.annotations, row.annotations);
    if (!same) await relabel(client, row);
    results.set(current.name, same ? 'unchanged' : 'configured');
  }
  return results;
}

async function relabel(client: PoolClient, row: ApplicationRow): Promise<void> {
  const { rows } = await client.query<{ id: string }>(
    `UPDATE applications SET labels = $2, annotations = $3, generation = generation + 1, updated_at = now() WHERE name = $1 RETURNING id`,
    [row.name, JSON.stringify(row.labels), JSON.stringify(row.annotations)],
  );
  await announce(
    client,
    'applications',
    rows.map(({ id }) => id),
  );
}

function sameAs(a: JsonValue, b: JsonValue): boolean {
  return canonicalJson(a) === canonicalJson(b);
}
