import { Field, Float, GraphQLISODateTime, ID, InputType, ObjectType } from '@nestjs/graphql';
import type { ClusterId } from '@wheelwright/kernel';
import type { ClusterState } from '@wheelwright/registry';
import { connectionType } from '../connection.js';
import { Label } from './common.js';
import { ClusterStates } from './enums.js';

@ObjectType('Cluster', { description: 'A registered spoke. Its credentials are nowhere in this schema.' })
export class ClusterNode {
  @Field(() => ID)
  id!: ClusterId;

  @Field(() => String)
  name!: string;

  @Field(() => String, { description: 'Address of its API server.' })
  server!: string;

  @Field(() => [Label])
  labels!: readonly Label[];

  @Field(() => String, { description: 'Empty: not scoped to a project.' })
  project!: string;

  @Field(() => [String], { description: 'Empty: all namespaces.' })
  namespaces!: readonly string[];

  @Field(() => Boolean)
  paused!: boolean;

  @Field(() => Boolean, {
    description: 'The hub itself: a destination for Applications, sets and projects, and no spoke.',
  })
  isHub!: boolean;

  @Field(() => ClusterStates)
  state!: ClusterState;

  @Field(() => String, { description: 'Why it is in this state, in one word; empty where all is well.' })
  reason!: string;

  @Field(() => String)
  message!: string;

  @Field(() => GraphQLISODateTime, { nullable: true, description: 'Since when it is in this state.' })
  since!: Date | null;

  @Field(() => String)
  kubernetesVersion!: string;

  @Field(() => GraphQLISODateTime, { nullable: true, description: 'End of the last complete look at its objects.' })
  observedAt!: Date | null;

  @Field(() => Float, { nullable: true, description: 'Age of that look, in seconds, when this was answered.' })
  observedAgeSeconds!: number | null;

  @Field(() => GraphQLISODateTime)
  createdAt!: Date;
}

@InputType({ description: 'All given conditions must hold.' })
export class ClusterFilter {
  @Field(() => String, { nullable: true, description: 'Label selector, as `kubectl -l` takes it.' })
  selector?: string | null;

  @Field(() => String, { nullable: true })
  project?: string | null;

  @Field(() => [ClusterStates], { nullable: true })
  state?: ClusterState[] | null;

  @Field(() => String, { nullable: true, description: 'Part of the name or of the address.' })
  text?: string | null;
}

export const ClusterConnection = connectionType(() => ClusterNode, 'Cluster');
