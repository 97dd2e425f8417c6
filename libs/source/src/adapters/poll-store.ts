// The rows of repositories: what is followed, what it was, and who is woken when it moves. All statements are set-based.
import { expandSoon, markSelectedDue, type Store } from '@wheelwright/platform-store';
import type { PoolClient } from 'pg';
import { mayTouch, type Changes } from '../touched.js';

/** A revision that somebody uses, and what it was when last asked. */
export interface FollowedRef {
  readonly revision: string;
  /** Empty: not known yet, or gone. */
  readonly commit: string;
  readonly error: string;
}

export interface RepositoryRow {
  readonly url: string;
  readonly error: string;
}

/** A move of a revision. Exactly one of `commit` and `error` is set. */
export interface RefMove {
  readonly revision: string;
  /** What it was: the move is dropped where somebody else has changed it since. */
  readonly from: string;
  readonly commit: string;
  readonly error: string;
}

/** A revision that moved, and a path whose content differs with it. */
export interface ChangedPath {
  readonly revision: string;
  readonly path: string;
}

/** A ref that nobody uses is kept this long: an operation may have asked for it without an Application that names it. */
const UNUSED_REF_HOURS = 1;

/** Reads the row of a repository; undefined where it is gone. */
export async function loadRepository(store: Store, id: string): Promise<RepositoryRow | undefined> {
  const { rows } = await store.pool.query<RepositoryRow>('SELECT url, error FROM repositories WHERE id = $1', [id]);
  return rows[0];
}

/** Brings the followed refs in line with what Applications and sets name, and reads them, sorted. */
export async function followRefs(store: Store, id: string): Promise<readonly FollowedRef[]> {
  await store.pool.query(
    `WITH used AS (
       SELECT target_revision AS revision FROM applications WHERE repository_id = $1::uuid
       UNION SELECT revision FROM set_dependencies WHERE kind = 'repository' AND subject = $1::text),
     dropped AS (
       DELETE FROM repository_refs WHERE repository_id = $1::uuid AND changed_at < now() - make_interval(hours => $2)
         AND revision NOT IN (SELECT revision FROM used))
     INSERT INTO repository_refs (repository_id, revision) SELECT $1::uuid, revision FROM used ON CONFLICT DO NOTHING`,
    [id, UNUSED_REF_HOURS],
  );
  const { rows } = await store.pool.query<FollowedRef>(
    'SELECT revision, commit, error FROM repository_refs WHERE repository_id = $1 ORDER BY revision',
    [id],
  );
  return rows;
}

/** The distinct paths that Applications read at these revisions. */
export async function usedPaths(
  store: Store,
  id: string,
  revisions: readonly string[],
): Promise<readonly ChangedPath[]> {
  const { rows } = await store.pool.query<ChangedPath>(
    `SELECT DISTINCT target_revision AS revision, source_path AS path FROM applications
     WHERE repository_id = $1 AND target_revision = ANY($2) ORDER BY 1, 2`,
    [id, revisions],
  );
  return rows;
}

/** Records that a look at the repository went well, and when to look again. */
export async function recordSuccess(client: PoolClient | Store['pool'], id: string, nextMs: number): Promise<void> {
  await client.query(
    `UPDATE repositories SET polled_at = now(), next_poll_at = now() + $2 * interval '1 ms', failures = 0, error = '' WHERE id = $1`,
    [id, nextMs],
  );
}

