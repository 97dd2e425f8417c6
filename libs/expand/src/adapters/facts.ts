// What an expansion reads of Postgres.
import type { ApplicationSet, ApplicationSetSpec } from '@wheelwright/intent';
import { digestOf, type ApplicationSetId, type JsonObject } from '@wheelwright/kernel';
import type { ClusterView } from '@wheelwright/registry';
import type { ClientBase, Pool } from 'pg';
import { normaliseServer } from '../destinations.js';
import type { ClustersRequest, FactAnswer, Facts, RegisteredAnswer, RegisteredRequest } from '../facts.js';
import { clusterMatches } from '../generate-clusters.js';

/** The pool, or a client inside of a transaction. */
export type Queryable = Pick<Pool | ClientBase, 'query'>;

/** A set as it is declared now, and what its last expansion left. */
export interface LoadedSet {
  readonly set: ApplicationSet;
  /** Decimal text. */
  readonly generation: string;
  readonly digest: string;
  readonly status: SetStatus;
  /** Whether the time to expand it again has come. */
  readonly isDue: boolean;
}

/** One row of `application_set_status`. */
export interface SetStatus {
  readonly observedGeneration: string;
  readonly conditions: readonly SetCondition[];
  readonly inputDigest: string;
}

/** A condition of a set, in the terms of `compatibility.md` 2.1. */
export interface SetCondition {
  readonly type: 'ErrorOccurred' | 'ParametersGenerated' | 'ResourcesUpToDate';
  readonly status: 'True' | 'False';
  readonly reason: string;
  readonly message: string;
  /** ISO time since when it has been so. */
  readonly since: string;
}

interface SetRow {
  readonly name: string;
  readonly namespace: string;
  readonly labels: Record<string, string>;
  readonly annotations: Record<string, string>;
  readonly finalizers: string[];
  readonly spec: ApplicationSetSpec;
  readonly digest: string;
  readonly generation: string;
  readonly observed_generation: string;
  readonly conditions: SetCondition[];
  readonly input_digest: string;
  readonly is_due: boolean;
}

/** Reads a set, and with `lock` keeps others from changing or expanding it until the transaction ends; `undefined` where it is gone. */
export async function loadSet(
  db: Queryable,
  id: ApplicationSetId,
  lock: 'lock' | 'read',
): Promise<LoadedSet | undefined> {
  const { rows } = await db.query<SetRow>(
    `SELECT s.name, s.namespace, s.labels, s.annotations, s.finalizers, s.spec, s.digest, s.generation::text,
       coalesce(t.observed_generation, 0)::text AS observed_generation, coalesce(t.conditions, '[]') AS conditions,
       coalesce(t.input_digest, '') AS input_digest, coalesce(t.next_expand_at <= now(), false) AS is_due
     FROM application_sets s LEFT JOIN application_set_status t ON t.set_id = s.id
     WHERE s.id = $1 ${lock === 'lock' ? 'FOR UPDATE OF s' : ''}`,
    [id],
  );
  const [row] = rows;
  if (row === undefined) return undefined;
  const {
    spec,
    digest,
    generation,
    observed_generation: observedGeneration,
    conditions,
    input_digest: inputDigest,
  } = row;
  const { name, namespace, labels, annotations, finalizers } = row;
  return {
    set: { metadata: { name, namespace, labels, annotations, finalizers }, spec },
    generation,
    digest,
    status: { observedGeneration, conditions, inputDigest },
    isDue: row.is_due,
  };
}

/** The registered spokes and the declared projects, in order of name. */
export interface RegisteredFacts {
  readonly clusters: readonly ClusterView[];
  readonly projects: readonly string[];
}

/** Reads them. */
export async function loadRegistered(db: Queryable): Promise<RegisteredFacts> {
  const clusters = await db.query<ClusterView>(
    `SELECT c.id, c.name, c.server, c.labels, c.annotations, c.project, c.namespaces, coalesce(s.state, 'Pending') AS state
     FROM clusters c LEFT JOIN cluster_status s ON s.cluster_id = c.id
     -- The hub counts as registered once somebody declared something of it; before, an empty selector implies it as it is.
     WHERE NOT c.is_hub OR c.labels <> '{}' OR c.annotations <> '{}' OR c.project <> '' OR c.name <> 'in-cluster' ORDER BY c.name`,
  );
  const projects = await db.query<{ name: string }>(`SELECT name FROM projects ORDER BY name`);
  return { clusters: clusters.rows, projects: projects.rows.map(({ name }) => name) };
}

/** Answers what Postgres knows. */
export function answerRegistered(
  request: ClustersRequest | RegisteredRequest,
  { clusters, projects }: RegisteredFacts,
): FactAnswer {
  if (request.kind === 'clusters') {
    return { clusters: clusters.filter((each) => clusterMatches(request.selector, each)), total: clusters.length };
  }
  const [names, servers] = [new Set(request.names), new Set(request.servers)];
  const wanted = new Set(request.projects);
  const answer: RegisteredAnswer = {
    names: clusters.map(({ name }) => name).filter((name) => names.has(name)),
    servers: clusters.map(({ server }) => normaliseServer(server)).filter((server) => servers.has(server)),
    projects: projects.filter((name) => wanted.has(name)),
  };
  return answer;
}

/** Raise it when an expansion of the same inputs comes to something else than before. */
const VERSION = 2;

/**
 * Digest of everything that the expansion of this set depended on: equal digests, equal expansions. Of a spoke it holds what templates and
 * selectors can read, and of a repository its directories, not its commit.
 */
export function inputDigest(loaded: LoadedSet, facts: Facts): string {
  const answers = [...facts].map(([key, answer]) => [key, digestible(answer)] as const);
  return digestOf({ version: VERSION, set: loaded.digest, answers: Object.fromEntries(answers) });
}

function digestible(answer: FactAnswer): JsonObject {
  const { commit: _commit, ...rest } = answer as FactAnswer & { readonly commit?: string };
  if (!('clusters' in rest)) return rest as FactAnswer & JsonObject;
  const clusters = rest.clusters.map(({ name, server, labels, annotations, project }) => ({
    name,
    server,
    labels,
    annotations,
    project,
  }));
  return { ...(rest as typeof rest & JsonObject), clusters };
}
