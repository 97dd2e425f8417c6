// The complete result of an expansion in, the rows of its set brought into line with one statement.
import { DELETION_BUDGET, type ApplicationSetId } from '@wheelwright/kernel';
import type { PoolClient } from 'pg';
import type { Application, ApplicationsSyncPolicy } from '../types.js';
import { applicationRow } from './application-rows.js';
import { ANSWER, FOLLOW_UP, PRESERVED_ANNOTATIONS, UPSERT, type UpsertAnswer } from './application-statement.js';

/** What a set consists of from now on. */
export interface SetChange {
  readonly setId: ApplicationSetId;
  /** The valid ones, each name once. */
  readonly applications: readonly Application[];
  /** Names of all that were generated, invalid ones too: what has one of these names is never removed. */
  readonly generatedNames: readonly string[];
  readonly policy: ApplicationsSyncPolicy;
  /** Names of annotations and labels that the set leaves as somebody else wrote them. */
  readonly preserved: { readonly annotations: readonly string[]; readonly labels: readonly string[] };
}

/** What it came to. Lists are sorted by name. */
export interface SetChangeResult {
  readonly created: readonly string[];
  readonly updated: readonly string[];
  readonly unchanged: number;
  /** Deleted, or marked for deletion, now. */
  readonly removed: readonly string[];
  /** Past the deletion budget: still there, waiting for an approval. */
  readonly held: { readonly names: readonly string[]; readonly total: number; readonly reason: string } | null;
  /** Not written: the name belongs to somebody else, or to an Application that is still being deleted. */
  readonly refused: readonly { readonly name: string; readonly reason: string }[];
}

interface Answer extends UpsertAnswer {
  readonly removed: readonly string[];
  readonly held: SetChangeResult['held'];
}

/**
 * Removal: of the set's Applications, those that were not generated any more. It happens where the policy lets it, and where the deletion
 * budget does or somebody approved exactly these names; otherwise it is held, and nothing at all is removed. One without a spoke and without
 * live objects goes at once, the others are marked for the worker. $7 generated names, $8 may delete, $9 and $10 the budget.
 */
const REPLACE = `WITH ${UPSERT}, mine AS (
    SELECT id, name, cluster_id, finalizers FROM applications WHERE set_id = $2::uuid AND deletion_requested_at IS NULL
  ), leaving AS (
    SELECT m.* FROM mine m WHERE $8::boolean AND NOT EXISTS (SELECT 1 FROM unnest($7::text[]) AS g (name) WHERE g.name = m.name)
  ), counted AS (
    SELECT (SELECT count(*) FROM mine) AS total, count(*) AS removing,
      encode(sha256(convert_to(coalesce(string_agg(name, E'\\n' ORDER BY name COLLATE "C"), ''), 'UTF8')), 'hex') AS digest,
      coalesce(jsonb_agg(name ORDER BY name COLLATE "C"), '[]') AS names
    FROM leaving
  ), verdict AS (
    SELECT c.*, c.removing > 0 AND (
        (NOT (c.total >= 2 AND c.removing >= c.total) AND (c.removing <= $9::int OR c.removing <= c.total * $10::float8))
        OR EXISTS (SELECT 1 FROM held_deletions h WHERE h.set_id = $2::uuid AND h.approved_at IS NOT NULL AND h.digest = c.digest)
      ) AS allowed,
      'The expansion would remove ' || c.removing || ' of ' || c.total || ' Applications. Nothing is removed until approveDeletion names this set.'
        AS reason
    FROM counted c
  ), held AS (
    INSERT INTO held_deletions AS h (set_id, names, digest, total, reason)
    SELECT $2::uuid, names, digest, total, reason FROM verdict WHERE removing > 0 AND NOT allowed
    ON CONFLICT (set_id) DO UPDATE SET names = excluded.names, digest = excluded.digest, total = excluded.total, reason = excluded.reason,
      created_at = now(), approved_at = NULL, approved_by = NULL
    WHERE h.digest <> excluded.digest
  ), released AS (
    DELETE FROM held_deletions h USING verdict v WHERE h.set_id = $2::uuid AND (v.removing = 0 OR v.allowed)
  ), gone AS (
    DELETE FROM applications a USING leaving l, verdict v
    WHERE a.id = l.id AND v.allowed AND l.cluster_id IS NULL AND NOT EXISTS (SELECT 1 FROM resources r WHERE r.application_id = l.id)
    RETURNING a.id, a.name
  ), marked AS (
    UPDATE applications a SET deletion_requested_at = now(),
      deletion_cascade = EXISTS (SELECT 1 FROM unnest(a.finalizers) AS f WHERE f LIKE 'resources-finalizer.argocd.argoproj.io%')
    FROM leaving l, verdict v
    WHERE a.id = l.id AND v.allowed AND (l.cluster_id IS NOT NULL OR EXISTS (SELECT 1 FROM resources r WHERE r.application_id = l.id))
    RETURNING a.id, a.name, a.cluster_id
  ), looked_at AS (
    SELECT id, cluster_id, reason FROM written UNION ALL SELECT id, cluster_id, 'removed from its set' FROM marked
  ), changed AS (
    SELECT id FROM looked_at UNION ALL SELECT id FROM gone
  ), ${FOLLOW_UP}
  SELECT ${ANSWER},
    coalesce((SELECT jsonb_agg(name ORDER BY name COLLATE "C") FROM (SELECT name FROM gone UNION ALL SELECT name FROM marked) AS out), '[]')
      AS removed,
    (SELECT jsonb_build_object('names', names, 'total', total, 'reason', reason) FROM verdict WHERE removing > 0 AND NOT allowed) AS held`;

/**
 * Makes an expansion the truth, in the caller's transaction: inserts, updates and removes Applications of the set as its policy lets it, and
 * writes nothing of what is unchanged. Names that belong to somebody else are refused, not taken. One statement, whatever the number.
 */
export async function replaceSetApplications(client: PoolClient, change: SetChange): Promise<SetChangeResult> {
  const { policy, preserved } = change;
  const { rows } = await client.query<Answer>(REPLACE, [
    JSON.stringify(change.applications.map(applicationRow)),
    change.setId,
    [...PRESERVED_ANNOTATIONS, ...preserved.annotations],
    preserved.labels,
    true,
    policy === 'sync' || policy === 'create-update',
    change.generatedNames,
    policy === 'sync' || policy === 'create-delete',
    DELETION_BUDGET.few,
    DELETION_BUDGET.share,
  ]);
  const [answer] = rows;
  if (answer === undefined) throw new Error('the statement answered no row');
  const { created, updated, removed, held, refused } = answer;
  const unchanged = change.applications.length - created.length - updated.length - refused.length;
  return { created, updated, unchanged, removed, held, refused };
}
