// What the mutations do: each writes what was asked for and the wake-up of its worker in one transaction, or says why not.
import { Inject, Injectable } from '@nestjs/common';
import type { Actor } from '@wheelwright/access';
import { AppError, ApplicationId, ClusterId, ERRORS, type JsonObject } from '@wheelwright/kernel';
import { enqueue, Store } from '@wheelwright/platform-store';
import { approveDeletion, freezeFleet, unfreezeFleet, type Freeze } from '@wheelwright/intent/adapters';
import { markDue } from '@wheelwright/status/adapters';
import type { PoolClient } from 'pg';
import { HUB_PARTS, type HubParts } from '../parts.js';
import { assertMay, forbidden } from '../tenancy/named-object.js';
import { grantsPredicate } from './grants.js';
import { heldByName, type DeletionTarget, type HeldRow } from './queries/held-deletions.queries.js';
import { allOf, Params } from './reader.js';
import { assertMayMove } from './sync-gates.js';
import { NotFound, Refused } from './types/results.js';

/** Requests of one Application that wait for a worker at most; more would only repeat themselves. */
const MAX_WAITING = 20;

export type OperationKind = 'sync' | 'refresh' | 'hardRefresh' | 'terminate';

/** An operation somebody asks for. `options` is stored as it stands. */
export interface OperationRequest {
  readonly kind: OperationKind;
  readonly name: string;
  readonly options: JsonObject;
}

/** A named approval. With a digest: of exactly what the caller looked at. */
export interface Approval {
  readonly target: DeletionTarget;
  readonly digest?: string;
}

/** An Application that an operation is for. */
export interface Target {
  readonly id: ApplicationId;
  readonly clusterId: ClusterId;
  /** Null: nothing is known of its repository. */
  readonly repositoryId: string | null;
}

/** Writes operations for the worker to carry out. */
@Injectable()
export class Operations {
  constructor(
    @Inject(Store) private readonly store: Store,
    @Inject(HUB_PARTS) private readonly parts: HubParts,
  ) {}

  /** Answers the id of the operation; throws `NotFound`, `Conflict` or `TooManyRequests` where it is refused. */
  request(actor: Actor, request: OperationRequest): Promise<string> {
    return this.store.tx(async (client) => {
      const target = await findTarget(client, actor, request);
      if (request.kind === 'sync' && request.options['dryRun'] !== true)
        await assertMayMove(client, target.id, this.parts.clock.nowMs());
      const id = await addOperation(client, actor, { ...request, target: target.id });
      // What was rendered is one half of a hard refresh; the other is what the repository says now.
      if (request.kind === 'hardRefresh' && target.repositoryId !== null)
        await enqueue(client, 'source', [target.repositoryId]);
      await markDue(client, target.clusterId, [
        { id: target.id, reason: `${request.kind} asked for by ${actor.name}` },
      ]);
      return id;
    });
  }

  /** Stops every write to spokes; throws `InvalidRequest` without a reason. */
  freeze(actor: Actor, reason: string): Promise<Freeze> {
    return this.store.tx((client) => freezeFleet(client, reason, actor));
  }

  /** Lets the fleet move again; throws `NotFound` where it is not frozen. */
  unfreeze(): Promise<void> {
    return this.store.tx((client) => unfreezeFleet(client));
  }

  /**
   * Approves what is held now, and answers it. Throws `NotFound` where nothing is held there, and `Conflict` where `digest` is given and
   * something else is held than what it stands for.
   */
  approve(actor: Actor, approval: Approval): Promise<HeldRow> {
    return this.store.tx(async (client) => {
      await assertMayApprove(client, actor, approval.target);
      const statement = heldByName(grantsPredicate(actor), approval.target);
      const read = async (): Promise<HeldRow | undefined> => {
        const { rows } = await client.query<HeldRow>(`${statement.text} FOR UPDATE OF h`, [...statement.values]);
        return rows[0];
      };
      const held = await read();
      if (held === undefined) throw new AppError('NotFound', 'no deletion is held there');
      if (approval.digest !== undefined && held.digest !== approval.digest) {
        throw new AppError('Conflict', 'something else is held now than what was looked at: read "heldDeletion" again');
      }
      await approveDeletion(client, approval.target, actor);
      return (await read()) ?? held;
    });
  }
}

