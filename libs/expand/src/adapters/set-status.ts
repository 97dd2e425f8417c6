// What is true of a set in, its status row brought into line.
import type { ApplicationSetId } from '@wheelwright/kernel';
import type { ExpandIssue } from '../types.js';
import type { SetCondition } from './facts.js';
import type { Queryable } from './queryable.js';

/** What a run found. What is absent stays as it is. */
export interface StatusUpdate {
  readonly generation: string;
  readonly conditions: readonly SetCondition[];
  /** Of the facts and the spec that it read; empty: it could not read them all. Absent: as it was. */
  readonly inputDigest?: string;
  readonly issues?: readonly ExpandIssue[];
  /** Absent: the expansion was not complete. */
  readonly applicationCount?: number;
  /** When to try again although no input changed; absent: not before one does. */
  readonly retryAfterMs?: number;
}

/** Writes the row where it differs. A time to try again that is still to come, and is earlier, is kept. */
export async function writeSetStatus(db: Queryable, id: ApplicationSetId, update: StatusUpdate): Promise<void> {
  await db.query(
    `INSERT INTO application_set_status AS t
       (set_id, observed_generation, conditions, input_digest, issues, application_count, expanded_at, next_expand_at)
     VALUES ($1, $2::bigint, $3::jsonb, coalesce($4::text, ''), coalesce($5::jsonb, '[]'), coalesce($6::int, 0),
       CASE WHEN $6::int IS NOT NULL THEN now() END, now() + $7::float8 * interval '1 millisecond')
     ON CONFLICT (set_id) DO UPDATE SET observed_generation = excluded.observed_generation, conditions = excluded.conditions,
       input_digest = coalesce($4::text, t.input_digest), issues = coalesce($5::jsonb, t.issues),
       application_count = coalesce($6::int, t.application_count), expanded_at = coalesce(excluded.expanded_at, t.expanded_at),
       next_expand_at = CASE WHEN t.next_expand_at > now() AND excluded.next_expand_at IS NOT NULL THEN least(t.next_expand_at, excluded.next_expand_at) ELSE excluded.next_expand_at END
     WHERE (t.observed_generation, t.conditions, t.input_digest, t.issues, t.application_count)
         IS DISTINCT FROM (excluded.observed_generation, excluded.conditions, coalesce($4::text, t.input_digest), coalesce($5::jsonb, t.issues),
           coalesce($6::int, t.application_count))
       OR (t.next_expand_at IS NULL) <> ($7::float8 IS NULL) OR t.next_expand_at <= now() OR t.next_expand_at > excluded.next_expand_at`,
    [
      id,
      update.generation,
      JSON.stringify(update.conditions),
      update.inputDigest ?? null,
      update.issues === undefined ? null : JSON.stringify(update.issues),
      update.applicationCount ?? null,
      update.retryAfterMs ?? null,
    ],
  );
}
