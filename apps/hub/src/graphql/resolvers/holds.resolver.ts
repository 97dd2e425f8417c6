import { Inject } from '@nestjs/common';
import { Args, ArgsType, Context, Field, ID, Mutation, Resolver } from '@nestjs/graphql';
import { Allow } from '@wheelwright/access/adapters';
import { AppError } from '@wheelwright/kernel';
import type { Restore } from '@wheelwright/status/adapters';
import type { GraphqlContext } from '../context.js';
import { Holds } from '../holds.js';
import { orRefusal } from '../operations.js';
import * as results from '../types/hold.type.js';

@ArgsType()
class HoldArgs {
  @Field(() => String)
  name!: string;

  @Field(() => String, { defaultValue: '', description: 'Shown with the Application and in its history.' })
  reason!: string;

  @Field(() => Boolean, { defaultValue: false, description: 'Delete what the revision does not declare.' })
  prune!: boolean;
}

@ArgsType()
export class RollbackArgs extends HoldArgs {
  @Field(() => ID, { nullable: true, description: 'An entry of its history whose `restorable` is true.' })
  historyId?: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'A commit; the first 7 digits or more are enough for one in its history.',
  })
  revision?: string | null;
}

@ArgsType()
export class PinArgs extends HoldArgs {
  @Field(() => String, {
    description: 'A commit; the first 7 digits or more are enough for one in its history.',
  })
  revision!: string;
}

@Resolver()
export class HoldsResolver {
  constructor(@Inject(Holds) private readonly holds: Holds) {}

  @Mutation(() => results.RollbackResult, {
    description:
      'Brings an Application back to an earlier state. Automated sync keeps it there: what was rolled away is denied until something newer is declared.',
  })
  @Allow('applications:sync')
  rollbackApplication(
    @Args() { historyId, revision, ...request }: RollbackArgs,
    @Context() { actor }: GraphqlContext,
  ): Promise<typeof results.RollbackResult> {
    return orRefusal(async () => {
      const to = restoreOf(historyId, revision);
      return new results.RevisionHeld(await this.holds.rollBack(actor, { ...request, to }));
    });
  }

  @Mutation(() => results.PinResult, {
    description: 'Syncs an Application to a commit and holds it there, whatever is declared, until `unpinApplication`.',
  })
  @Allow('applications:sync')
  pinApplication(@Args() request: PinArgs, @Context() { actor }: GraphqlContext): Promise<typeof results.PinResult> {
    return orRefusal(async () => new results.RevisionHeld(await this.holds.pin(actor, request)));
  }

  @Mutation(() => results.UnpinResult, {
    description: 'Ends a rollback or a pin: the Application follows its target revision again.',
  })
  @Allow('applications:sync')
  unpinApplication(
    @Args('name', { type: () => String }) name: string,
    @Context() { actor }: GraphqlContext,
  ): Promise<typeof results.UnpinResult> {
    return orRefusal(async () => {
      await this.holds.unpin(actor, name);
      return new results.RevisionReleased();
    });
  }

  @Mutation(() => results.PauseApplicationResult, {
    description:
      'Lets no sync of an Application begin or go on, automated or not, until `resumeApplication`. Deleting it still works.',
  })
  @Allow('applications:sync')
  pauseApplication(
    @Args('name', { type: () => String }) name: string,
    @Args('reason', { type: () => String }) reason: string,
    @Context() { actor }: GraphqlContext,
  ): Promise<typeof results.PauseApplicationResult> {
    return orRefusal(async () => {
      await this.holds.pause(actor, name, reason);
      return new results.ApplicationPaused();
    });
  }

  @Mutation(() => results.ResumeApplicationResult, { description: 'Ends a pause.' })
  @Allow('applications:sync')
  resumeApplication(
    @Args('name', { type: () => String }) name: string,
    @Context() { actor }: GraphqlContext,
  ): Promise<typeof results.ResumeApplicationResult> {
    return orRefusal(async () => {
      await this.holds.resume(actor, name);
      return new results.ApplicationResumed();
    });
  }

  @Mutation(() => results.TerminateResult, {
    description: 'Ends the operation that runs, or waits to be tried again. It is not tried again by itself.',
  })
  @Allow('applications:sync')
  terminateOperation(
    @Args('name', { type: () => String }) name: string,
    @Context() { actor }: GraphqlContext,
  ): Promise<typeof results.TerminateResult> {
    return orRefusal(async () => new results.TerminationAccepted(await this.holds.terminate(actor, name)));
  }
}

function restoreOf(historyId?: string | null, revision?: string | null): Restore {
  if (historyId != null && revision == null) return { historyId };
  if (revision != null && historyId == null) return { revision };
  throw new AppError('InvalidRequest', 'name either an entry of the history or a revision');
}
