import { Inject } from '@nestjs/common';
import { Args, Context, Resolver, Subscription } from '@nestjs/graphql';
import { Allow, Authenticator } from '@wheelwright/access/adapters';
import type { Logger } from '@wheelwright/platform-telemetry';
import { HUB_PARTS, type HubParts } from '../../parts.js';
import { ChangeFeed, type Channel } from '../change-feed.js';
import type { GraphqlContext } from '../context.js';
import { follow } from '../follow.js';
import { createLoaders } from '../loaders.js';
import { presentAsGraphqlError } from '../present-error.js';
import { applicationsById, toApplication, type ApplicationRow } from '../queries/applications.queries.js';
import { Reader } from '../reader.js';
import { readSelector } from '../selector-sql.js';
import { ApplicationFilter, ApplicationNode } from '../types/application.type.js';
import { Fleet } from '../types/fleet.type.js';
import { FleetArgs, readFleet } from './fleet.resolver.js';

const GATHER_APPLICATIONS_MS = 200;
const GATHER_FLEET_MS = 1_000;
const READ_AT_ONCE = 500;

interface Feed<Event> {
  readonly channels: readonly Channel[];
  readonly gatherMs: number;
  read(ids: readonly string[]): Promise<readonly Event[]>;
}

/** Events carry ids between processes; what a subscriber gets is read here, with its own rights, as it is now. */
@Resolver()
export class SubscriptionsResolver {
  readonly #logger: Logger;

  constructor(
    @Inject(ChangeFeed) private readonly feed: ChangeFeed,
    @Inject(Reader) private readonly reader: Reader,
    @Inject(Authenticator) private readonly authenticator: Authenticator,
    @Inject(HUB_PARTS) parts: HubParts,
  ) {
    this.#logger = parts.logger;
  }

  @Subscription(() => ApplicationNode, {
    description:
      'Each Application that satisfies the filter, as it is after a change. Many changes in a short time are one event.',
  })
  @Allow('applications:read')
  applicationChanged(
    @Args('filter', { type: () => ApplicationFilter, nullable: true }) filter: ApplicationFilter | null,
    @Context() context: GraphqlContext,
  ): Promise<AsyncIterableIterator<{ applicationChanged: ApplicationNode }>> {
    // A filter that cannot be read is refused now, not at the first change.
    applicationsById(context.grants, filter ?? {}, []);
    return this.#follow(context, {
      channels: ['applications'],
      gatherMs: GATHER_APPLICATIONS_MS,
      read: async (ids) => {
        const rows: ApplicationRow[] = [];
        for (let start = 0; start < ids.length; start += READ_AT_ONCE) {
          const some = ids.slice(start, start + READ_AT_ONCE);
          rows.push(...(await this.reader.rows<ApplicationRow>(applicationsById(context.grants, filter ?? {}, some))));
        }
        return rows.map((row) => ({ applicationChanged: toApplication(row) }));
      },
    });
  }

  @Subscription(() => Fleet, {
    description: 'The summary of the fleet after a change of any part of it, at most once a second.',
  })
  @Allow('fleet:read')
  fleetChanged(
    @Args() scope: FleetArgs,
    @Context() context: GraphqlContext,
  ): Promise<AsyncIterableIterator<{ fleetChanged: Fleet }>> {
    if (scope.clusterSelector != null) readSelector(scope.clusterSelector);
    return this.#follow(context, {
      channels: ['fleet', 'applications'],
      gatherMs: GATHER_FLEET_MS,
      read: () => Promise.resolve([{ fleetChanged: readFleet(this.reader, context.grants, scope) }]),
    });
  }

  async #follow<Event>(context: GraphqlContext, feed: Feed<Event>): Promise<AsyncIterableIterator<Event>> {
    return follow({
      mailbox: await this.feed.open(...feed.channels),
      gatherMs: feed.gatherMs,
      isStillAllowed: () => this.authenticator.stillValid(context.actor),
      read: (ids) => {
        // Loaders remember what they read: each batch gets new ones.
        context.loaders = createLoaders(this.reader, context.grants);
        return feed.read(ids);
      },
      present: (thrown) => {
        const { error, failure } = presentAsGraphqlError(thrown, context.requestId);
        if (failure !== undefined)
          this.#logger.error('subscription failed', { requestId: context.requestId, error: failure });
        return error;
      },
    });
  }
}
