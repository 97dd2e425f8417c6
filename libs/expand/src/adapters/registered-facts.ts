// Questions about spokes and projects in, their answers from Postgres out. Each reads the rows that it names, over an index, and no others.
import type { LabelSelector } from '@wheelwright/kernel';
import { SECRET_TYPE_LABEL, type ClusterView } from '@wheelwright/registry';
import type {
  ClustersAnswer,
  ClustersRequest,
  DecisionsAnswer,
  FactAnswer,
  FactRequest,
  RegisteredAnswer,
  RegisteredRequest,
} from '../facts.js';
import { clusterMatches } from '../generate-clusters.js';
import type { Queryable } from './queryable.js';

/** Requests whose answers stand in Postgres, so that they can be asked again under the lock of a set. */
export type RegisteredFactRequest = ClustersRequest | RegisteredRequest;

/** Whether Postgres answers it. */
export function isRegisteredFact(request: FactRequest): request is RegisteredFactRequest {
  return request.kind === 'clusters' || request.kind === 'registered';
}

/** Answers one request. */
export function registeredFact(db: Queryable, request: RegisteredFactRequest): Promise<FactAnswer> {
  return request.kind === 'clusters' ? clustersFact(db, request) : registeredAnswer(db, request);
}

/** Generators do not see a spoke that is being deleted, nor the hub before somebody declared something of it: an empty selector implies that. */
const IS_SEEN = `c.deletion_requested_at IS NULL
  AND (NOT c.is_hub OR c.labels <> '{}' OR c.annotations <> '{}' OR c.project <> '' OR c.name <> 'in-cluster')`;

const VIEW = `SELECT c.id, c.name, c.server, c.labels, c.annotations, c.project, c.namespaces, coalesce(s.state, 'Pending') AS state
  FROM clusters c LEFT JOIN cluster_status s ON s.cluster_id = c.id WHERE ${IS_SEEN}`;

/** How many spokes there are matters only to say that none of them matched. */
async function clustersFact(db: Queryable, { selector }: ClustersRequest): Promise<ClustersAnswer> {
  const required = requiredLabels(selector);
  const conditions = required.map((choices, index) => {
    const parameters = choices.map(
      (_, choice) => `c.labels @> $${String(offsetOf(required, index) + choice + 1)}::jsonb`,
    );
    return `(${parameters.join(' OR ')})`;
  });
  const { rows } = await db.query<ClusterView>(
    `${[VIEW, ...conditions].join(' AND ')} ORDER BY c.name COLLATE "C"`,
    required.flat().map((labels) => JSON.stringify(labels)),
  );
  const clusters = rows.filter((cluster) => clusterMatches(selector, cluster));
  return { clusters, total: clusters.length > 0 ? clusters.length : await countClusters(db) };
}

/** More alternatives than this are left to the check afterwards. */
const MAX_CHOICES = 50;

/** Labels that the row of a match must contain: of each list at least one. What cannot be asked of the index (absence, existence) is checked afterwards. */
function requiredLabels(selector: LabelSelector): readonly (readonly Readonly<Record<string, string>>[])[] {
  const { [SECRET_TYPE_LABEL]: _implied, ...matchLabels } = selector.matchLabels ?? {};
  const lists = (selector.matchExpressions ?? [])
    .filter(({ key }) => key !== SECRET_TYPE_LABEL)
    .filter(({ operator, values = [] }) => operator === 'In' && values.length > 0 && values.length <= MAX_CHOICES)
    .map(({ key, values = [] }) => values.map((value) => ({ [key]: value })));
  return Object.keys(matchLabels).length > 0 ? [[matchLabels], ...lists] : lists;
}

function offsetOf(lists: readonly (readonly unknown[])[], index: number): number {
  return lists.slice(0, index).reduce((sum, { length }) => sum + length, 0);
}

async function countClusters(db: Queryable): Promise<number> {
  const { rows } = await db.query<{ count: number }>(`SELECT count(*)::int AS count FROM clusters c WHERE ${IS_SEEN}`);
  return rows[0]?.count ?? 0;
}

async function registeredAnswer(db: Queryable, request: RegisteredRequest): Promise<RegisteredAnswer> {
  const { names, servers, projects } = request;
  const { rows } = await db.query<{ kind: keyof RegisteredAnswer; value: string }>(
    `SELECT 'names' AS kind, name AS value FROM clusters WHERE name = ANY ($1::text[]) AND deletion_requested_at IS NULL
     UNION ALL SELECT 'servers', server FROM clusters WHERE server = ANY ($2::text[]) AND deletion_requested_at IS NULL
     UNION ALL SELECT 'projects', name FROM projects WHERE name = ANY ($3::text[])`,
    [names, servers, projects],
  );
  const valuesOf = (kind: keyof RegisteredAnswer): readonly string[] =>
    rows.flatMap((row) => (row.kind === kind ? [row.value] : [])).sort();
  return { names: valuesOf('names'), servers: valuesOf('servers'), projects: valuesOf('projects') };
}

/** A decision with the spokes that it names, as they are registered now. */
export async function withDecidedClusters(db: Queryable, answer: DecisionsAnswer): Promise<DecisionsAnswer> {
  const names = answer.entries.flatMap((entry) => {
    const name = entry[answer.matchKey];
    return typeof name === 'string' ? [name] : [];
  });
  const { rows } = await db.query<ClusterView>(`${VIEW} AND c.name = ANY ($1::text[]) ORDER BY c.name COLLATE "C"`, [
    names,
  ]);
  return { ...answer, clusters: rows };
}
