// The history of an Application: one row per operation that ended, and how many of them stay.
import type { ApplicationId } from '@wheelwright/kernel';
import type { PoolClient } from 'pg';
import type { OperationPhase } from '../types.js';

/** What sort of operation an entry is. */
export type HistoryKind = 'sync' | 'rollback' | 'pin' | 'heal' | 'partial' | 'action';

/** Kinds that, where they succeeded, brought a whole state that one can go back to. */
export const RESTORABLE_KINDS: readonly HistoryKind[] = ['sync', 'rollback', 'pin'];

/** An operation that ended. Times are ISO. */
export interface HistoryEntry {
  readonly kind: HistoryKind;
  /** Why somebody asked for it; empty: nobody said. */
  readonly reason: string;
  readonly revision: string;
  readonly source: unknown;
  readonly phase: OperationPhase;
  readonly message: string;
  readonly initiatedBy: string;
  readonly automated: boolean;
  /** Failures before this end: the tries of one operation are one entry. */
  readonly retries: number;
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly changeSet: unknown;
  /** How many states to go back to are kept, and how many of all other entries beside them. */
  readonly limit: number;
}

/** SQL over one row of the history: whether one can go back to it. */
export const RESTORABLE = `(phase = 'Succeeded' AND kind IN (${RESTORABLE_KINDS.map((kind) => `'${kind}'`).join(', ')}))`;

/**
 * Adds an entry, and drops the oldest past the limit. Failures and repairs are counted apart from states to go back to, so that a contested object
 * or a broken commit cannot push these out.
 */
export async function addHistory(client: PoolClient, id: ApplicationId, entry: HistoryEntry): Promise<void> {
  if (!(await addedToSeries(client, id, entry))) await insert(client, id, entry);
  await client.query(
    `DELETE FROM application_history h USING (
       SELECT id, row_number() OVER (PARTITION BY ${RESTORABLE} ORDER BY id DESC) AS place
       FROM application_history WHERE application_id = $1) AS ranked
     WHERE h.id = ranked.id AND ranked.place > $2`,
    [id, Math.max(0, entry.limit)],
  );
}

/** Another failure, or the end, of an operation whose last try is the newest entry: that entry becomes it. */
async function addedToSeries(client: PoolClient, id: ApplicationId, entry: HistoryEntry): Promise<boolean> {
  if (entry.retries === 0 || entry.phase !== 'Failed') return false;
  const { rowCount } = await client.query(
    `UPDATE application_history SET message = $3, finished_at = $4, change_set = $5, retries = $6
     WHERE id = (SELECT max(id) FROM application_history WHERE application_id = $1)
       AND phase = 'Failed' AND revision = $2 AND kind = $7`,
    [id, entry.revision, entry.message, entry.finishedAt, JSON.stringify(entry.changeSet), entry.retries, entry.kind],
  );
  return rowCount === 1;
}

async function insert(client: PoolClient, id: ApplicationId, entry: HistoryEntry): Promise<void> {
  await client.query(
    `INSERT INTO application_history (application_id, kind, reason, revision, source, phase, message, initiated_by, automated, retries,
       started_at, finished_at, change_set)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
    [
      id,
      entry.kind,
      entry.reason,
      entry.revision,
      JSON.stringify(entry.source),
      entry.phase,
      entry.message,
      entry.initiatedBy,
      entry.automated,
      entry.retries,
      entry.startedAt,
      entry.finishedAt,
      JSON.stringify(entry.changeSet),
    ],
  );
}
