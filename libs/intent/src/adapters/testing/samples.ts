// For specs: declared objects with the fewest words.
import type { Application, ApplicationSet, ApplicationSetSpec, ApplicationSpec, AppProject } from '../../types.js';
import type { ClusterId } from '@wheelwright/kernel';
import type { Pool } from 'pg';

export const REPO = 'https://git.example.com/fleet.git';

const META = { namespace: 'argocd', labels: {}, annotations: {} };

/** An Application on the spoke of this name. */
export function sampleApplication(name: string, cluster: string, spec: Partial<ApplicationSpec> = {}): Application {
  return {
    metadata: { ...META, name, finalizers: ['resources-finalizer.argocd.argoproj.io'] },
    spec: {
      project: 'default',
      source: { repoURL: REPO, path: name, targetRevision: 'main' },
      destination: { server: serverOf(cluster), namespace: 'web' },
      ...spec,
    },
  };
}

/** A set that yields one Application for each spoke. */
export function sampleSet(name: string, spec: Partial<ApplicationSetSpec> = {}): ApplicationSet {
  return {
    metadata: { ...META, name, finalizers: [] },
    spec: {
      goTemplate: false,
      generators: [{ clusters: { selector: { matchLabels: { env: 'prod' } } } }],
      template: {
        metadata: { name: `${name}-{{name}}` },
        spec: {
          project: 'default',
          source: { repoURL: REPO, path: 'web/{{metadata.labels.region}}', targetRevision: 'main' },
          destination: { server: '{{server}}', namespace: 'web' },
        },
      },
      ...spec,
    },
  };
}

export function sampleProject(name: string, description = ''): AppProject {
  return { metadata: { ...META, name, finalizers: [] }, spec: { description, sourceRepos: ['*'] } };
}

/** Registers spokes by name, connected, with labels; answers their ids by name. */
export async function insertClusters(
  pool: Pool,
  clusters: Readonly<Record<string, Readonly<Record<string, string>>>>,
): Promise<ReadonlyMap<string, ClusterId>> {
  const rows = Object.entries(clusters).map(([name, labels]) => ({ name, server: serverOf(name), labels }));
  const inserted = await pool.query<{ name: string; id: ClusterId }>(
    `WITH added AS (
       INSERT INTO clusters (name, server, labels) SELECT * FROM jsonb_to_recordset($1::jsonb) AS c (name text, server text, labels jsonb)
       RETURNING id, name
     ), states AS (INSERT INTO cluster_status (cluster_id, state) SELECT id, 'Connected' FROM added)
     SELECT id, name FROM added`,
    [JSON.stringify(rows)],
  );
  return new Map(inserted.rows.map(({ name, id }) => [name, id]));
}

/** Empties every table of intent, for the next test of a file. */
export async function truncateAll(pool: Pool): Promise<void> {
  await pool.query(
    `TRUNCATE clusters, applications, application_sets, projects, repositories, application_rollups, outbox, held_deletions CASCADE`,
  );
}

function serverOf(cluster: string): string {
  return `https://${cluster}.example.com:6443`;
}
