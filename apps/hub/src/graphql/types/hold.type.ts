// What holds an Application where it is, and what the mutations about that answer.
import { createUnionType, Field, GraphQLISODateTime, ID, ObjectType } from '@nestjs/graphql';
import type { Pin } from '@wheelwright/rollout';
import { HoldKinds } from './enums.js';
import { NotFound, Refused } from './results.js';

@ObjectType({
  description: 'A commit that somebody holds an Application at, whatever its target revision has come to.',
})
export class RevisionHold {
  @Field(() => HoldKinds)
  kind!: Pin['kind'];

  @Field(() => String)
  revision!: string;

  @Field(() => String, { description: 'Why, in the words of who did it; may be empty.' })
  reason!: string;

  @Field(() => String)
  by!: string;

  @Field(() => GraphQLISODateTime)
  since!: Date;

  @Field(() => [String], { description: 'Commits that were rolled away: they are not deployed again by themselves.' })
  denied!: readonly string[];
}

@ObjectType({ description: 'A worker brings the Application to the revision, and it is held there.' })
export class RevisionHeld {
  @Field(() => ID)
  readonly operationId: string;

  @Field(() => String, { description: 'The whole commit.' })
  readonly revision: string;

  constructor({ operationId, revision }: { readonly operationId: string; readonly revision: string }) {
    this.operationId = operationId;
    this.revision = revision;
  }
}

@ObjectType({ description: 'The Application follows what is declared again.' })
export class RevisionReleased {
  @Field(() => Boolean)
  readonly released = true;
}

export const RollbackResult = createUnionType({
  name: 'RollbackResult',
  types: () => [RevisionHeld, NotFound, Refused] as const,
});
export const PinResult = createUnionType({
  name: 'PinResult',
  types: () => [RevisionHeld, NotFound, Refused] as const,
});
export const UnpinResult = createUnionType({
  name: 'UnpinResult',
  types: () => [RevisionReleased, NotFound, Refused] as const,
});
