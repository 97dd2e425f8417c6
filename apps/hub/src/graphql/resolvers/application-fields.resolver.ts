// Fields of an Application that its page statement does not read. Each is one statement for the whole page.
import { Inject, Optional } from '@nestjs/common';
import { Args, Context, GraphQLISODateTime, Int, Parent, ResolveField, Resolver } from '@nestjs/graphql';
import { AppError } from '@wheelwright/kernel';
import type { Connection } from '../connection.js';
import type { GraphqlContext } from '../context.js';
import { cutPage, pageWindow } from '../paging.js';
import { DiffPort } from '../ports.js';
import {
  toConditions,
  toDestination,
  toHeldDeletion,
  toHistoryEntry,
  toOperation,
  toResource,
  toSources,
  withoutSpoke,
} from '../queries/parts.js';
import { ApplicationNode } from '../types/application.type.js';
import * as parts from '../types/application-parts.js';
import { ApplicationSetNode } from '../types/application-set.type.js';
import { ClusterNode } from '../types/cluster.type.js';
import { HeldDeletion } from '../types/common.js';
import { ApplicationPause, RevisionHold } from '../types/hold.type.js';
import { PageArgs } from './page.args.js';

@Resolver(() => ApplicationNode)
export class ApplicationFieldsResolver {
  constructor(@Optional() @Inject(DiffPort) private readonly differ?: DiffPort) {}

  @ResolveField(() => ClusterNode, { nullable: true, description: 'Null: the destination is no registered spoke.' })
  async cluster(
    @Parent() { clusterId }: ApplicationNode,
    @Context() { loaders }: GraphqlContext,
  ): Promise<ClusterNode | null> {
    return clusterId === null ? null : loaders.cluster.load(clusterId);
  }

  @ResolveField(() => ApplicationSetNode, {
    nullable: true,
    description: 'The set that made it; null: somebody declared it.',
  })
  async set(
    @Parent() { setId }: ApplicationNode,
    @Context() { loaders }: GraphqlContext,
  ): Promise<ApplicationSetNode | null> {
    return setId === null ? null : loaders.set.load(setId);
  }

  @ResolveField(() => GraphQLISODateTime, {
    nullable: true,
    description: 'When its spoke was last looked at completely: how old the verdict may be.',
  })
  async observedAt(
    @Parent() { clusterId }: ApplicationNode,
    @Context() { loaders }: GraphqlContext,
  ): Promise<Date | null> {
    if (clusterId === null) return null;
    const cluster = await loaders.cluster.load(clusterId);
    return cluster === null ? loaders.observedAt.load(clusterId) : cluster.observedAt;
  }

  @ResolveField(() => parts.SyncWindowState, {
    nullable: true,
    description: 'Null: no sync window concerns it, so that they never are in its way.',
  })
  syncWindow(
    @Parent() { id }: ApplicationNode,
    @Context() { loaders }: GraphqlContext,
  ): Promise<parts.SyncWindowState | null> {
    return loaders.syncWindow.load(id);
  }

  @ResolveField(() => parts.Destination)
  async destination(
    @Parent() { id }: ApplicationNode,
    @Context() { loaders }: GraphqlContext,
  ): Promise<parts.Destination> {
    return toDestination(await loaders.declared.load(id));
  }

  @ResolveField(() => [parts.Source])
  async sources(@Parent() { id }: ApplicationNode, @Context() { loaders }: GraphqlContext): Promise<parts.Source[]> {
    return toSources(await loaders.declared.load(id));
  }

  @ResolveField(() => [parts.ApplicationCondition])
  async conditions(
    @Parent() { id, clusterId }: ApplicationNode,
    @Context() { loaders }: GraphqlContext,
  ): Promise<parts.ApplicationCondition[]> {
    const found = toConditions(await loaders.detail.load(id));
    // No worker looks at what goes nowhere, so nobody else would say why it stays Unknown.
    return clusterId === null ? [...found, withoutSpoke(toDestination(await loaders.declared.load(id)))] : found;
  }

  @ResolveField(() => parts.Operation, { nullable: true, description: 'The last or the running operation.' })
  async operation(
    @Parent() { id }: ApplicationNode,
    @Context() { loaders }: GraphqlContext,
  ): Promise<parts.Operation | null> {
    return toOperation(await loaders.detail.load(id));
  }

