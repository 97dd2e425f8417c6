import { Inject } from '@nestjs/common';
import { Args, Context, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { Allow } from '@wheelwright/access/adapters';
import type { Connection } from '../connection.js';
import type { GraphqlContext } from '../context.js';
import { cutPage, pageWindow } from '../paging.js';
import { projectByName, projectCount, projectPage, toProject, type ProjectRow } from '../queries/projects.queries.js';
import { readCount, Reader } from '../reader.js';
import { ApplicationCounts } from '../types/counts.js';
import { ProjectConnection, ProjectFilter, ProjectNode } from '../types/project.type.js';
import { PageArgs } from './page.args.js';

@Resolver(() => ProjectNode)
export class ProjectsResolver {
  constructor(@Inject(Reader) private readonly reader: Reader) {}

  @Query(() => ProjectConnection, { description: 'Projects by name.' })
  @Allow('projects:read')
  projects(
    @Args() page: PageArgs,
    @Args('filter', { type: () => ProjectFilter, nullable: true }) filter: ProjectFilter | null,
    @Context() { grants }: GraphqlContext,
  ): Connection<ProjectNode> {
    const window = pageWindow(page, 1);
    return new ProjectConnection({
      page: async () =>
        cutPage(await this.reader.rows<ProjectRow>(projectPage(grants, filter ?? {}, window)), window, (row) => ({
          key: [row.name],
          node: toProject(row),
        })),
      count: () => readCount(this.reader, projectCount(grants, filter ?? {})),
    });
  }

  @Query(() => ProjectNode, {
    nullable: true,
    description: 'Null: there is none of this name, or the caller may not see it.',
  })
  @Allow('projects:read')
  async project(
    @Args('name', { type: () => String }) name: string,
    @Context() { grants }: GraphqlContext,
  ): Promise<ProjectNode | null> {
    const [row] = await this.reader.rows<ProjectRow>(projectByName(grants, name));
    return row === undefined ? null : toProject(row);
  }

  @ResolveField(() => ApplicationCounts, { description: 'Its Applications, counted by verdict.' })
  applications(@Parent() project: ProjectNode, @Context() { loaders }: GraphqlContext): Promise<ApplicationCounts> {
    return loaders.projectCounts.load(project.name);
  }
}