/** Writes a request for the worker, and answers its id; throws `TooManyRequests` where too many wait. The Application must be marked as due as well. */
export async function addOperation(
  client: PoolClient,
  actor: Actor,
  { target, name, kind, options }: OperationRequest & { readonly target: ApplicationId },
): Promise<string> {
  const waiting = await client.query(`SELECT 1 FROM application_operations WHERE application_id = $1 LIMIT $2`, [
    target,
    MAX_WAITING,
  ]);
  if (waiting.rowCount === MAX_WAITING) {
    throw new AppError(
      'TooManyRequests',
      `${MAX_WAITING} operations of "${name}" already wait for a worker: let these end first`,
    );
  }
  const { rows } = await client.query<{ id: string }>(
    `INSERT INTO application_operations (application_id, kind, options, requested_by) VALUES ($1, $2, $3, $4) RETURNING id`,
    [target, kind, JSON.stringify(options), actor.name],
  );
  const [row] = rows;
  if (row === undefined) throw new AppError('Internal', 'the operation was not written');
  return row.id;
}

/** Approving is deleting. Of what the caller may not see, the answer is that of what is not held. */
async function assertMayApprove(client: PoolClient, actor: Actor, target: DeletionTarget): Promise<void> {
  const ask =
    'set' in target
      ? ({ resource: 'applicationsets', verb: 'delete', name: target.set } as const)
      : ({ resource: 'applications', verb: 'delete', name: target.application } as const);
  await assertMay(client, actor, ask).catch((error: unknown) => {
    if (error instanceof AppError && error.code === 'NotFound')
      throw new AppError('NotFound', 'no deletion is held there');
    throw error;
  });
}

/** The Application, locked against deletion until the operation is written. Throws where the caller may not sync it, or nobody can. */
export async function findTarget(
  client: PoolClient,
  actor: Actor,
  { name }: { readonly name: string },
): Promise<Target> {
  const params = new Params();
  const grants = grantsPredicate(actor);
  const permitted = grants.applications(params, 'sync');
  const where = allOf([`a.name = ${params.bind(name)}`, `(${permitted} OR ${grants.applications(params)})`]);
  const { rows } = await client.query<{
    id: string;
    cluster_id: string | null;
    repository_id: string | null;
    deleting: boolean;
    cluster: string | null;
    paused: boolean | null;
    permitted: boolean;
  }>(
    `SELECT a.id, a.cluster_id, a.repository_id, a.deletion_requested_at IS NOT NULL AS deleting, c.name AS cluster, c.paused, ${permitted} AS permitted
     FROM applications a LEFT JOIN clusters c ON c.id = a.cluster_id WHERE ${where} FOR SHARE OF a`,
    params.values,
  );
  const [row] = rows;
  if (row === undefined) throw new AppError('NotFound', `there is no Application "${name}"`);
  if (!row.permitted) throw forbidden(actor, { resource: 'applications', verb: 'sync', name });
  if (row.deleting) throw new AppError('Conflict', `the Application "${name}" is being deleted`);
  if (row.cluster_id === null) {
    throw new AppError(
      'Conflict',
      `the destination of "${name}" is no registered cluster: register it, or change the destination`,
    );
  }
  if (row.paused === true)
    throw new AppError('Conflict', `the cluster "${row.cluster}" is paused: resume it first (pauseCluster)`);
  return { id: ApplicationId(row.id), clusterId: ClusterId(row.cluster_id), repositoryId: row.repository_id };
}

/** Runs a mutation; a refusal that a caller can act on becomes a member of its union, everything else is thrown on. */
export async function orRefusal<Result>(work: () => Promise<Result>): Promise<Result | NotFound | Refused> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof AppError) || error.code === 'Unauthenticated' || error.code === 'Forbidden') throw error;
    if (error.code === 'NotFound') return new NotFound(error.message);
    if (ERRORS[error.code].http < 500) return new Refused(error.code, error.message);
    throw error;
  }
}
