// Live objects of an Application.
import { Field, GraphQLISODateTime, ID, Int, ObjectType } from '@nestjs/graphql';
import { ResourceRef } from './application-parts.js';

@ObjectType({ description: 'An object on a spoke that Git declares, or that such an object owns.' })
export class LiveObject {
  @Field(() => ResourceRef)
  key!: ResourceRef;

  @Field(() => ID)
  uid!: string;

  @Field(() => ID, {
    nullable: true,
    description: 'Uid of the object of this tree that owns it; null: Git declares it.',
  })
  parent!: string | null;

  @Field(() => GraphQLISODateTime, {
    nullable: true,
    description: 'Null: it was not listed, as kinds that own nothing.',
  })
  createdAt!: Date | null;
}

@ObjectType({ description: 'What a spoke says about an object.' })
export class LiveEvent {
  @Field(() => String, { description: '`Normal` or `Warning`.' })
  type!: string;

  @Field(() => String)
  reason!: string;

  @Field(() => String)
  message!: string;

  @Field(() => Int)
  count!: number;

  @Field(() => GraphQLISODateTime, { nullable: true })
  lastSeen!: Date | null;
}
