// The parts of an Application that are types of their own.
import { Field, GraphQLISODateTime, ID, InputType, Int, ObjectType } from '@nestjs/graphql';
import type { ApplicationId, JsonValue } from '@wheelwright/kernel';
import type { HealthStatus } from '@wheelwright/health';
import type { PlanAction } from '@wheelwright/plan';
import type { OperationPhase, SyncStatus } from '@wheelwright/status';
import type { HistoryKind } from '@wheelwright/status/adapters';
import { connectionType } from '../connection.js';
import { HealthStatuses, HistoryKinds, OperationPhases, PlanActions, SyncStatuses } from './enums.js';
import { JsonScalar } from './json.scalar.js';

@ObjectType({ description: 'Whether the spoke has what Git declares.' })
export class SyncState {
  @Field(() => SyncStatuses)
  status!: SyncStatus;

  @Field(() => String, { description: 'The commit that was last compared; empty before the first comparison.' })
  revision!: string;
}

/** The message is read only when it is asked for. */
@ObjectType({ description: 'The worst of the health of its objects.' })
export class HealthState {
  applicationId!: ApplicationId;

  @Field(() => HealthStatuses)
  status!: HealthStatus;
}

@ObjectType({ description: 'A fact about an Application that a person should see.' })
export class ApplicationCondition {
  @Field(() => String)
  type!: string;

  @Field(() => String)
  message!: string;

  @Field(() => GraphQLISODateTime, { nullable: true })
  since!: Date | null;
}

@ObjectType({ description: 'The last or the running operation.' })
export class Operation {
  @Field(() => OperationPhases)
  phase!: OperationPhase;

  @Field(() => String)
  message!: string;

  @Field(() => GraphQLISODateTime, { nullable: true })
  startedAt!: Date | null;

  @Field(() => GraphQLISODateTime, { nullable: true })
  finishedAt!: Date | null;

  @Field(() => String)
  revision!: string;

  @Field(() => String)
  initiatedBy!: string;

  @Field(() => Boolean)
  automated!: boolean;

  @Field(() => Int)
  retries!: number;
}

@ObjectType({ description: 'What the sync windows of its project say of an Application now.' })
export class SyncWindowState {
  @Field(() => Boolean, { description: 'Whether an automated sync may begin.' })
  allowed!: boolean;

  @Field(() => Boolean, { description: 'Whether a sync that a person asks for may begin.' })
  manualAllowed!: boolean;

  @Field(() => String, { description: 'Which window is in the way of automated syncs; empty where none is.' })
  reason!: string;

  @Field(() => GraphQLISODateTime, {
    nullable: true,
    description: 'Until then `allowed` stays as it is. A change is looked for 400 days ahead.',
  })
  until!: Date | null;
}

@ObjectType({ description: 'Where an Application goes, as declared.' })
export class Destination {
  @Field(() => String)
  server!: string;

  @Field(() => String)
  name!: string;

  @Field(() => String)
  namespace!: string;
}

@ObjectType({ description: 'Where an Application comes from, as declared; parameters are left out.' })
export class Source {
  @Field(() => String)
  repoURL!: string;

  @Field(() => String)
  path!: string;

  @Field(() => String)
  chart!: string;

  @Field(() => String)
  targetRevision!: string;
}

@ObjectType({ description: 'One object of an Application, with the last verdict on it.' })
export class Resource {
  @Field(() => String, { description: 'Empty: the core group.' })
  group!: string;

  @Field(() => String)
  version!: string;

  @Field(() => String)
  kind!: string;

  @Field(() => String, { description: 'Empty: cluster-scoped.' })
  namespace!: string;

  @Field(() => String)
  name!: string;

  @Field(() => Int)
  wave!: number;

  @Field(() => SyncStatuses)
  sync!: SyncStatus;

  @Field(() => HealthStatuses, { nullable: true, description: 'Null: the kind has no rule of health.' })
  health!: HealthStatus | null;

  @Field(() => String)
  healthMessage!: string;

  @Field(() => String)
  message!: string;
}

@InputType({ description: 'All given conditions must hold.' })
export class ResourceFilter {
  @Field(() => [String], { nullable: true })
  kind?: string[] | null;

  @Field(() => [SyncStatuses], { nullable: true })
  sync?: SyncStatus[] | null;

  @Field(() => [HealthStatuses], { nullable: true })
  health?: HealthStatus[] | null;
}

@ObjectType({ description: 'How many objects an operation touched, by what happened to them.' })
export class ChangeCounts {
  @Field(() => Int)
  created!: number;
  @Field(() => Int)
  configured!: number;
  @Field(() => Int)
  unchanged!: number;
  @Field(() => Int)
  deleted!: number;
  @Field(() => Int)
  failed!: number;
}

@ObjectType({ description: 'A finished operation.' })
export class HistoryEntry {
  @Field(() => ID)
  id!: string;

  @Field(() => HistoryKinds)
  kind!: HistoryKind;

  @Field(() => Boolean, { description: 'Whether `rollbackApplication` can bring this state back.' })
  restorable!: boolean;

  @Field(() => String, { description: 'Why somebody asked for it; empty: nobody said.' })
  reason!: string;

  @Field(() => String)
  revision!: string;

  @Field(() => Source, { description: 'The source that was used; parameters are left out.' })
  source!: Source;

  @Field(() => Int, { description: 'Failures in a row before it ended.' })
  retries!: number;

  @Field(() => OperationPhases)
  phase!: OperationPhase;

  @Field(() => String)
  message!: string;

  @Field(() => String)
  initiatedBy!: string;

  @Field(() => Boolean)
  automated!: boolean;

  @Field(() => GraphQLISODateTime)
  startedAt!: Date;

  @Field(() => GraphQLISODateTime)
  finishedAt!: Date;

  @Field(() => ChangeCounts)
  changes!: ChangeCounts;
}

@ObjectType({
  description:
    'One field that differs. Values of Secrets are masks: `++++++++`, and four longer for each further value.',
})
export class Difference {
  @Field(() => String, { description: 'JSON pointer into the object.' })
  pointer!: string;

  @Field(() => JsonScalar, { nullable: true, description: 'Null: the live object does not have the field.' })
  live!: JsonValue;

  @Field(() => JsonScalar, { nullable: true, description: 'Null: Git does not declare the field.' })
  desired!: JsonValue;

  @Field(() => [String], { description: 'Field managers, other than the hub, that own the live field.' })
  contestedBy!: readonly string[];
}

@ObjectType({ description: 'Names one object on a spoke.' })
export class ResourceRef {
  @Field(() => String)
  group!: string;
  @Field(() => String)
  kind!: string;
  @Field(() => String)
  namespace!: string;
  @Field(() => String)
  name!: string;
}

@ObjectType({ description: 'What a sync would do to one object, compared live.' })
export class DiffEntry {
  @Field(() => ResourceRef)
  key!: ResourceRef;

  @Field(() => PlanActions)
  action!: PlanAction;

  @Field(() => String)
  reason!: string;

  @Field(() => [Difference])
  differences!: readonly Difference[];
}

export const ResourceConnection = connectionType(() => Resource, 'Resource');
export const HistoryConnection = connectionType(() => HistoryEntry, 'History');
