// The statement that brings the Applications of one set into line with its expansion: who claims what, who hands over what, what goes.
import { ANSWER, FOLLOW_UP, UPSERT, type UpsertAnswer } from './application-statement.js';
import { heirsOf } from './set-moves.js';

/** How long a removal waits for sets that were declared and not expanded since: one of them may want what would go. */
const DECLARED_GRACE = `interval '5 minutes'`;
/** How long it waits for sets that are due, because a spoke changed for example, and not expanded yet. */
const DUE_GRACE = `interval '30 seconds'`;

/**
 * A name that another set owns, or nobody's set, is claimed for as long as it is generated. `claimed` touches the row of the other set, so that
 * a removal of it that runs at this moment sees that something changed, and waits (`updated_at` is compared in `gone` and `marked`).
 */
const CLAIMS = `
  generated AS (
    SELECT DISTINCT name FROM unnest($7::text[]) AS g (name)
  ), foreign_names AS (
    SELECT a.name, a.set_id FROM generated g JOIN applications a ON a.name = g.name
    WHERE a.set_id IS DISTINCT FROM $2::uuid AND a.deletion_requested_at IS NULL
      AND a.name NOT IN (SELECT name FROM resolved WHERE adopting)
  ), new_claims AS (
    INSERT INTO set_claims (set_id, name) SELECT $2::uuid, f.name FROM foreign_names f
    WHERE NOT EXISTS (SELECT 1 FROM set_claims c WHERE c.set_id = $2::uuid AND c.name = f.name) ORDER BY f.name
    ON CONFLICT DO NOTHING RETURNING name
  ), claimed AS (
    UPDATE applications a SET updated_at = clock_timestamp() FROM new_claims c WHERE a.name = c.name AND a.set_id IS NOT NULL
  ), dropped_claims AS (
    DELETE FROM set_claims c WHERE c.set_id = $2::uuid AND NOT EXISTS (SELECT 1 FROM foreign_names f WHERE f.name = c.name)
  )`;

/**
 * What the set stopped generating goes to the oldest set that claims it, with everything it has; nothing is deleted for that, and no policy and
 * no budget speaks against it.
 */
const HAND_OVER = `
  mine AS (
    SELECT id, name, cluster_id, updated_at FROM applications WHERE set_id = $2::uuid AND deletion_requested_at IS NULL
  ), stopped AS (
    SELECT m.* FROM mine m WHERE m.name NOT IN (SELECT name FROM generated)
  ), heirs AS (
    ${heirsOf('stopped', '$2::uuid')}
  ), handed_over AS (
    UPDATE applications a SET set_id = h.set_id, updated_at = now() FROM heirs h
    WHERE a.id = h.id AND a.set_id = $2::uuid AND a.deletion_requested_at IS NULL
    RETURNING a.id, a.name, h.set_id, h.set_name
  ), spent_claims AS (
    DELETE FROM set_claims c USING handed_over h WHERE c.set_id = h.set_id AND c.name = h.name
  )`;

/** The set `s` with the status `t` was not expanded since it was declared, or waits for the first read of a repository. */
const UNREAD = `(coalesce(t.observed_generation, 0) <> s.generation
  OR (t.input_digest = '' AND t.conditions @> '[{"type": "ParametersGenerated", "reason": "ApplicationSetModified"}]'))`;

/**
 * Whether the set `s` could generate the name `l.name`, as far as a look at its templates tells: what stands before the first and after the last
 * parameter must fit. A patch that touches metadata may make any name.
 */
const COULD_GENERATE = `(s.spec ->> 'templatePatch' LIKE '%metadata%' OR EXISTS (
  SELECT 1 FROM jsonb_path_query(s.spec, 'lax $.**.template.metadata.name') AS n,
    LATERAL (SELECT btrim(split_part(n #>> '{}', '{{', 1)) AS head, btrim(regexp_replace(n #>> '{}', '^.*\\}\\}', '')) AS tail) AS fixed
  WHERE starts_with(l.name, head) AND right(l.name, length(tail)) = tail))`;

/**
 * The rest goes where the policy lets it, no other set is about to claim it, and the deletion budget does or somebody approved exactly these
 * names; otherwise nothing at all is removed. One without a spoke and without live objects that can be reached goes at once, the others are
 * marked for the worker.
 */
