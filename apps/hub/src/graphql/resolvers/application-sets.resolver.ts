import { Inject } from '@nestjs/common';
import { Args, Context, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { Allow } from '@wheelwright/access/adapters';
import type { Connection } from '../connection.js';
import type { GraphqlContext } from '../context.js';
import { cutPage, pageWindow } from '../paging.js';
import {
  setByName,
  setCount,
  setPage,
  toApplicationSet,
  type ApplicationSetRow,
} from '../queries/application-sets.queries.js';
import { toHeldDeletion } from '../queries/parts.js';
import { readCount, Reader } from '../reader.js';
import { ApplicationSetConnection, ApplicationSetFilter, ApplicationSetNode } from '../types/application-set.type.js';
import { HeldDeletion } from '../types/common.js';
import { ApplicationCounts } from '../types/counts.js';
import { PageArgs } from './page.args.js';

@Resolver(() => ApplicationSetNode)
export class ApplicationSetsResolver {
  constructor(@Inject(Reader) private readonly reader: Reader) {}

  @Query(() => ApplicationSetConnection, { description: 'ApplicationSets by name.' })
  @Allow('applicationsets:read')
  applicationSets(
    @Args() page: PageArgs,
    @Args('filter', { type: () => ApplicationSetFilter, nullable: true }) filter: ApplicationSetFilter | null,
    @Context() { grants }: GraphqlContext,
  ): Connection<ApplicationSetNode> {
    const window = pageWindow(page, 1);
    return new ApplicationSetConnection({
      page: async () =>
        cutPage(await this.reader.rows<ApplicationSetRow>(setPage(grants, filter ?? {}, window)), window, (row) => ({
          key: [row.name],
          node: toApplicationSet(row),
        })),
      count: () => readCount(this.reader, setCount(grants, filter ?? {})),
    });
  }

  @Query(() => ApplicationSetNode, {
    nullable: true,
    description: 'Null: there is none of this name, or the caller may not see it.',
  })
  @Allow('applicationsets:read')
  async applicationSet(
    @Args('name', { type: () => String }) name: string,
    @Context() { grants }: GraphqlContext,
  ): Promise<ApplicationSetNode | null> {
    const [row] = await this.reader.rows<ApplicationSetRow>(setByName(grants, name));
    return row === undefined ? null : toApplicationSet(row);
  }

  @ResolveField(() => ApplicationCounts, { description: 'Its Applications, counted by verdict.' })
  counts(@Parent() set: ApplicationSetNode, @Context() { loaders }: GraphqlContext): Promise<ApplicationCounts> {
    return loaders.setCounts.load(set.id);
  }

  @ResolveField(() => HeldDeletion, { nullable: true, description: 'Removed Applications past the deletion budget.' })
  async heldDeletion(
    @Parent() set: ApplicationSetNode,
    @Context() { loaders }: GraphqlContext,
  ): Promise<HeldDeletion | null> {
    const row = await loaders.heldBySet.load(set.id);
    return row === null ? null : toHeldDeletion(row);
  }
}
