// Declared Applications in, those that their projects do not permit, with the reasons, out. What apply and expand ask before anything is written.
import type { Application, AppProject, AppProjectSpec } from '@wheelwright/intent';
import type { Pool, PoolClient } from 'pg';
import { checkApplication, DEFAULT_PROJECT, type CheckedCluster } from '../check.js';

/** The pool, or a client inside of a transaction: what was written there before counts. */
export type Queryable = Pick<Pool | PoolClient, 'query'>;

/** One Application that must not be written. */
export interface Denial {
  readonly name: string;
  /** Every violation, for its author. */
  readonly message: string;
}

interface ProjectRow {
  readonly name: string;
  readonly namespace: string;
  readonly spec: AppProjectSpec;
}

/**
 * Checks Applications against the projects and spokes as they are declared now: two statements, whatever the number. A project that does not exist
 * denies nothing here, for it may come; nor does a destination that is not registered yet. The worker asks again before it writes.
 */
export async function deniedApplications(
  db: Queryable,
  applications: readonly Application[],
): Promise<readonly Denial[]> {
  if (applications.length === 0) return [];
  const projects = await projectsOf(db, applications);
  const clusters = await clustersOf(db, applications);
  return applications.flatMap((application): readonly Denial[] => {
    const project = projects.get(application.spec.project);
    if (project === undefined) return [];
    const { violations } = checkApplication({ project, application, cluster: clusters.get(placeOf(application)) });
    if (violations.length === 0) return [];
    return [{ name: application.metadata.name, message: violations.map(({ message }) => message).join('; ') }];
  });
}

async function projectsOf(
  db: Queryable,
  applications: readonly Application[],
): Promise<ReadonlyMap<string, AppProject>> {
  const names = [...new Set(applications.map(({ spec }) => spec.project))];
  const { rows } = await db.query<ProjectRow>(
    `SELECT name, namespace, spec FROM projects WHERE name = ANY ($1::text[])`,
    [names],
  );
  const declared = rows.map(({ name, namespace, spec }): [string, AppProject] => [
    name,
    { metadata: { name, namespace, labels: {}, annotations: {}, finalizers: [] }, spec },
  ]);
  return new Map([[DEFAULT_PROJECT.metadata.name, DEFAULT_PROJECT], ...declared]);
}

/** The registered spokes that the destinations name, by {@link placeOf}. */
async function clustersOf(
  db: Queryable,
  applications: readonly Application[],
): Promise<ReadonlyMap<string, CheckedCluster>> {
  const { rows } = await db.query<CheckedCluster>(
    `SELECT name, server, project, labels, namespaces, cluster_resources AS "clusterResources" FROM clusters
     WHERE name = ANY ($1::text[]) OR server = ANY ($2::text[])`,
    [
      [...new Set(applications.map(({ spec }) => spec.destination.name ?? ''))],
      [...new Set(applications.map(({ spec }) => withoutSlashes(spec.destination.server ?? '')))],
    ],
  );
  return new Map(
    rows.flatMap((row): readonly [string, CheckedCluster][] => [
      [`name ${row.name}`, row],
      [`server ${row.server}`, row],
    ]),
  );
}

function placeOf({ spec: { destination } }: Application): string {
  return destination.name === undefined
    ? `server ${withoutSlashes(destination.server ?? '')}`
    : `name ${destination.name}`;
}

function withoutSlashes(server: string): string {
  let end = server.length;
  while (end > 0 && server[end - 1] === '/') end -= 1;
  return server.slice(0, end);
}
