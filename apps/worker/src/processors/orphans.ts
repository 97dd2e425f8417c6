import type { AppProject, AppProjectSpec } from '@wheelwright/intent';
import {
  done,
  formatResourceKey,
  toAppError,
  type ClusterId,
  type Outcome,
  type ResourceKey,
} from '@wheelwright/kernel';
import type { SpokeClient } from '@wheelwright/platform-kube';
import { dueUpsert, enqueue, type PoolClient, type Store } from '@wheelwright/platform-store';
import type { Metrics } from '@wheelwright/platform-telemetry';
import { orphanTest } from '@wheelwright/policy';
import { searchNamespaces, type Search } from './search-namespaces.js';

export interface OrphanParts {
  readonly store: Store;
  readonly connect: (clusterId: ClusterId) => Promise<SpokeClient>;
  readonly metrics: Metrics;
}

export interface OrphanOptions {
  /** Between two searches of a spoke. */
  readonly intervalMs: number;
}

/** A search that takes longer ends incomplete. Shorter than the deadline of a job, so that there is time to write down what it found. */
const SEARCH_MS = 90_000;
/** Of one project on one spoke no more are kept: a spoke does not decide how large the table is. */
const MAX_KEPT = 5_000;

/** No project has the spoke searched, or none in a namespace that it is registered for: what was found is not theirs any more. */
const NOWHERE: Search = { strays: [], forbidden: [], listed: 0, failure: undefined };

const NO_METADATA = { labels: {}, annotations: {}, finalizers: [] };

/** A project that has namespaces of a spoke searched. */
interface SearchingProject {
  readonly project: string;
  readonly namespaces: ReadonlySet<string>;
  readonly isOrphan: ReturnType<typeof orphanTest>;
}

/** An object that is an orphan in the eyes of a project. */
interface Orphan extends ResourceKey {
  readonly project: string;
}

/**
 * Searches one spoke for objects that no Application manages, in the destination namespaces of the Applications whose projects ask for it. What is
 * found replaces what was found before, and only what differs is written; an incomplete search removes nothing. It needs no lease: it writes
 * to no spoke, and the queue runs a key once at a time.
 */
export class OrphanProcessor {
  constructor(
    private readonly parts: OrphanParts,
    private readonly options: OrphanOptions,
  ) {}

  async run(clusterId: ClusterId, signal: AbortSignal): Promise<Outcome> {
    const { projects, atText } = await this.load(clusterId);
    try {
      const search = projects.length === 0 ? NOWHERE : await this.search(clusterId, projects, signal);
      // The process ends: the spoke is still due, and the next tick finds it.
      if (signal.aborted) return done;
      await this.parts.store.tx(async (tx) => {
        const kept = await this.kept(tx, clusterId, search);
        await replace(
          tx,
          clusterId,
          projects.flatMap((project) => orphansOf(project, kept, search)),
        );
        await this.searched(tx, clusterId, atText);
      });
      return search.failure === undefined ? done : { kind: 'stalled', error: search.failure };
    } catch (error) {
      if (signal.aborted) return done;
      await this.parts.store.tx((tx) => this.searched(tx, clusterId, atText));
      return { kind: 'stalled', error: toAppError(error, 'ObserveFailed', 'the search for orphans failed') };
    }
  }

  /** Forgets orphans of projects that do not ask for the search any more, or that have no Application left on the spoke. */
  async forget(): Promise<void> {
    await this.parts.store.tx(async (tx) => {
      const { rows } = await tx.query<{ cluster_id: ClusterId }>(FORGET);
      await wake(tx, rows);
    });
  }

  private async search(
    clusterId: ClusterId,
    projects: readonly SearchingProject[],
    signal: AbortSignal,
  ): Promise<Search> {
    const namespaces = [...new Set(projects.flatMap((one) => [...one.namespaces]))].sort();
    const client = await this.parts.connect(clusterId);
    const ending = AbortSignal.any([signal, AbortSignal.timeout(SEARCH_MS)]);
    const search = await searchNamespaces(client, namespaces, ending);
    const counter = this.parts.metrics.counter(
      'orphan_lists_total',
      'Lists of one kind in one namespace, read in search of objects that no Application manages, by result.',
      ['result'],
    );
    counter.add({ result: 'listed' }, search.listed);
    counter.add({ result: 'forbidden' }, search.forbidden.length);
    return search;
  }

  /** The projects that have the spoke searched, where in it, and the time of the database before anything was read. */
  private async load(
    clusterId: ClusterId,
  ): Promise<{ readonly projects: readonly SearchingProject[]; readonly atText: string | undefined }> {
    const { rows } = await this.parts.store.pool.query<{
      name: string;
      namespace: string;
      spec: AppProjectSpec;
      namespaces: string[];
      at: string;
    }>(SEARCHING, [clusterId]);
    const projects = rows.map(({ spec, namespaces, ...place }) => {
      const project: AppProject = { metadata: { ...NO_METADATA, name: place.name, namespace: place.namespace }, spec };
      return { project: place.name, namespaces: new Set(namespaces), isOrphan: orphanTest(project) };
    });
    return { projects, atText: rows[0]?.at };
  }

  /** What was found before and stays although it was not found now: its list was not read, or the search is not complete. */
  private async kept(tx: PoolClient, clusterId: ClusterId, search: Search): Promise<readonly Orphan[]> {
    if (search.failure === undefined && search.forbidden.length === 0) return [];
    const { rows } = await tx.query<Orphan>(
      `SELECT project, api_group AS "group", kind, namespace, name FROM orphaned_resources WHERE cluster_id = $1`,
      [clusterId],
    );
    const unread = new Set(search.forbidden.map(listName));
    return rows.filter((row) => search.failure !== undefined || unread.has(listName(row)));
  }

