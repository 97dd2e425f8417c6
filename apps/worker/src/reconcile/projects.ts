import type { AppProject, AppProjectSpec } from '@wheelwright/intent';
import type { Store } from '@wheelwright/platform-store';
import type { DueApplication } from './load.js';

interface ProjectRow {
  name: string;
  namespace: string;
  labels: Record<string, string>;
  annotations: Record<string, string>;
  spec: AppProjectSpec;
}

/** The projects of some Applications, and the names of all Applications that their inventories could be confused with. */
export async function loadProjects(
  store: Store,
  due: readonly DueApplication[],
): Promise<{ readonly projects: ReadonlyMap<string, AppProject>; readonly names: ReadonlySet<string> }> {
  const wanted = [...new Set(due.map(({ application }) => application.spec.project))];
  const { rows } = await store.pool.query<ProjectRow>(
    `SELECT name, namespace, labels, annotations, spec FROM projects WHERE name = ANY ($1::text[])`,
    [wanted],
  );
  const projects = new Map(
    rows.map(({ spec, ...metadata }): [string, AppProject] => [
      metadata.name,
      { metadata: { ...metadata, finalizers: [] }, spec },
    ]),
  );
  const names = await store.pool.query<{ name: string }>(
    `SELECT a.name FROM applications a WHERE a.cluster_id IN (SELECT cluster_id FROM applications WHERE id = ANY ($1::uuid[]))`,
    [due.map(({ id }) => id)],
  );
  return { projects, names: new Set(names.rows.map((row) => row.name)) };
}
