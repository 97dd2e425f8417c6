// A named approval in; the held deletion that it is for may happen now.
import { AppError } from '@wheelwright/kernel';
import { enqueue, markSelectedDue } from '@wheelwright/platform-store';
import type { PoolClient } from 'pg';

/** What is approved: the removal of Applications from a set, or of objects of an Application. */
export type ApprovalSubject = { readonly set: string } | { readonly application: string };

/** What was approved: exactly these names. A change of what would be removed asks for a new approval. */
export interface Approved {
  readonly names: readonly string[];
  readonly total: number;
}

/**
 * Approves what is held, in the caller's transaction, and has it carried out. Approving twice is approving once. Throws NotFound where nothing
 * of that name is held.
 */
export async function approveDeletion(
  client: PoolClient,
  subject: ApprovalSubject,
  actor: { readonly name: string },
): Promise<Approved> {
  const isSet = 'set' in subject;
  const name = isSet ? subject.set : subject.application;
  const table = isSet ? 'application_sets' : 'applications';
  const column = isSet ? 'set_id' : 'application_id';
  const { rows } = await client.query<{ id: string; names: string[]; total: number }>(
    `UPDATE held_deletions h SET approved_at = coalesce(h.approved_at, now()), approved_by = coalesce(h.approved_by, $2)
     FROM ${table} t WHERE t.id = h.${column} AND t.name = $1 RETURNING t.id, h.names, h.total`,
    [name, actor.name],
  );
  const [held] = rows;
  if (held === undefined) {
    throw new AppError('NotFound', `no deletion of ${isSet ? 'set' : 'Application'} ${name} waits for an approval`);
  }
  if (isSet) {
    // The expansion would otherwise find its inputs unchanged and end there.
    await client.query(`UPDATE application_set_status SET input_digest = '' WHERE set_id = $1`, [held.id]);
    await enqueue(client, 'expand', [held.id]);
  } else {
    await markSelectedDue(
      client,
      `SELECT id, cluster_id, 'deletion approved' AS reason FROM applications WHERE id = $1`,
      [held.id],
    );
  }
  return { names: held.names, total: held.total };
}