  private async searched(tx: PoolClient, clusterId: ClusterId, atText: string | undefined): Promise<void> {
    await tx.query(
      `UPDATE cluster_status SET next_orphan_scan_at = coalesce($2::timestamptz, now()) + $3 * interval '1 millisecond' WHERE cluster_id = $1`,
      [clusterId, atText, this.options.intervalMs],
    );
  }
}

/** What stays comes first, so that an incomplete search pushes nothing of it past the limit. */
function orphansOf(
  { project, namespaces, isOrphan }: SearchingProject,
  kept: readonly Orphan[],
  search: Search,
): readonly Orphan[] {
  const found = [...kept.filter((row) => row.project === project), ...search.strays]
    // Whoever has owners was left out when the spoke was read.
    .filter((key) => namespaces.has(key.namespace) && isOrphan({ ...key, owners: 0 }))
    .map((key): [string, Orphan] => [formatResourceKey(key), { ...key, project }]);
  return [...new Map(found).values()].slice(0, MAX_KEPT);
}

function listName({ group, kind, namespace }: Pick<ResourceKey, 'group' | 'kind' | 'namespace'>): string {
  return `${group}/${kind}/${namespace}`;
}

/** Brings the rows of a spoke into line with what was found, and marks the Applications of namespaces whose count moved. */
async function replace(tx: PoolClient, clusterId: ClusterId, found: readonly Orphan[]): Promise<void> {
  const { rows } = await tx.query<{ cluster_id: ClusterId }>(REPLACE, [clusterId, JSON.stringify(found)]);
  await wake(tx, rows);
}

async function wake(tx: PoolClient, due: readonly { readonly cluster_id: ClusterId }[]): Promise<void> {
  await enqueue(tx, 'deploy', [...new Set(due.map((row) => row.cluster_id))]);
}

/** The hub itself has no objects but declared ones; a spoke that is registered for some namespaces is searched in no other. */
const SEARCHING = `
  SELECT p.name, p.namespace, p.spec, now()::text AS at, array_agg(DISTINCT a.spec->'destination'->>'namespace') AS namespaces
  FROM clusters c JOIN applications a ON a.cluster_id = c.id JOIN projects p ON p.name = a.project
  WHERE c.id = $1 AND NOT c.is_hub AND jsonb_typeof(p.spec->'orphanedResources') = 'object'
    AND coalesce(a.spec->'destination'->>'namespace', '') <> ''
    AND (c.namespaces = '{}' OR a.spec->'destination'->>'namespace' = ANY (c.namespaces))
  GROUP BY p.id ORDER BY p.name`;

/** Applications in the namespaces of `changed (cluster_id, project, namespace)`. */
const DUE_IN_CHANGED = dueUpsert(`(
  SELECT DISTINCT a.id, a.cluster_id, 'orphaned resources' AS reason FROM changed n
  JOIN applications a ON a.cluster_id = n.cluster_id AND a.project = n.project AND a.spec->'destination'->>'namespace' = n.namespace)`);

/** The inventory is read in the same statement, after the spoke: what became part of an Application meanwhile is no orphan. */
const REPLACE = `
  WITH found AS (
    SELECT DISTINCT f.project, f."group", f.kind, f.namespace, f.name
    FROM jsonb_to_recordset($2::jsonb) AS f (project text, "group" text, kind text, namespace text, name text)
    WHERE NOT EXISTS (
      SELECT 1 FROM resources r
      WHERE r.cluster_id = $1 AND r.api_group = f."group" AND r.kind = f.kind AND r.name = f.name AND r.namespace = f.namespace)
  ), removed AS (
    DELETE FROM orphaned_resources o WHERE o.cluster_id = $1 AND NOT EXISTS (
      SELECT 1 FROM found f
      WHERE f.project = o.project AND f."group" = o.api_group AND f.kind = o.kind AND f.namespace = o.namespace AND f.name = o.name)
    RETURNING o.project, o.namespace
  ), added AS (
    INSERT INTO orphaned_resources (cluster_id, project, api_group, kind, namespace, name)
    SELECT $1, project, "group", kind, namespace, name FROM found ORDER BY 2, 3, 4, 5, 6
    ON CONFLICT DO NOTHING RETURNING project, namespace
  ), changed AS (
    SELECT $1::uuid AS cluster_id, project, namespace
    FROM (SELECT project, namespace, 1 AS step FROM added UNION ALL SELECT project, namespace, -1 FROM removed) AS steps
    GROUP BY project, namespace HAVING sum(step) <> 0
  )
  ${DUE_IN_CHANGED}`;

const FORGET = `
  WITH changed AS (
    DELETE FROM orphaned_resources o USING (
      SELECT DISTINCT cluster_id, project FROM orphaned_resources
    ) AS held
    WHERE o.cluster_id = held.cluster_id AND o.project = held.project AND NOT EXISTS (
      SELECT 1 FROM projects p JOIN applications a ON a.project = p.name
      WHERE p.name = held.project AND a.cluster_id = held.cluster_id AND jsonb_typeof(p.spec->'orphanedResources') = 'object')
    RETURNING o.cluster_id, o.project, o.namespace
  )
  ${DUE_IN_CHANGED}`;
