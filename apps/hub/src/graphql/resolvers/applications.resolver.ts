import { Inject } from '@nestjs/common';
import { Args, Context, Query, Resolver } from '@nestjs/graphql';
import { Allow } from '@wheelwright/access/adapters';
import type { Connection } from '../connection.js';
import type { GraphqlContext } from '../context.js';
import { cutPage, pageWindow } from '../paging.js';
import {
  applicationByName,
  applicationCount,
  applicationPage,
  toApplication,
  type ApplicationRow,
} from '../queries/applications.queries.js';
import { readCount, Reader } from '../reader.js';
import { ApplicationConnection, ApplicationFilter, ApplicationNode } from '../types/application.type.js';
import { PageArgs } from './page.args.js';

@Resolver(() => ApplicationNode)
export class ApplicationsResolver {
  constructor(@Inject(Reader) private readonly reader: Reader) {}

  @Query(() => ApplicationConnection, { description: 'Applications by name.' })
  @Allow('applications:read')
  applications(
    @Args() page: PageArgs,
    @Args('filter', { type: () => ApplicationFilter, nullable: true }) filter: ApplicationFilter | null,
    @Context() { grants }: GraphqlContext,
  ): Connection<ApplicationNode> {
    const window = pageWindow(page, 1);
    return new ApplicationConnection({
      page: async () =>
        cutPage(
          await this.reader.rows<ApplicationRow>(applicationPage(grants, filter ?? {}, window)),
          window,
          (row) => ({
            key: [row.name],
            node: toApplication(row),
          }),
        ),
      count: () => readCount(this.reader, applicationCount(grants, filter ?? {})),
    });
  }

  @Query(() => ApplicationNode, {
    nullable: true,
    description: 'Null: there is none of this name, or the caller may not see it.',
  })
  @Allow('applications:read')
  async application(
    @Args('name', { type: () => String }) name: string,
    @Context() { grants }: GraphqlContext,
  ): Promise<ApplicationNode | null> {
    const [row] = await this.reader.rows<ApplicationRow>(applicationByName(grants, name));
    return row === undefined ? null : toApplication(row);
  }
}
