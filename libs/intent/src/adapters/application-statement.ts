// The parts of the one statement that writes Applications. Each part is a CTE: together they insert and update what differs, and write the
// verdict rows, due rows, repositories and outbox rows that follow, all in one round trip. What is unchanged is not written.
import { announcementsOf, dueUpsert } from '@wheelwright/platform-store';

/** Annotations that others than the author of a set write (`compatibility.md` 2.1). */
export const PRESERVED_ANNOTATIONS = [
  'notified.notifications.argoproj.io',
  'argocd.argoproj.io/refresh',
  'argocd.argoproj.io/hydrate',
] as const;

/** With the value `"true"`, on a standalone Application or on what a set generates, it lets the set take the Application over. */
export const ADOPT_ANNOTATION = 'wheelwright.dev/adopt';

/**
 * $1 rows as JSON, $2 owning set or null, $3 and $4 preserved annotations and labels, $5 may create, $6 may update. What a set adopts is
 * updated like its own; where it may not update, it becomes the owner and nothing else changes.
 */
export const UPSERT = `
  wanted AS (
    SELECT * FROM jsonb_to_recordset($1::jsonb) AS w (name text, namespace text, project text, labels jsonb, annotations jsonb,
      finalizers text[], spec jsonb, digest text, server text, cluster_name text, repo_url text, target_revision text, source_path text)
  ), new_repositories AS (
    -- DO UPDATE and not DO NOTHING: a row that another transaction just inserted is answered too.
    INSERT INTO repositories (url)
    SELECT DISTINCT w.repo_url FROM wanted w
    WHERE w.repo_url IS NOT NULL AND NOT EXISTS (SELECT 1 FROM repositories r WHERE r.url = w.repo_url) ORDER BY 1
    ON CONFLICT (url) DO UPDATE SET url = excluded.url RETURNING id, url
  ), known_repositories AS (
    SELECT id, url FROM repositories WHERE url IN (SELECT repo_url FROM wanted) UNION SELECT id, url FROM new_repositories
  ), resolved AS (
    SELECT w.*, a.id AS current_id, a.set_id AS current_set, a.deletion_requested_at IS NOT NULL AS deleting,
      coalesce($2::uuid IS NOT NULL AND a.id IS NOT NULL AND a.set_id IS NULL AND a.deletion_requested_at IS NULL
        AND 'true' IN (a.annotations ->> '${ADOPT_ANNOTATION}', w.annotations ->> '${ADOPT_ANNOTATION}'), false) AS adopting,
      -- Looked up by key, and not joined: a join would read all spokes for one Application.
      coalesce((SELECT c.id FROM clusters c WHERE c.server = w.server), (SELECT c.id FROM clusters c WHERE c.name = w.cluster_name)) AS cluster_id,
      r.id AS repository_id,
      CASE WHEN a.id IS NULL THEN w.annotations ELSE w.annotations || coalesce(
        (SELECT jsonb_object_agg(key, value) FROM jsonb_each(a.annotations) WHERE key = ANY ($3::text[])), '{}') END AS all_annotations,
      CASE WHEN a.id IS NULL THEN w.labels ELSE w.labels || coalesce(
        (SELECT jsonb_object_agg(key, value) FROM jsonb_each(a.labels) WHERE key = ANY ($4::text[])), '{}') END AS all_labels,
      w.finalizers || ARRAY (SELECT f FROM unnest(a.finalizers) AS f
        WHERE (f LIKE 'pre-delete-finalizer.argocd.argoproj.io%' OR f LIKE 'post-delete-finalizer.argocd.argoproj.io%')
          AND f <> ALL (w.finalizers)) AS all_finalizers
    FROM wanted w
    LEFT JOIN applications a ON a.name = w.name
    LEFT JOIN known_repositories r ON r.url = w.repo_url
  ), inserted AS (
    INSERT INTO applications (name, namespace, project, set_id, labels, annotations, finalizers, spec, digest, cluster_id, repository_id,
      target_revision, source_path)
    SELECT name, namespace, project, $2::uuid, labels, annotations, finalizers, spec, digest, cluster_id, repository_id, target_revision,
      source_path
    FROM resolved WHERE current_id IS NULL AND $5::boolean ORDER BY name
    ON CONFLICT (name) DO NOTHING
    RETURNING id, name, cluster_id, project, repository_id, target_revision
  ), updated AS (
    UPDATE applications a SET set_id = $2::uuid, namespace = r.namespace, project = r.project, labels = r.all_labels, annotations = r.all_annotations,
      finalizers = r.all_finalizers, spec = r.spec, digest = r.digest, cluster_id = r.cluster_id, repository_id = r.repository_id,
      target_revision = r.target_revision, source_path = r.source_path, generation = a.generation + 1, updated_at = now()
    FROM resolved r
    WHERE a.id = r.current_id AND (a.set_id IS NOT DISTINCT FROM $2::uuid OR (r.adopting AND a.set_id IS NULL))
      AND a.deletion_requested_at IS NULL AND $6::boolean
      AND (a.set_id, a.namespace, a.project, a.labels, a.annotations, a.finalizers, a.spec, a.cluster_id, a.repository_id, a.target_revision, a.source_path)
        IS DISTINCT FROM ($2::uuid, r.namespace, r.project, r.all_labels, r.all_annotations, r.all_finalizers, r.spec, r.cluster_id, r.repository_id,
          r.target_revision, r.source_path)
    RETURNING a.id, a.name, a.cluster_id, a.project, a.repository_id, a.target_revision
  ), adopted AS (
    UPDATE applications a SET set_id = $2::uuid, updated_at = now() FROM resolved r
    WHERE a.id = r.current_id AND r.adopting AND a.set_id IS NULL AND a.deletion_requested_at IS NULL AND NOT $6::boolean
    RETURNING a.id, a.name
  ), written AS (
    SELECT *, 'declared' AS reason FROM inserted UNION ALL SELECT *, 'changed' FROM updated
  ), new_verdicts AS (
    INSERT INTO application_status (application_id, cluster_id, project) SELECT id, cluster_id, project FROM inserted ORDER BY id
  ), new_details AS (
    INSERT INTO application_details (application_id) SELECT id FROM inserted ORDER BY id
  ), moved_verdicts AS (
    UPDATE application_status s SET cluster_id = u.cluster_id, project = u.project FROM updated u
    WHERE s.application_id = u.id AND (s.cluster_id, s.project) IS DISTINCT FROM (u.cluster_id, u.project)
  ), new_refs AS (
    INSERT INTO repository_refs (repository_id, revision)
    SELECT DISTINCT repository_id, target_revision FROM written w
    WHERE repository_id IS NOT NULL
      AND NOT EXISTS (SELECT 1 FROM repository_refs f WHERE f.repository_id = w.repository_id AND f.revision = w.target_revision)
    ORDER BY 1, 2
    ON CONFLICT (repository_id, revision) DO NOTHING RETURNING repository_id
  ), refused AS (
    SELECT r.name, CASE WHEN r.deleting THEN 'it is still being deleted'
      WHEN r.current_set IS NULL THEN 'an Application of its own has this name (the annotation ${ADOPT_ANNOTATION}: "true" on it hands it to the set)'
      ELSE 'it belongs to the set ' || (SELECT s.name FROM application_sets s WHERE s.id = r.current_set) END AS reason
    FROM resolved r WHERE r.current_id IS NOT NULL AND NOT r.adopting AND (r.current_set IS DISTINCT FROM $2::uuid OR r.deleting)
    UNION ALL
    SELECT r.name, 'somebody else took this name just now' FROM resolved r
    -- NOT IN is hashed whatever is estimated; NOT EXISTS was planned as a loop in a loop, for rows that nobody can estimate.
    WHERE r.current_id IS NULL AND $5::boolean AND r.name NOT IN (SELECT name FROM inserted)
  )`;

