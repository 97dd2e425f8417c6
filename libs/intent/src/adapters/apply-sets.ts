// Declared sets in, their rows, their dependencies and what became of each out.
import { digestOf, type JsonObject } from '@wheelwright/kernel';
import { enqueue } from '@wheelwright/platform-store';
import type { PoolClient } from 'pg';
import { dependenciesOf } from '../dependencies.js';
import type { ApplicationSet, ApplicationSetSpec } from '../types.js';
import { repositoryUrl } from './application-rows.js';
import type { AppliedObject } from './apply-objects.js';
import { ensureRevisions, type WantedRevision } from './repositories.js';

/** Writes a set where it differs, with what its expansion depends on, and has it expanded. Throws InvalidDocument for an address that cannot be used. */
export async function applySet(client: PoolClient, set: ApplicationSet): Promise<AppliedObject> {
  const { name, namespace, labels, annotations, finalizers } = set.metadata;
  const spec = set.spec as ApplicationSetSpec & JsonObject;
  const wanted = revisionsOf(set);
  const { rows } = await client.query<{ id: string; created: boolean }>(
    `INSERT INTO application_sets AS s (name, namespace, labels, annotations, finalizers, spec, digest) VALUES ($1, $2, $3, $4, $5, $6, $7)
     ON CONFLICT (name) DO UPDATE SET namespace = excluded.namespace, labels = excluded.labels, annotations = excluded.annotations,
       finalizers = excluded.finalizers, spec = excluded.spec, digest = excluded.digest, generation = s.generation + 1, updated_at = now()
     WHERE s.digest <> excluded.digest
     RETURNING id, xmax = 0 AS created`,
    [
      name,
      namespace,
      JSON.stringify(labels),
      JSON.stringify(annotations),
      finalizers,
      JSON.stringify(spec),
      digestOf({ namespace, labels, annotations, finalizers, spec }),
    ],
  );
  const [row] = rows;
  const applied = { kind: 'ApplicationSet', name, namespace, warnings: [] } as const;
  if (row === undefined) return { ...applied, result: 'unchanged' };
  await client.query(`INSERT INTO application_set_status (set_id) VALUES ($1) ON CONFLICT DO NOTHING`, [row.id]);
  await replaceDependencies(client, { setId: row.id, clusters: dependenciesOf(set).clusters, wanted });
  await enqueue(client, 'expand', [row.id]);
  return { ...applied, result: row.created ? 'created' : 'configured' };
}

function revisionsOf(set: ApplicationSet): readonly WantedRevision[] {
  return dependenciesOf(set).repositories.map(({ repoURL, revision }) => {
    const index = set.spec.generators.findIndex(({ git }) => git?.repoURL === repoURL);
    return { url: repositoryUrl(repoURL, `/spec/generators/${String(index)}/git/repoURL`), revision };
  });
}

interface Dependencies {
  readonly setId: string;
  readonly clusters: boolean;
  readonly wanted: readonly WantedRevision[];
}

/** The reverse index of one set, rewritten where it differs. */
async function replaceDependencies(client: PoolClient, { setId, clusters, wanted }: Dependencies): Promise<void> {
  const ids = await ensureRevisions(client, wanted);
  const rows = [
    ...(clusters ? [{ kind: 'clusters', subject: '', revision: '' }] : []),
    ...wanted.map(({ url, revision }) => ({ kind: 'repository', subject: ids.get(url) ?? '', revision })),
  ];
  await client.query(
    `WITH wanted AS (SELECT DISTINCT * FROM jsonb_to_recordset($2::jsonb) AS w (kind text, subject text, revision text)
     ), dropped AS (
       DELETE FROM set_dependencies d WHERE d.set_id = $1
         AND NOT EXISTS (SELECT 1 FROM wanted w WHERE (w.kind, w.subject, w.revision) = (d.kind, d.subject, d.revision))
     )
     INSERT INTO set_dependencies (set_id, kind, subject, revision) SELECT $1, kind, subject, revision FROM wanted ON CONFLICT DO NOTHING`,
    [setId, JSON.stringify(rows)],
  );
}