/** Records a failure. The first in a row wakes those that wait for a revision, so that their status says why. */
export async function recordFailure(
  store: Store,
  id: string,
  failure: { readonly message: string; readonly nextMs: (failures: number) => number },
): Promise<void> {
  await store.tx(async (client) => {
    const { rows } = await client.query<{ failures: number; error: string }>(
      'SELECT failures, error FROM repositories WHERE id = $1 FOR UPDATE',
      [id],
    );
    const before = rows[0];
    if (before === undefined) return;
    const failures = before.failures + 1;
    await client.query(
      `UPDATE repositories SET polled_at = now(), next_poll_at = now() + $2 * interval '1 ms', failures = $3, error = $4 WHERE id = $1`,
      [id, failure.nextMs(failures), failures, failure.message],
    );
    if (before.error !== '') return;
    const waiting = await client.query<{ revision: string }>(
      `SELECT revision FROM repository_refs WHERE repository_id = $1 AND commit = '' AND error = ''`,
      [id],
    );
    const revisions = waiting.rows.map((row) => row.revision);
    await wakeApplications(client, id, { revisions, paths: [], reason: 'its repository cannot be read' });
    await wakeSets(client, id, { revisions, changes: new Map() });
  });
}

/** Writes the moves that still hold; answers the revisions that moved. */
export async function moveRefs(client: PoolClient, id: string, moves: readonly RefMove[]): Promise<readonly string[]> {
  const { rows } = await client.query<{ revision: string }>(
    `UPDATE repository_refs AS t SET commit = n.commit, error = n.error, changed_at = now()
     FROM unnest($2::text[], $3::text[], $4::text[], $5::text[]) AS n (revision, was, commit, error)
     WHERE t.repository_id = $1 AND t.revision = n.revision AND t.commit = n.was RETURNING t.revision`,
    [id, ...(['revision', 'from', 'commit', 'error'] as const).map((name) => moves.map((move) => move[name]))],
  );
  return rows.map((row) => row.revision).sort();
}

/** Whom to wake: Applications at these revisions whatever their path, and those with exactly these paths. */
export interface Wake {
  readonly revisions: readonly string[];
  readonly paths: readonly ChangedPath[];
  readonly reason: string;
}

/** Marks Applications as due and wakes the slices of their clusters, in the caller's transaction. */
export async function wakeApplications(client: PoolClient, id: string, wake: Wake): Promise<void> {
  if (wake.revisions.length + wake.paths.length === 0) return;
  await markSelectedDue(
    client,
    `SELECT id, cluster_id, $5::text AS reason FROM applications
     WHERE repository_id = $1
       AND (target_revision = ANY($2) OR (target_revision, source_path) IN (SELECT * FROM unnest($3::text[], $4::text[])))`,
    [id, wake.revisions, wake.paths.map((path) => path.revision), wake.paths.map((path) => path.path), wake.reason],
  );
}

/** Of these revisions, those that sets read. */
export async function revisionsOfSets(
  store: Store,
  id: string,
  revisions: readonly string[],
): Promise<ReadonlySet<string>> {
  const { rows } = await store.pool.query<{ revision: string }>(
    `SELECT DISTINCT revision FROM set_dependencies WHERE kind = 'repository' AND subject = $1 AND revision = ANY($2)`,
    [id, revisions],
  );
  return new Set(rows.map(({ revision }) => revision));
}

/**
 * Wakes the sets whose generators read the repository at one of the revisions, in the caller's transaction.
 * @param changes what changed by revision; where that is not known, all sets of the revision are woken
 */
export async function wakeSets(
  client: PoolClient,
  id: string,
  { revisions, changes }: { readonly revisions: readonly string[]; readonly changes: ReadonlyMap<string, Changes> },
): Promise<void> {
  if (revisions.length === 0) return;
  const { rows } = await client.query<{ set_id: string; revision: string; pattern: string }>(
    `SELECT set_id, revision, pattern FROM set_dependencies WHERE kind = 'repository' AND subject = $1 AND revision = ANY($2) ORDER BY set_id`,
    [id, revisions],
  );
  const touched = new Map<string, boolean>();
  const concerned = rows.filter(({ revision, pattern }) => {
    const changed = changes.get(revision);
    if (changed === undefined) return true;
    // Many sets read the same paths: each question is answered once.
    const key = `${revision} ${pattern}`;
    const answer = touched.get(key) ?? mayTouch(pattern, changed);
    touched.set(key, answer);
    return answer;
  });
  await expandSoon(
    client,
    concerned.map((row) => row.set_id),
  );
}
