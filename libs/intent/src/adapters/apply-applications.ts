// Applications that somebody declared directly in, their rows and what became of each out.
import { AppError } from '@wheelwright/kernel';
import type { PoolClient } from 'pg';
import type { Application } from '../types.js';
import { applicationRow, type ApplicationRow } from './application-rows.js';
import type { UpsertAnswer } from './application-statement.js';
import type { AppliedObject, ApplyResult } from './apply-objects.js';
import { applyOwned } from './apply-owned.js';
import { withMarks } from './tracking-marks.js';
import { writeApplications, type WriteAnswer } from './write-applications.js';

const IN_CLUSTER_SERVER = 'https://kubernetes.default.svc';
const IN_CLUSTER_NAME = 'in-cluster';

/**
 * Writes standalone Applications with one statement. One that a set owns may get other labels and annotations and what the set leaves to others
 * (`ignoreApplicationDifferences`), and nothing else: Conflict.
 * One that is still being deleted: Conflict. An address of a repository that cannot be used: InvalidDocument.
 */
export async function applyApplications(
  client: PoolClient,
  applications: readonly Application[],
): Promise<ReadonlyMap<string, AppliedObject>> {
  if (applications.length === 0) return new Map();
  const rows = (await withMarks(client, 'applications', applications)).map(applicationRow);
  const owned = await applyOwned(client, rows);
  const standalone = rows.filter(({ name }) => !owned.has(name));
  const answer = await writeApplications(client, standalone, null);
  const [refused] = answer.refused;
  if (refused !== undefined) {
    throw new AppError('Conflict', `Application ${refused.name} cannot be applied: ${refused.reason}`);
  }
  const results = new Map<string, AppliedObject>();
  for (const row of rows) {
    const result = owned.get(row.name) ?? resultOf(row.name, answer);
    const warnings = warningsOf(row, answer);
    results.set(row.name, { kind: 'Application', name: row.name, namespace: row.namespace, result, warnings });
  }
  return results;
}

function resultOf(name: string, { created, updated }: UpsertAnswer): ApplyResult {
  if (created.includes(name)) return 'created';
  return updated.includes(name) ? 'configured' : 'unchanged';
}

function warningsOf(row: ApplicationRow, { homeless, unknown_projects: unknown }: WriteAnswer): readonly string[] {
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
