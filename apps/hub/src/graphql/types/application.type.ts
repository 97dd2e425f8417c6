import { Field, GraphQLISODateTime, ID, InputType, ObjectType } from '@nestjs/graphql';
import type { ApplicationId, ApplicationSetId, ClusterId } from '@wheelwright/kernel';
import type { HealthStatus } from '@wheelwright/health';
import type { SyncStatus } from '@wheelwright/status';
import { connectionType } from '../connection.js';
import { HealthState, SyncState } from './application-parts.js';
import { Label } from './common.js';
import { HealthStatuses, SyncStatuses } from './enums.js';

/** What one page statement reads of an Application; the rest is resolved field by field, in batches. */
@ObjectType('Application', { description: 'One set of manifests for one destination.' })
export class ApplicationNode {
  clusterId!: ClusterId | null;
  setId!: ApplicationSetId | null;

  @Field(() => ID)
  id!: ApplicationId;

  @Field(() => String)
  name!: string;

  @Field(() => String)
  namespace!: string;

  @Field(() => String)
  project!: string;

  @Field(() => [Label])
  labels!: readonly Label[];

  @Field(() => SyncState)
  sync!: SyncState;

  @Field(() => HealthState)
  health!: HealthState;

  @Field(() => GraphQLISODateTime, { nullable: true, description: 'When the verdict last changed.' })
  changedAt!: Date | null;

  @Field(() => GraphQLISODateTime)
  createdAt!: Date;

  @Field(() => GraphQLISODateTime, { nullable: true, description: 'Not null: it is being deleted.' })
  deletionRequestedAt!: Date | null;
}

@InputType({ description: 'All given conditions must hold; a list holds where one of its words does.' })
export class ApplicationFilter {
  @Field(() => String, { nullable: true, description: 'Name of the spoke that it goes to.' })
  cluster?: string | null;

  @Field(() => String, { nullable: true, description: 'Label selector over spokes, as `kubectl -l` takes it.' })
  clusterSelector?: string | null;

  @Field(() => String, { nullable: true })
  project?: string | null;

  @Field(() => String, { nullable: true, description: 'Name of the ApplicationSet that made it.' })
  set?: string | null;

  @Field(() => [SyncStatuses], { nullable: true })
  sync?: SyncStatus[] | null;

  @Field(() => [HealthStatuses], { nullable: true })
  health?: HealthStatus[] | null;

  @Field(() => String, { nullable: true, description: 'Part of the name, in any case.' })
  text?: string | null;
}

export const ApplicationConnection = connectionType(() => ApplicationNode, 'Application');
