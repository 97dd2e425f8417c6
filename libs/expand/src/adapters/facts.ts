// What an expansion reads of Postgres.
import type { ApplicationSet, ApplicationSetSpec } from '@wheelwright/intent';
import type { ApplicationSetId } from '@wheelwright/kernel';
import type { Queryable } from './queryable.js';
import { withoutRefresh } from './refresh.js';

/** A set as it is declared now, and what its last expansion left. */
export interface LoadedSet {
  readonly set: ApplicationSet;
  /** Decimal text. */
  readonly generation: string;
  readonly digest: string;
  readonly status: SetStatus;
  /** Whether the time to expand it again has come. */
  readonly isDue: boolean;
  /** Whether somebody asked for an expansion past all caches. The annotation that says so is not part of the set. */
  readonly isForced: boolean;
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

/** What is declared of a set: the columns that its digest covers, and the digest. */
export interface SetRow {
  readonly namespace: string;
  readonly labels: Record<string, string>;
  readonly annotations: Record<string, string>;
  readonly finalizers: string[];
  readonly spec: ApplicationSetSpec;
  readonly digest: string;
}

interface LoadedRow extends SetRow {
  readonly name: string;
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
  const { rows } = await db.query<LoadedRow>(
    `SELECT s.name, s.namespace, s.labels, s.annotations, s.finalizers, s.spec, s.digest, s.generation::text,
       coalesce(t.observed_generation, 0)::text AS observed_generation, coalesce(t.conditions, '[]') AS conditions,
       coalesce(t.input_digest, '') AS input_digest, coalesce(t.next_expand_at <= now(), false) AS is_due
     FROM application_sets s LEFT JOIN application_set_status t ON t.set_id = s.id
     WHERE s.id = $1 ${lock === 'lock' ? 'FOR UPDATE OF s' : ''}`,
    [id],
  );
  const [found] = rows;
  if (found === undefined) return undefined;
  const { row, isForced } = withoutRefresh(found);
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
    isForced,
  };
}
