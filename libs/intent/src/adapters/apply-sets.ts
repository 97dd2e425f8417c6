// Declared sets in, their rows, their dependencies and what became of each out.
import { digestOf, type JsonObject } from '@wheelwright/kernel';
import { enqueue, replaceDependencies, type DependencyRow } from '@wheelwright/platform-store';
import type { PoolClient } from 'pg';
import { dependenciesOf } from '../dependencies.js';
import { readIgnoreRules } from '../keep-ignored.js';
import type { ApplicationSet, ApplicationSetSpec } from '../types.js';
import { repositoryUrl } from './application-rows.js';
import type { AppliedObject } from './apply-objects.js';
import { ensureRevisions } from './repositories.js';

/** Writes a set where it differs, with what its expansion depends on, and has it expanded. Throws InvalidDocument for an address that cannot be used. */
export async function applySet(client: PoolClient, set: ApplicationSet): Promise<AppliedObject> {
  const { name, namespace, labels, annotations, finalizers } = set.metadata;
  const spec = set.spec as ApplicationSetSpec & JsonObject;
  const read = readingsOf(set);
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
  const applied = { kind: 'ApplicationSet', name, namespace, warnings: warningsOf(set) } as const;
  if (row === undefined) return { ...applied, result: 'unchanged' };
  await client.query(`INSERT INTO application_set_status (set_id) VALUES ($1) ON CONFLICT DO NOTHING`, [row.id]);
  await indexSet(client, row.id, { set, read });
  await enqueue(client, 'expand', [row.id]);
  return { ...applied, result: row.created ? 'created' : 'configured' };
}

function warningsOf({ spec }: ApplicationSet): readonly string[] {
  return readIgnoreRules(spec.ignoreApplicationDifferences ?? []).problems.map(
    ({ pointer, message }) => `${pointer}: ${message}`,
  );
}

/** What is read of a repository, by its normal address. */
interface Reading {
  readonly url: string;
  readonly revision: string;
  readonly pattern: string;
}

function readingsOf(set: ApplicationSet): readonly Reading[] {
  return dependenciesOf(set).repositories.map(({ repoURL, revision, pattern, pointer }) => ({
    url: repositoryUrl(repoURL, pointer),
    revision,
    pattern,
  }));
}

/** The reverse index of one set as its generators tell it. What its expansions find out besides is added by them. */
async function indexSet(
  client: PoolClient,
  setId: string,
  { set, read }: { readonly set: ApplicationSet; readonly read: readonly Reading[] },
): Promise<void> {
  const { clusters, pullRequests, inputs } = dependenciesOf(set);
  const ids = await ensureRevisions(client, read);
  const rows: readonly DependencyRow[] = [
    ...clusters.map(({ term, selector }) => ({ kind: 'clusters' as const, subject: term, pattern: selector })),
    ...read.map(({ url, ...rest }) => ({ kind: 'repository' as const, subject: ids.get(url) ?? '', ...rest })),
    ...pullRequests.map((subject) => ({ kind: 'pullRequests' as const, subject })),
    ...inputs.map((subject) => ({ kind: 'input' as const, subject })),
  ];
  await replaceDependencies(client, setId, { kinds: ['clusters', 'repository', 'pullRequests', 'input'], rows });
}
