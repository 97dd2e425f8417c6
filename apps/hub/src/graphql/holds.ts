// What holds an Application where it is: going back, pinning, pausing, ending what runs, and letting go. Each is one transaction with the wake-up of its worker.
import { Inject, Injectable } from '@nestjs/common';
import type { Actor } from '@wheelwright/access';
import { AppError } from '@wheelwright/kernel';
import { Store } from '@wheelwright/platform-store';
import type { SyncOrigin } from '@wheelwright/rollout';
import { goBack, holdRevision, letGo, markDue, type Restore } from '@wheelwright/status/adapters';
import type { PoolClient } from 'pg';
import { HUB_PARTS, type HubParts } from '../parts.js';
import { addOperation, findTarget, type Target } from './operations.js';
import { assertMayMove } from './sync-gates.js';

/** What somebody wants with the revision of an Application, and why. */
export interface HoldRequest {
  readonly name: string;
  readonly reason: string;
  /** Whether the sync that follows deletes what the revision does not declare. */
  readonly prune: boolean;
}

/** The sync that follows, and the commit that it brings. */
export interface Held {
  readonly operationId: string;
  readonly revision: string;
}

const MAX_REASON = 1_000;

@Injectable()
export class Holds {
  constructor(
    @Inject(Store) private readonly store: Store,
    @Inject(HUB_PARTS) private readonly parts: HubParts,
  ) {}

  /** Brings an Application back to an earlier state. Throws what `goBack` and a request for a sync throw. */
  rollBack(actor: Actor, request: HoldRequest & { readonly to: Restore }): Promise<Held> {
    const { to, reason } = request;
    return this.hold(actor, { ...request, origin: 'rollback' }, (client, { id }) =>
      goBack(client, id, { to, reason, by: actor.name }),
    );
  }

  /** Holds an Application at a commit until somebody lets it go. Throws what `holdRevision` and a request for a sync throw. */
  pin(actor: Actor, request: HoldRequest & { readonly revision: string }): Promise<Held> {
    const { revision, reason } = request;
    return this.hold(actor, { ...request, origin: 'pin' }, (client, { id }) =>
      holdRevision(client, id, { revision, reason, by: actor.name }),
    );
  }

  /** Lets an Application follow what is declared again; throws `Conflict` where nothing holds it. */
  unpin(actor: Actor, name: string): Promise<void> {
    return this.store.tx(async (client) => {
      const { id, clusterId } = await findTarget(client, actor, { name });
      await letGo(client, id);
      await markDue(client, clusterId, [{ id, reason: `let go by ${actor.name}` }]);
    });
  }

  /** Lets no sync of an Application begin or go on; a second pause changes the reason. Throws `InvalidRequest` without one. */
  pause(actor: Actor, name: string, reason: string): Promise<void> {
    if (reason.trim() === '') throw new AppError('InvalidRequest', 'say why: others read it while the pause lasts');
    assertReason(reason);
    return this.store.tx(async (client) => {
      const { id, clusterId } = await findTarget(client, actor, { name });
      await client.query(
        `INSERT INTO application_pauses (application_id, reason, paused_by) VALUES ($1, $2, $3)
         ON CONFLICT (application_id) DO UPDATE SET reason = excluded.reason, paused_by = excluded.paused_by, paused_at = now()`,
        [id, reason, actor.name],
      );
      await markDue(client, clusterId, [{ id, reason: `paused by ${actor.name}` }]);
    });
  }

  /** Ends a pause; throws `Conflict` where there is none. */
  resume(actor: Actor, name: string): Promise<void> {
    return this.store.tx(async (client) => {
      const { id, clusterId } = await findTarget(client, actor, { name });
      const { rowCount } = await client.query('DELETE FROM application_pauses WHERE application_id = $1', [id]);
      if (rowCount !== 1) throw new AppError('Conflict', `"${name}" is not paused`);
      await markDue(client, clusterId, [{ id, reason: `resumed by ${actor.name}` }]);
    });
  }

  /** Asks a worker to end what runs, waits to be tried again, or was asked for and has not begun; answers the id. `Conflict`: there is nothing. */
  terminate(actor: Actor, name: string): Promise<string> {
    return this.store.tx(async (client) => {
      const { id, clusterId } = await findTarget(client, actor, { name });
      const { rowCount } = await client.query(
        `SELECT 1 FROM application_details WHERE application_id = $1
           AND attempt ->> 'state' IN ('running', 'failed') AND NOT coalesce((attempt -> 'terminated')::boolean, false)
         UNION ALL SELECT 1 FROM application_operations WHERE application_id = $1 AND kind = 'sync'`,
        [id],
      );
      if (rowCount === 0)
        throw new AppError(
          'Conflict',
          `no operation of "${name}" runs, or waits to be tried again: there is nothing to end`,
        );
      const operationId = await addOperation(client, actor, { kind: 'terminate', name, options: {}, target: id });
      await markDue(client, clusterId, [{ id, reason: `end of its operation asked for by ${actor.name}` }]);
      return operationId;
    });
  }

  private hold(
    actor: Actor,
    { name, reason, prune, origin }: HoldRequest & { readonly origin: SyncOrigin },
    work: (client: PoolClient, target: Target) => Promise<string>,
  ): Promise<Held> {
    assertReason(reason);
    return this.store.tx(async (client) => {
      const target = await findTarget(client, actor, { name });
      await assertMayMove(client, target.id, this.parts.clock.nowMs());
      const revision = await work(client, target);
      const options = { prune, dryRun: false, origin, reason };
      const operationId = await addOperation(client, actor, { kind: 'sync', name, options, target: target.id });
      await markDue(client, target.clusterId, [{ id: target.id, reason: `${origin} asked for by ${actor.name}` }]);
      return { operationId, revision };
    });
  }
}

/** Throws `InvalidRequest` for a reason that is longer than anybody reads. */
export function assertReason(reason: string): void {
  if (reason.length > MAX_REASON) throw new AppError('InvalidRequest', `say why in at most ${MAX_REASON} characters`);
}
