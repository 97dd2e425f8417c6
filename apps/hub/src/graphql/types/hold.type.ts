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

@ObjectType({ description: 'Somebody lets no sync of an Application begin or go on.' })
export class ApplicationPause {
  @Field(() => String)
  reason!: string;

  @Field(() => String)
  by!: string;

  @Field(() => GraphQLISODateTime)
  since!: Date;
}

@ObjectType({ description: 'No sync of it begins or goes on; it is compared as before.' })
export class ApplicationPaused {
  @Field(() => Boolean)
  readonly paused = true;
}

@ObjectType({ description: 'It is synced again as its policy says.' })
export class ApplicationResumed {
  @Field(() => Boolean)
  readonly resumed = true;
}

@ObjectType({ description: 'A worker ends the operation. What a hook made already runs on to its own end.' })
export class TerminationAccepted {
  @Field(() => ID)
  readonly operationId: string;

  constructor(operationId: string) {
    this.operationId = operationId;
  }
}

export const PauseApplicationResult = createUnionType({
  name: 'PauseApplicationResult',
  types: () => [ApplicationPaused, NotFound, Refused] as const,
});
export const ResumeApplicationResult = createUnionType({
  name: 'ResumeApplicationResult',
  types: () => [ApplicationResumed, NotFound, Refused] as const,
});
export const TerminateResult = createUnionType({
  name: 'TerminateResult',
  types: () => [TerminationAccepted, NotFound, Refused] as const,
});
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
