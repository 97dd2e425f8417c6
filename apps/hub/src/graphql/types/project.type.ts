import { Field, GraphQLISODateTime, ID, InputType, ObjectType } from '@nestjs/graphql';
import { connectionType } from '../connection.js';

@ObjectType('Project', { description: 'What may be deployed from where to where.' })
export class ProjectNode {
  @Field(() => ID)
  id!: string;

  @Field(() => String)
  name!: string;

  @Field(() => String)
  namespace!: string;

  @Field(() => String)
  description!: string;

  @Field(() => [String])
  sourceRepos!: readonly string[];

  @Field(() => GraphQLISODateTime)
  createdAt!: Date;
}

@InputType({ description: 'All given conditions must hold.' })
export class ProjectFilter {
  @Field(() => String, { nullable: true, description: 'Part of the name, in any case.' })
  text?: string | null;
}

export const ProjectConnection = connectionType(() => ProjectNode, 'Project');
