// Holding an Application at a revision: going back to what was there before, staying at a commit, and letting go again.
import type { ApplicationSource, ApplicationSpec } from '@wheelwright/intent';
import { AppError, type ApplicationId } from '@wheelwright/kernel';
import { declaredSource, sourceDigest, type Pin } from '@wheelwright/rollout';
import type { PoolClient } from 'pg';
import { RESTORABLE } from './history-rows.js';

/** What to go back to: an entry of the history, or a commit, which may be shortened where the history knows it. */
export type Restore = { readonly historyId: string } | { readonly revision: string };

/** Who holds it, and why. */
export interface Holder {
  readonly by: string;
  readonly reason: string;
}

/** A state that an Application can be brought to. */
interface State {
  readonly revision: string;
  /** Absent: as it is declared. */
  readonly source?: ApplicationSource;
}

interface Current {
  readonly name: string;
  readonly spec: ApplicationSpec;
  readonly compared: string;
  /** What the target revision was when its repository was last asked; empty: not known. */
  readonly tip: string;
  readonly denied: readonly string[];
  readonly held: string;
}

const FULL = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;
const SHORT = /^[0-9a-f]{7,63}$/;
const HISTORY_ID = /^\d{1,18}$/;

/**
 * Goes back: the Application is held at an earlier state, and what it was at is denied until something newer is declared. Answers the commit.
 * Throws `NotFound` and `Conflict` where there is no such state, or it is the one that the Application is at; `InvalidRequest` for a revision that
 * names no commit. All in the caller's transaction, which must hold the Application's row.
 */
export async function goBack(
  client: PoolClient,
  id: ApplicationId,
  { to, ...holder }: Holder & { readonly to: Restore },
): Promise<string> {
  const current = await read(client, id);
  const declared = declaredSource(current.spec);
  if (declared === undefined) throw new AppError('Conflict', `"${current.name}" declares no source`);
  const state = await stateOf(client, id, to);
  const declaredDigest = sourceDigest(declared);
  const isSameSource = state.source === undefined || sourceDigest(state.source) === declaredDigest;
  const denied = [...new Set([current.tip, current.compared, current.held, ...current.denied])].filter(
    (commit) => commit !== '',
  );
  if (isSameSource && denied.every((commit) => commit === state.revision))
    throw new AppError(
      'Conflict',
      `"${current.name}" is at ${state.revision.slice(0, 12)} already: name an earlier state`,
    );
  await write(client, id, { ...holder, ...state, kind: 'rollback', declaredDigest, denied });
  return state.revision;
}

/** Holds an Application at a commit until {@link letGo}, with the parameters that it declares. Answers the commit; throws as {@link goBack}. */
export async function holdRevision(
  client: PoolClient,
  id: ApplicationId,
  { revision, ...holder }: Holder & { readonly revision: string },
): Promise<string> {
  const state = await stateOf(client, id, { revision });
  await write(client, id, { ...holder, revision: state.revision, kind: 'pin', declaredDigest: '', denied: [] });
  return state.revision;
}

/** Ends what holds an Application. Throws `Conflict` where nothing does. */
export async function letGo(client: PoolClient, id: ApplicationId): Promise<void> {
  const { rowCount } = await client.query('DELETE FROM application_pins WHERE application_id = $1', [id]);
  if (rowCount !== 1) throw new AppError('Conflict', 'nothing holds its revision: it follows what is declared');
}

async function read(client: PoolClient, id: ApplicationId): Promise<Current> {
  const { rows } = await client.query<Current>(
    `SELECT a.name, a.spec, s.revision AS compared, coalesce(f.commit, '') AS tip, coalesce(p.denied, '{}') AS denied, coalesce(p.revision, '') AS held
     FROM applications a JOIN application_status s ON s.application_id = a.id
     LEFT JOIN repository_refs f ON f.repository_id = a.repository_id AND f.revision = a.target_revision
     LEFT JOIN application_pins p ON p.application_id = a.id WHERE a.id = $1`,
    [id],
  );
  const [row] = rows;
  if (row === undefined) throw new AppError('NotFound', 'there is no such Application');
  return row;
}

function stateOf(client: PoolClient, id: ApplicationId, to: Restore): Promise<State> {
  return 'historyId' in to ? byEntry(client, id, to.historyId) : byRevision(client, id, to.revision);
}

async function byEntry(client: PoolClient, id: ApplicationId, historyId: string): Promise<State> {
  const { rows } = HISTORY_ID.test(historyId)
    ? await client.query<State & { restorable: boolean }>(
        `SELECT revision, source, ${RESTORABLE} AS restorable FROM application_history WHERE application_id = $1 AND id = $2`,
        [id, historyId],
      )
    : { rows: [] };
  const [row] = rows;
  if (row === undefined) throw new AppError('NotFound', `its history has no entry ${historyId.slice(0, 40)}`);
  if (!row.restorable)
    throw new AppError('Conflict', `entry ${historyId} is no complete sync that succeeded: name one that is`);
  const { restorable: _checked, ...state } = row;
  return state;
}

async function byRevision(client: PoolClient, id: ApplicationId, revision: string): Promise<State> {
  if (!FULL.test(revision) && !SHORT.test(revision))
    throw new AppError(
      'InvalidRequest',
      'name a commit: 40 hexadecimal digits, or the first 7 or more of one in its history',
    );
  const { rows } = await client.query<State>(
    `SELECT DISTINCT ON (revision) revision, source FROM application_history
     WHERE application_id = $1 AND revision LIKE $2 || '%' AND ${RESTORABLE} ORDER BY revision, id DESC LIMIT 2`,
    [id, revision],
  );
  const [only, ...others] = rows;
  if (others.length > 0) throw new AppError('Conflict', `${revision} is the start of several commits in its history`);
  if (only !== undefined) return only;
  if (FULL.test(revision)) return { revision };
  throw new AppError(
    'NotFound',
    `its history has no complete sync to ${revision} that succeeded: name the whole commit`,
  );
}

async function write(client: PoolClient, id: ApplicationId, pin: Omit<Pin, 'id' | 'pinnedBy'> & Holder): Promise<void> {
  await client.query(
    `INSERT INTO application_pins AS p (application_id, kind, revision, source, declared_digest, denied, reason, pinned_by)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
     ON CONFLICT (application_id) DO UPDATE
     SET id = gen_random_uuid(), kind = excluded.kind, revision = excluded.revision, source = excluded.source,
         declared_digest = excluded.declared_digest, denied = excluded.denied, reason = excluded.reason,
         pinned_by = excluded.pinned_by, pinned_at = now()`,
    [
      id,
      pin.kind,
      pin.revision,
      pin.source === undefined ? null : JSON.stringify(pin.source),
      pin.declaredDigest,
      pin.denied,
      pin.reason,
      pin.by,
    ],
  );
}
