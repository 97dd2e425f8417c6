import { Inject } from '@nestjs/common';
import { Args, ArgsType, Context, Field, InputType, Mutation, Resolver } from '@nestjs/graphql';
import { Allow } from '@wheelwright/access/adapters';
import { AppError, type JsonObject } from '@wheelwright/kernel';
import { ClusterStore } from '@wheelwright/registry/adapters';
import type { GraphqlContext } from '../context.js';
import { Operations, orRefusal } from '../operations.js';
import { clusterByName, toCluster, type ClusterRow } from '../queries/clusters.queries.js';
import type { DeletionTarget } from '../queries/held-deletions.queries.js';
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

@ArgsType()
export class ApprovalArgs {
  @Field(() => String, { nullable: true, description: 'Name of a set whose removed Applications are held.' })
  set?: string | null;

  @Field(() => String, { nullable: true, description: 'Name of an Application whose objects to prune are held.' })
  application?: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'The `digest` of what was looked at: refused where something else is held by now.',
  })
  digest?: string | null;
}

@Resolver()
export class OperationsResolver {
  constructor(
    @Inject(Operations) private readonly operations: Operations,
    @Inject(ClusterStore) private readonly clusters: ClusterStore,
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
    description:
      'Asks a worker to compare again; with `hard` after a look at its repository, and without what was rendered before.',
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
    @Args() { set, application, digest }: ApprovalArgs,
    @Context() { actor }: GraphqlContext,
  ): Promise<typeof results.ApprovalResult> {
    return orRefusal(async () => {
      const target = deletionTarget(set, application);
      const held = await this.operations.approve(actor, { target, ...(digest == null ? {} : { digest }) });
      return new results.DeletionApproved(toHeldDeletion(held));
    });
  }

  @Mutation(() => results.FreezeResult, {
    description:
      'Stops every write to every spoke until `unfreezeFleet`. Looking goes on, and so does everything that is written to Git.',
  })
  @Allow('fleet:freeze')
  freezeFleet(
    @Args('reason', { type: () => String }) reason: string,
    @Context() { actor }: GraphqlContext,
  ): Promise<typeof results.FreezeResult> {
    return orRefusal(async () => new results.FleetFrozen(await this.operations.freeze(actor, reason)));
  }

  @Mutation(() => results.UnfreezeResult, { description: 'Lets the fleet move again.' })
  @Allow('fleet:freeze')
  unfreezeFleet(): Promise<typeof results.UnfreezeResult> {
    return orRefusal(async () => {
      await this.operations.unfreeze();
      return new results.FleetUnfrozen();
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
      await this.clusters.patch(name, { paused });
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

function deletionTarget(set?: string | null, application?: string | null): DeletionTarget {
  if (set != null && application == null) return { set };
  if (application != null && set == null) return { application };
  throw new AppError('InvalidRequest', 'name either a set or an application');
}