/**
 * Marks what `looked_at (id, cluster_id, reason)` names as due, wakes the slices and pollers concerned, and has subscribers told of what
 * `changed (id)` names.
 */
export const FOLLOW_UP = `
  due AS (
    ${dueUpsert('looked_at')}
  ), posted AS (
    INSERT INTO outbox (queue, key)
    SELECT DISTINCT 'deploy', cluster_id::text FROM due UNION ALL SELECT DISTINCT 'source', repository_id::text FROM new_refs
    UNION ALL ${announcementsOf('applications', 'changed')}
    RETURNING 1
  ), notified AS (
    SELECT pg_notify('wheelwright_outbox', '') FROM (SELECT count(*) AS rows FROM posted) AS counted WHERE rows > 0
  )`;

/** The columns of the answer that both writers read. */
export const ANSWER = `
  (SELECT count(*)::int FROM notified) AS notified,
  coalesce((SELECT jsonb_agg(name ORDER BY name COLLATE "C") FROM inserted), '[]') AS created,
  coalesce((SELECT jsonb_agg(name ORDER BY name COLLATE "C") FROM (SELECT name FROM updated UNION ALL SELECT name FROM adopted) AS u), '[]') AS updated,
  coalesce((SELECT jsonb_agg(jsonb_build_object('name', name, 'reason', reason) ORDER BY name COLLATE "C") FROM refused), '[]') AS refused`;

/** What {@link ANSWER} reads as. */
export interface UpsertAnswer {
  readonly created: readonly string[];
  readonly updated: readonly string[];
  readonly refused: readonly { readonly name: string; readonly reason: string }[];
}