  @ResolveField(() => Int, { description: 'Objects at the last comparison.' })
  async resourceCount(@Parent() { id }: ApplicationNode, @Context() { loaders }: GraphqlContext): Promise<number> {
    return (await loaders.detail.load(id))?.resource_count ?? 0;
  }

  @ResolveField(() => GraphQLISODateTime, {
    nullable: true,
    description: 'When a comparison last wrote something new.',
  })
  async comparedAt(@Parent() { id }: ApplicationNode, @Context() { loaders }: GraphqlContext): Promise<Date | null> {
    return (await loaders.detail.load(id))?.compared_at ?? null;
  }

  @ResolveField(() => RevisionHold, {
    nullable: true,
    description: 'Null: it follows its target revision.',
  })
  revisionHold(
    @Parent() { id }: ApplicationNode,
    @Context() { loaders }: GraphqlContext,
  ): Promise<RevisionHold | null> {
    return loaders.hold.load(id);
  }

  @ResolveField(() => ApplicationPause, { nullable: true, description: 'Null: nobody paused it.' })
  pause(@Parent() { id }: ApplicationNode, @Context() { loaders }: GraphqlContext): Promise<ApplicationPause | null> {
    return loaders.pause.load(id);
  }

  @ResolveField(() => HeldDeletion, { nullable: true, description: 'Objects to prune past the deletion budget.' })
  async heldDeletion(
    @Parent() { id }: ApplicationNode,
    @Context() { loaders }: GraphqlContext,
  ): Promise<HeldDeletion | null> {
    const row = await loaders.heldByApplication.load(id);
    return row === null ? null : toHeldDeletion(row);
  }

  @ResolveField(() => parts.ResourceConnection, { description: 'Its objects by group, kind, namespace, name.' })
  resources(
    @Parent() { id }: ApplicationNode,
    @Context() { loaders }: GraphqlContext,
    @Args() page: PageArgs,
    @Args('filter', { type: () => parts.ResourceFilter, nullable: true }) given: parts.ResourceFilter | null,
  ): Connection<parts.Resource> {
    const window = pageWindow(page, 4);
    const filter = given ?? {};
    return new parts.ResourceConnection({
      page: async () =>
        cutPage((await loaders.resources.load({ id, filter, window })) ?? [], window, (row) => ({
          key: [row.api_group, row.kind, row.namespace, row.name],
          node: toResource(row),
        })),
      count: async () => (await loaders.resourceCount.load({ id, filter })) ?? 0,
    });
  }

  @ResolveField(() => parts.HistoryConnection, { description: 'Its finished operations, newest first.' })
  history(
    @Parent() { id }: ApplicationNode,
    @Context() { loaders }: GraphqlContext,
    @Args() page: PageArgs,
  ): Connection<parts.HistoryEntry> {
    const window = pageWindow(page, 1);
    const before = window.after?.[0];
    if (before !== undefined && !/^\d{1,18}$/.test(before)) {
      throw new AppError('InvalidRequest', 'the cursor is not one of this list: start from the first page');
    }
    const key = { id, first: window.first, ...(before === undefined ? {} : { before }) };
    return new parts.HistoryConnection({
      page: async () =>
        cutPage((await loaders.history.load(key)) ?? [], window, (row) => ({
          key: [row.id],
          node: toHistoryEntry(row),
        })),
      count: () => loaders.historyCount.load(id),
    });
  }

  @ResolveField(() => [parts.DiffEntry], {
    nullable: true,
    description: 'What a sync would change, compared now on its spoke. Secrets are masked.',
  })
  async diff(@Parent() { id }: ApplicationNode): Promise<parts.DiffEntry[]> {
    if (this.differ === undefined) throw new AppError('Unavailable', 'this hub does not compare live');
    const entries = await this.differ.diff(id);
    return entries.map(({ key, action, reason, differences }) => ({
      key,
      action,
      reason: reason ?? '',
      differences: differences.map(({ pointer, live, desired, contestedBy = [] }) => ({
        pointer,
        live: live ?? null,
        desired: desired ?? null,
        contestedBy,
      })),
    }));
  }
}

@Resolver(() => parts.HealthState)
export class HealthStateResolver {
  @ResolveField(() => String, { description: 'Why it is so; empty where all is well.' })
  async message(
    @Parent() { applicationId }: parts.HealthState,
    @Context() { loaders }: GraphqlContext,
  ): Promise<string> {
    return (await loaders.detail.load(applicationId))?.health_message ?? '';
  }
}
