import { Inject } from '@nestjs/common';
import { Args, Context, Int, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { Allow } from '@wheelwright/access/adapters';
import type { Connection } from '../connection.js';
import type { GraphqlContext } from '../context.js';
import { cutPage, MAX_PAGE, pageWindow } from '../paging.js';
import { toDestinations, toOrphan, toRoles, toSyncWindows } from '../queries/project-details.queries.js';
import { projectByName, projectCount, projectPage, toProject, type ProjectRow } from '../queries/projects.queries.js';
import { readCount, Reader } from '../reader.js';
import { ApplicationCounts } from '../types/counts.js';
import * as parts from '../types/project-parts.js';
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

  @ResolveField(() => [parts.ProjectDestination])
  async destinations(
    @Parent() { name }: ProjectNode,
    @Context() { loaders }: GraphqlContext,
  ): Promise<parts.ProjectDestination[]> {
    return toDestinations(await loaders.projectSpec.load(name));
  }

  @ResolveField(() => [String], { description: 'Beside its own namespace, where its Applications may stand.' })
  async sourceNamespaces(
    @Parent() { name }: ProjectNode,
    @Context() { loaders }: GraphqlContext,
  ): Promise<readonly string[]> {
    return (await loaders.projectSpec.load(name))?.spec.sourceNamespaces ?? [];
  }

  @ResolveField(() => [parts.ProjectServiceAccount], { description: 'None: the hub works with its own credentials.' })
  async destinationServiceAccounts(
    @Parent() { name }: ProjectNode,
    @Context() { loaders }: GraphqlContext,
  ): Promise<readonly parts.ProjectServiceAccount[]> {
    return (await loaders.projectSpec.load(name))?.spec.destinationServiceAccounts ?? [];
  }

  @ResolveField(() => [parts.ProjectRoleNode])
  async roles(
    @Parent() { name }: ProjectNode,
    @Context() { loaders }: GraphqlContext,
  ): Promise<parts.ProjectRoleNode[]> {
    return toRoles(await loaders.projectSpec.load(name));
  }

  @ResolveField(() => [parts.ProjectSyncWindow])
  async syncWindows(
    @Parent() { name }: ProjectNode,
    @Context() { loaders }: GraphqlContext,
  ): Promise<parts.ProjectSyncWindow[]> {
    return toSyncWindows(await loaders.projectSpec.load(name));
  }

  @ResolveField(() => parts.OrphanedResources, {
    nullable: true,
    description:
      'Objects in its namespaces that no Application manages. Null: the project does not have them searched.',
  })
  async orphanedResources(
    @Parent() { name }: ProjectNode,
    @Context() { loaders }: GraphqlContext,
    @Args('first', { type: () => Int, defaultValue: 100, description: `1 to ${MAX_PAGE}.` }) given: number,
  ): Promise<parts.OrphanedResources | null> {
    const { first } = pageWindow({ first: given }, 0);
    const row = await loaders.projectSpec.load(name);
    if (row?.spec.orphanedResources === undefined) return null;
    return new parts.OrphanedResources({
      count: () => loaders.orphanCount.load(name),
      items: async () => ((await loaders.orphans.load({ id: name, first })) ?? []).map(toOrphan),
    });
  }
}
