// Small types that several nodes share.
import { Field, GraphQLISODateTime, ID, Int, ObjectType } from '@nestjs/graphql';

@ObjectType({ description: 'A label.' })
export class Label {
  @Field(() => String)
  key!: string;

  @Field(() => String)
  value!: string;
}

/** Labels sorted by key. */
export function labelList(labels: Readonly<Record<string, string>>): Label[] {
  return Object.entries(labels)
    .map(([key, value]) => ({ key, value }))
    .sort((a, b) => (a.key < b.key ? -1 : 1));
}

@ObjectType({ description: 'A deletion past the budget, which waits for a named approval.' })
export class HeldDeletion {
  @Field(() => ID)
  id!: string;

  @Field(() => [String], { description: 'Applications of a set, or objects of an Application; the first 1,000.' })
  names!: readonly string[];

  @Field(() => Int, { description: 'Of how many: all Applications of the set, or all objects of the Application.' })
  total!: number;

  @Field(() => String, { description: 'Digest of the names: an approval holds for exactly these.' })
  digest!: string;

  @Field(() => String)
  reason!: string;

  @Field(() => GraphQLISODateTime)
  createdAt!: Date;

  @Field(() => GraphQLISODateTime, { nullable: true })
  approvedAt!: Date | null;

  @Field(() => String, { nullable: true })
  approvedBy!: string | null;
}
