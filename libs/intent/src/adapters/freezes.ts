// The switch that stops every write to spokes, with the reason that people are shown meanwhile.
import { AppError } from '@wheelwright/kernel';
import { announce, markSelectedDue } from '@wheelwright/platform-store';
import type { Pool, PoolClient } from 'pg';

/** Nothing is written to any spoke while it is here. */
export interface Freeze {
  readonly reason: string;
  readonly frozenBy: string;
  readonly frozenAt: Date;
}

const FLEET = 'fleet';
const LONGEST_REASON = 500;

/** The freeze of the fleet; `undefined` where there is none. */
export async function readFreeze(db: Pick<Pool | PoolClient, 'query'>): Promise<Freeze | undefined> {
  const { rows } = await db.query<Freeze>(
    `SELECT reason, frozen_by AS "frozenBy", frozen_at AS "frozenAt" FROM freezes WHERE scope = $1`,
    [FLEET],
  );
  return rows[0];
}

/**
 * Freezes the fleet, in the caller's transaction; freezing a frozen one changes the reason. Slices under way see it with their next
 * Applications. Throws InvalidRequest without a reason: whoever finds the fleet frozen must learn why.
 */
export async function freezeFleet(
  client: PoolClient,
  reason: string,
  actor: { readonly name: string },
): Promise<Freeze> {
  const text = reason.trim();
  if (text === '' || text.length > LONGEST_REASON)
    throw new AppError(
      'InvalidRequest',
      `Give the reason for the freeze, in 1 to ${String(LONGEST_REASON)} characters`,
    );
  const { rows } = await client.query<Freeze>(
    `INSERT INTO freezes (scope, reason, frozen_by) VALUES ($1, $2, $3)
     ON CONFLICT (scope) DO UPDATE SET reason = excluded.reason, frozen_by = excluded.frozen_by
     RETURNING reason, frozen_by AS "frozenBy", frozen_at AS "frozenAt"`,
    [FLEET, text, actor.name],
  );
  await announceFleet(client);
  const [freeze] = rows;
  if (freeze === undefined) throw new AppError('Internal', 'the freeze was not written');
  return freeze;
}

/** Lets the fleet move again, in the caller's transaction, and has everything looked at that waited. Throws NotFound where it is not frozen. */
export async function unfreezeFleet(client: PoolClient): Promise<void> {
  const { rowCount } = await client.query(`DELETE FROM freezes WHERE scope = $1`, [FLEET]);
  if (rowCount === 0) throw new AppError('NotFound', 'the fleet is not frozen');
  // What is being looked at right now may have read the freeze already: its due row moves on, so that it is looked at once more.
  await markSelectedDue(
    client,
    `SELECT a.id, a.cluster_id, 'the freeze is over' AS reason FROM applications a JOIN application_details d ON d.application_id = a.id
     WHERE d.conditions @> $1::jsonb OR EXISTS (SELECT 1 FROM application_due u WHERE u.application_id = a.id)`,
    [JSON.stringify([{ type: 'Frozen' }])],
  );
  await announceFleet(client);
}

/** Subscribers of the fleet read its summary again, and see the freeze in it. */
async function announceFleet(client: PoolClient): Promise<void> {
  const { rows } = await client.query<{ id: string }>(`SELECT id FROM clusters ORDER BY id LIMIT 1`);
  await announce(
    client,
    'fleet',
    rows.map(({ id }) => id),
  );
}
