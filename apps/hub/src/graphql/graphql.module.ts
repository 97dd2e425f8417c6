// The GraphQL API as one module of the hub.
import { Module } from '@nestjs/common';
import { GraphQLModule } from '@nestjs/graphql';
import type { MercuriusDriverConfig } from '@nestjs/mercurius';
import { ChangeFeed } from './change-feed.js';
import { HubGraphqlDriver } from './driver.js';
import { Holds } from './holds.js';
import { Operations } from './operations.js';
import { GraphqlOptions } from './options.js';
import { Reader } from './reader.js';
import { ApplicationFieldsResolver, HealthStateResolver } from './resolvers/application-fields.resolver.js';
import { ApplicationSetsResolver } from './resolvers/application-sets.resolver.js';
import { ApplicationsResolver } from './resolvers/applications.resolver.js';
import { ClustersResolver } from './resolvers/clusters.resolver.js';
import { FleetResolver } from './resolvers/fleet.resolver.js';
import { HoldsResolver } from './resolvers/holds.resolver.js';
import { LiveObjectsResolver } from './resolvers/live-objects.resolver.js';
import { OperationsResolver } from './resolvers/operations.resolver.js';
import { PreviewResolver } from './resolvers/preview.resolver.js';
import { ProjectsResolver } from './resolvers/projects.resolver.js';
import { SubscriptionsResolver } from './resolvers/subscriptions.resolver.js';

@Module({ providers: [Reader], exports: [Reader] })
class ReaderModule {}

/**
 * Serves `/graphql`: queries and mutations over POST, subscriptions over websockets. Needs, from global modules: the store, the access
 * module, the registry, `HUB_PARTS`, and (for `diff`) a provider of `DiffPort`.
 */
@Module({
  imports: [
    ReaderModule,
    GraphQLModule.forRootAsync<MercuriusDriverConfig>({
      driver: HubGraphqlDriver,
      imports: [ReaderModule],
      useClass: GraphqlOptions,
    }),
  ],
  providers: [
    ChangeFeed,
    Operations,
    Holds,
    FleetResolver,
    ClustersResolver,
    ApplicationsResolver,
    ApplicationFieldsResolver,
    HealthStateResolver,
    ApplicationSetsResolver,
    ProjectsResolver,
    PreviewResolver,
    OperationsResolver,
    HoldsResolver,
    LiveObjectsResolver,
    SubscriptionsResolver,
  ],
})
export class GraphqlModule {}
