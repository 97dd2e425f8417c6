import { Inject } from '@nestjs/common';
import { Args, Context, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { Allow } from '@wheelwright/access/adapters';
import type { Connection } from '../connection.js';
import type { GraphqlContext } from '../context.js';
import { cutPage, pageWindow } from '../paging.js';
import { clusterByName, clusterCount, clusterPage, toCluster, type ClusterRow } from '../queries/clusters.queries.js';
import { readCount, Reader } from '../reader.js';
import { ClusterConnection, ClusterFilter, ClusterNode } from '../types/cluster.type.js';
import { ApplicationCounts } from '../types/counts.js';
import { PageArgs } from './page.args.js';

@Resolver(() => ClusterNode)
export class ClustersResolver {
  constructor(@Inject(Reader) private readonly reader: Reader) {}

  @Query(() => ClusterConnection, { description: 'Spokes by name.' })
  @Allow('clusters:read')
  clusters(
    @Args() page: PageArgs,
    @Args('filter', { type: () => ClusterFilter, nullable: true }) filter: ClusterFilter | null,
    @Context() { grants }: GraphqlContext,
  ): Connection<ClusterNode> {
    const window = pageWindow(page, 1);
    return new ClusterConnection({
      page: async () =>
        cutPage(await this.reader.rows<ClusterRow>(clusterPage(grants, filter ?? {}, window)), window, (row) => ({
          key: [row.name],
          node: toCluster(row),
        })),
      count: () => readCount(this.reader, clusterCount(grants, filter ?? {})),
    });
  }

  @Query(() => ClusterNode, {
    nullable: true,
    description: 'Null: there is none of this name, or the caller may not see it.',
  })
  @Allow('clusters:read')
  async cluster(
    @Args('name', { type: () => String }) name: string,
    @Context() { grants }: GraphqlContext,
  ): Promise<ClusterNode | null> {
    const [row] = await this.reader.rows<ClusterRow>(clusterByName(grants, name));
    return row === undefined ? null : toCluster(row);
  }

  @ResolveField(() => ApplicationCounts, { description: 'Its Applications, counted by verdict.' })
  applications(@Parent() cluster: ClusterNode, @Context() { loaders }: GraphqlContext): Promise<ApplicationCounts> {
    return loaders.clusterCounts.load(cluster.id);
  }
}
