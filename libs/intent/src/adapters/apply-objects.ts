// Declared objects in, the catalogue brought into line, and what became of each out: all or nothing.
import { AppError } from '@wheelwright/kernel';
import type { PoolClient } from 'pg';
import type { CatalogueObject } from '../types.js';
import { applyApplications } from './apply-applications.js';
import { applyProject } from './apply-projects.js';
import { applySet } from './apply-sets.js';
import { withMarks } from './tracking-marks.js';

export type ApplyResult = 'created' | 'configured' | 'unchanged';

/** What became of one object. Warnings are for its author. */
export interface AppliedObject {
  readonly kind: CatalogueObject['kind'];
  readonly name: string;
  readonly namespace: string;
  readonly result: ApplyResult;
  readonly warnings: readonly string[];
}

export interface ApplyOptions {
  /** Does everything and takes it back: the answer is that of a real apply. */
  readonly dryRun: boolean;
}

/**
 * Applies objects in the caller's transaction, projects first, and answers in the order given. What is equal to what is there is not written.
 * Throws Conflict (an Application of a set, or one that is being deleted), InvalidDocument (an address that cannot be used) or InvalidRequest
 * (one object twice); the caller then rolls back.
 */
export async function applyObjects(
  client: PoolClient,
  objects: readonly CatalogueObject[],
  { dryRun }: ApplyOptions,
): Promise<readonly AppliedObject[]> {
  refuseDuplicates(objects);
  if (!dryRun) return applyAll(client, objects);
  await client.query('SAVEPOINT dry_run');
  const applied = await applyAll(client, objects);
  await client.query('ROLLBACK TO SAVEPOINT dry_run');
  return applied;
}

async function applyAll(client: PoolClient, objects: readonly CatalogueObject[]): Promise<readonly AppliedObject[]> {
  const applied = new Map<string, AppliedObject>();
  // Sorted, so that two applies of the same objects take their row locks in the same order.
  const sorted = [...objects].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  const projects = sorted.flatMap((each) => (each.kind === 'AppProject' ? [each.object] : []));
  for (const project of await withMarks(client, 'projects', projects))
    applied.set(`AppProject/${project.metadata.name}`, await applyProject(client, project));
  const applications = sorted.flatMap((each) => (each.kind === 'Application' ? [each.object] : []));
  for (const [name, result] of await applyApplications(client, applications))
    applied.set(`Application/${name}`, result);
  const sets = sorted.flatMap((each) => (each.kind === 'ApplicationSet' ? [each.object] : []));
  for (const set of await withMarks(client, 'application_sets', sets))
    applied.set(`ApplicationSet/${set.metadata.name}`, await applySet(client, set));
  return objects.flatMap((each) => applied.get(keyOf(each)) ?? []);
}

function keyOf({ kind, object }: CatalogueObject): string {
  return `${kind}/${object.metadata.name}`;
}

function refuseDuplicates(objects: readonly CatalogueObject[]): void {
  const seen = new Set<string>();
  for (const each of objects) {
    const key = keyOf(each);
    if (seen.has(key)) throw new AppError('InvalidRequest', `${key} is declared twice: leave one of them out`);
    seen.add(key);
  }
}
