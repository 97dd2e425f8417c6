import { Field, GraphQLISODateTime, ID, InputType, Int, ObjectType } from '@nestjs/graphql';
import type { ApplicationSetId } from '@wheelwright/kernel';
import { connectionType } from '../connection.js';
import { Label } from './common.js';
import { IssueSeverities } from './enums.js';

@ObjectType({ description: 'A condition of a set, in the words of Argo CD.' })
export class SetCondition {
  @Field(() => String)
  type!: string;

  @Field(() => String)
  status!: string;

  @Field(() => String)
  reason!: string;

  @Field(() => String)
  message!: string;

  @Field(() => GraphQLISODateTime, { nullable: true })
  since!: Date | null;
}

@ObjectType({ description: 'Something that the author of a set should know, and what to do about it.' })
export class SetIssue {
  @Field(() => IssueSeverities)
  severity!: 'error' | 'warning';

  @Field(() => String)
  code!: string;

  @Field(() => String)
  message!: string;

  @Field(() => String, { description: 'Where in the set, as a JSON pointer; may be empty.' })
  pointer!: string;

  @Field(() => String, { nullable: true, description: 'The Application concerned, where it is one.' })
  application!: string | null;
}

@ObjectType('ApplicationSet', { description: 'A template of Applications, and the generators that fill it.' })
export class ApplicationSetNode {
  @Field(() => ID)
  id!: ApplicationSetId;

  @Field(() => String)
  name!: string;

  @Field(() => String)
  namespace!: string;

  @Field(() => [Label])
  labels!: readonly Label[];

  @Field(() => Int, { description: 'Applications of the last complete expansion.' })
  applicationCount!: number;

  @Field(() => Boolean, { description: 'Whether the declared set is the one that was last expanded.' })
  upToDate!: boolean;

  @Field(() => GraphQLISODateTime, { nullable: true })
  expandedAt!: Date | null;

  @Field(() => [SetCondition])
  conditions!: readonly SetCondition[];

  @Field(() => [SetIssue])
  issues!: readonly SetIssue[];

  @Field(() => GraphQLISODateTime)
  createdAt!: Date;
}

@InputType({ description: 'All given conditions must hold.' })
export class ApplicationSetFilter {
  @Field(() => String, { nullable: true, description: 'Part of the name, in any case.' })
  text?: string | null;

  @Field(() => Boolean, { nullable: true, description: 'Only sets with (true) or without (false) issues.' })
  hasIssues?: boolean | null;
}

export const ApplicationSetConnection = connectionType(() => ApplicationSetNode, 'ApplicationSet');