const REMOVE = `
  leaving AS (
    SELECT s.* FROM stopped s WHERE $8::boolean AND s.id NOT IN (SELECT id FROM heirs)
  ), due_sets AS MATERIALIZED (
    SELECT t.set_id, t.next_expand_at + ${DUE_GRACE} AS until FROM application_set_status t
    WHERE (SELECT count(*) > 0 FROM leaving) AND t.next_expand_at <= now() AND t.next_expand_at > now() - ${DUE_GRACE} AND t.set_id <> $2::uuid
  ), grace AS (
    -- Each part reads a short range of an index, and nothing at all where nothing leaves.
    SELECT max(until) AS until FROM (
      SELECT s.updated_at + ${DECLARED_GRACE} AS until FROM application_sets s LEFT JOIN application_set_status t ON t.set_id = s.id
      WHERE (SELECT count(*) > 0 FROM leaving) AND s.updated_at > now() - ${DECLARED_GRACE} AND s.id <> $2::uuid AND ${UNREAD}
        AND EXISTS (SELECT 1 FROM leaving l WHERE ${COULD_GENERATE})
      UNION ALL
      SELECT d.until FROM due_sets d
      WHERE EXISTS (SELECT 1 FROM application_sets s, leaving l WHERE s.id = d.set_id AND ${COULD_GENERATE})
    ) AS waits
  ), counted AS (
    SELECT (SELECT count(*) FROM mine) AS total, count(*) AS removing,
      encode(sha256(convert_to(coalesce(string_agg(name, E'\\n' ORDER BY name COLLATE "C"), ''), 'UTF8')), 'hex') AS digest,
      coalesce(jsonb_agg(name ORDER BY name COLLATE "C"), '[]') AS names
    FROM leaving
  ), judged AS (
    SELECT c.*, g.until, (NOT (c.total >= 2 AND c.removing >= c.total) AND (c.removing <= $9::int OR c.removing <= c.total * $10::float8))
        OR EXISTS (SELECT 1 FROM held_deletions h WHERE h.set_id = $2::uuid AND h.approved_at IS NOT NULL AND h.digest = c.digest) AS permitted,
      'The expansion would remove ' || c.removing || ' of ' || c.total || ' Applications. Nothing is removed until approveDeletion names this set.'
        AS reason
    FROM counted c, grace g
  ), verdict AS (
    SELECT *, removing > 0 AND permitted AND until IS NULL AS allowed, removing > 0 AND NOT permitted AND until IS NULL AS held FROM judged
  ), held AS (
    INSERT INTO held_deletions AS h (set_id, names, digest, total, reason)
    SELECT $2::uuid, names, digest, total, reason FROM verdict v WHERE v.held
    ON CONFLICT (set_id) DO UPDATE SET names = excluded.names, digest = excluded.digest, total = excluded.total, reason = excluded.reason,
      created_at = now(), approved_at = NULL, approved_by = NULL
    WHERE h.digest <> excluded.digest
  ), released AS (
    DELETE FROM held_deletions h USING verdict v WHERE h.set_id = $2::uuid AND (v.removing = 0 OR v.allowed)
  ), rootless AS (
    SELECT l.id FROM leaving l WHERE l.cluster_id IS NULL
      AND NOT EXISTS (SELECT 1 FROM resources r JOIN clusters c ON c.id = r.cluster_id WHERE r.application_id = l.id)
  ), gone AS (
    DELETE FROM applications a USING leaving l, verdict v
    WHERE a.id = l.id AND v.allowed AND a.set_id = $2::uuid AND a.updated_at = l.updated_at AND l.id IN (SELECT id FROM rootless)
    RETURNING a.id, a.name
  ), marked AS (
    UPDATE applications a SET deletion_requested_at = now(),
      deletion_cascade = EXISTS (SELECT 1 FROM unnest(a.finalizers) AS f WHERE f LIKE 'resources-finalizer.argocd.argoproj.io%')
    FROM leaving l, verdict v
    WHERE a.id = l.id AND v.allowed AND a.set_id = $2::uuid AND a.updated_at = l.updated_at AND l.id NOT IN (SELECT id FROM rootless)
    RETURNING a.id, a.name, a.cluster_id
  ), removed AS (
    SELECT id, name FROM gone UNION ALL SELECT id, name FROM marked
  ), late AS (
    SELECT l.name FROM leaving l, verdict v WHERE NOT v.held AND l.id NOT IN (SELECT id FROM removed)
  )`;

/** $1 to $6 as for {@link UPSERT}, $7 generated names, $8 may delete, $9 and $10 the budget. */
export const REPLACE = `WITH ${UPSERT}, ${CLAIMS}, ${HAND_OVER}, ${REMOVE}, looked_at AS (
    SELECT id, cluster_id, reason FROM written UNION ALL SELECT id, cluster_id, 'removed from its set' FROM marked
  ), changed AS (
    SELECT id FROM looked_at UNION ALL SELECT id FROM gone UNION ALL SELECT id FROM adopted UNION ALL SELECT id FROM handed_over
  ), ${FOLLOW_UP}
  SELECT ${ANSWER},
    coalesce((SELECT jsonb_agg(name ORDER BY name COLLATE "C") FROM removed), '[]') AS removed,
    (SELECT jsonb_build_object('names', names, 'total', total, 'reason', reason) FROM verdict v WHERE v.held) AS held,
    (SELECT jsonb_build_object('names', jsonb_agg(name ORDER BY name COLLATE "C"),
        'until', to_char(coalesce((SELECT until FROM verdict), now()) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))
      FROM late HAVING count(*) > 0) AS deferred,
    coalesce((SELECT jsonb_agg(jsonb_build_object('name', name, 'set', set_name) ORDER BY name COLLATE "C") FROM handed_over), '[]') AS handed_over,
    ARRAY (SELECT DISTINCT set_id FROM handed_over)::text[] AS heirs`;

/** What {@link REPLACE} answers. */
export interface ReplaceAnswer extends UpsertAnswer {
  readonly removed: readonly string[];
  readonly held: { readonly names: readonly string[]; readonly total: number; readonly reason: string } | null;
  readonly deferred: { readonly names: readonly string[]; readonly until: string } | null;
  readonly handed_over: readonly { readonly name: string; readonly set: string }[];
  /** Ids of the sets that own what was handed over. */
  readonly heirs: readonly string[];
}
