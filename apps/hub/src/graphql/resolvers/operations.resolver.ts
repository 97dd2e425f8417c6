import { Inject } from '@nestjs/common';
import { Args, Context, Field, InputType, Mutation, Resolver } from '@nestjs/graphql';
import { Allow } from '@wheelwright/access/adapters';
import { AppError, type JsonObject } from '@wheelwright/kernel';
import type { GraphqlContext } from '../context.js';
import { Operations, orRefusal } from '../operations.js';
import { ClusterPauses, DeletionApprovals, type DeletionTarget } from '../ports.js';
import { clusterByName, toCluster, type ClusterRow } from '../queries/clusters.queries.js';
import { heldByName, type HeldRow } from '../queries/held-deletions.queries.js';
import { Reader } from '../reader.js';
import * as results from '../types/results.js';
import { toHeldDeletion } from '../queries/parts.js';

const MAX_RESOURCES = 500;

@InputType({ description: 'Names one object of an Application.' })
export class ResourceSelector {
  @Field(() => String, { defaultValue: '', description: 'Empty: the core group.' })
  group!: string;

  @Field(() => String)
  kind!: string;

  @Field(() => String, { nullable: true, description: 'Absent: any.' })
  namespace?: string | null;

  @Field(() => String)
  name!: string;
}

@Resolver()
export class OperationsResolver {
  constructor(
    @Inject(Operations) private readonly operations: Operations,
    @Inject(DeletionApprovals) private readonly approvals: DeletionApprovals,
    @Inject(ClusterPauses) private readonly pauses: ClusterPauses,
    @Inject(Reader) private readonly reader: Reader,
  ) {}

  @Mutation(() => results.SyncResult, { description: 'Asks a worker to bring the spoke to what Git declares now.' })
  @Allow('applications:sync')
  syncApplication(
    @Args('name', { type: () => String }) name: string,
    @Args('prune', { type: () => Boolean, defaultValue: false }) prune: boolean,
    @Args('dryRun', { type: () => Boolean, defaultValue: false }) dryRun: boolean,
    @Args('resources', { type: () => [ResourceSelector], nullable: true }) resources: ResourceSelector[] | null,
    @Context() { actor }: GraphqlContext,
  ): Promise<typeof results.SyncResult> {
    return orRefusal(async () => {
      const options = { prune, dryRun, ...selected(resources ?? []) };
      return new results.SyncAccepted(await this.operations.request(actor, { kind: 'sync', name, options }));
    });
  }

  @Mutation(() => results.RefreshResult, {
    description: 'Asks a worker to compare again; with `hard` without what was rendered before.',
  })
  @Allow('applications:sync')
  refreshApplication(
    @Args('name', { type: () => String }) name: string,
    @Args('hard', { type: () => Boolean, defaultValue: false }) hard: boolean,
    @Context() { actor }: GraphqlContext,
  ): Promise<typeof results.RefreshResult> {
    return orRefusal(async () => {
      const kind = hard ? 'hardRefresh' : 'refresh';
      return new results.RefreshAccepted(await this.operations.request(actor, { kind, name, options: {} }));
    });
  }

  @Mutation(() => results.ApprovalResult, {
    description: 'Lets a held deletion of a set, or of an Application, go ahead: exactly what is held now.',
  })
  @Allow('deletions:approve')
  approveDeletion(
    @Args('set', { type: () => String, nullable: true }) set: string | null,
    @Args('application', { type: () => String, nullable: true }) application: string | null,
    @Context() { actor, grants }: GraphqlContext,
  ): Promise<typeof results.ApprovalResult> {
    return orRefusal(async () => {
      const target = deletionTarget(set, application);
      const [held] = await this.reader.rows<HeldRow>(heldByName(grants, target));
      if (held === undefined) throw new AppError('NotFound', 'no deletion is held there');
      await this.approvals.approve(actor, target);
      return new results.DeletionApproved({
        names: toHeldDeletion(held).names,
        approvedBy: actor.name,
        approvedAt: new Date(),
      });
    });
  }

  @Mutation(() => results.PauseResult, {
    description: 'While a spoke is paused, nothing is read from it or written to it.',
  })
  @Allow('clusters:write')
  pauseCluster(
    @Args('name', { type: () => String }) name: string,
    @Args('paused', { type: () => Boolean, defaultValue: true }) paused: boolean,
    @Context() { grants }: GraphqlContext,
  ): Promise<typeof results.PauseResult> {
    return orRefusal(async () => {
      const visible = await this.reader.rows<ClusterRow>(clusterByName(grants, name));
      if (visible.length === 0) throw new AppError('NotFound', `there is no cluster "${name}"`);
      await this.pauses.setPaused(name, paused);
      const [row] = await this.reader.rows<ClusterRow>(clusterByName(grants, name));
      if (row === undefined) throw new AppError('NotFound', `there is no cluster "${name}"`);
      return new results.ClusterPaused(toCluster(row));
    });
  }
}

function selected(resources: readonly ResourceSelector[]): JsonObject {
  if (resources.length > MAX_RESOURCES)
    throw new AppError('InvalidRequest', `name at most ${MAX_RESOURCES} resources, or none for all`);
  if (resources.length === 0) return {};
  return {
    resources: resources.map(({ group, kind, namespace, name }) => ({
      group,
      kind,
      name,
      ...(namespace == null ? {} : { namespace }),
    })),
  };
}

function deletionTarget(set: string | null, application: string | null): DeletionTarget {
  if (set != null && application == null) return { set };
  if (application != null && set == null) return { application };
  throw new AppError('InvalidRequest', 'name either a set or an application');
}
