import { Inject } from '@nestjs/common';
import { Args, ArgsType, Context, Field, Query, Resolver } from '@nestjs/graphql';
import { Allow } from '@wheelwright/access/adapters';
import { PreviewService } from '../../preview/preview.service.js';
import type { GraphqlContext } from '../context.js';
import { SetPreview, toSetPreview } from '../types/preview.type.js';

@ArgsType()
export class PreviewArgs {
  @Field(() => String, { nullable: true, description: 'Name of a declared set.' })
  name?: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'The set as YAML or JSON; it may differ from the declared one of its name.',
  })
  yaml?: string | null;

  @Field(() => String, { nullable: true, description: 'Where git generators read instead of their own revision.' })
  revision?: string | null;

  @Field(() => String, { nullable: true, description: 'Only generators of this repository read at `revision`.' })
  repoURL?: string | null;
}

@Resolver()
export class PreviewResolver {
  constructor(@Inject(PreviewService) private readonly previews: PreviewService) {}

  @Query(() => [SetPreview], {
    description:
      'What a declared set, or each set of a text, would create, change and remove, and why. Nothing is written.',
  })
  @Allow('applicationsets:read')
  async previewApplicationSet(
    @Args() args: PreviewArgs,
    @Context() { actor }: GraphqlContext,
  ): Promise<readonly SetPreview[]> {
    const { name, yaml, revision, repoURL } = args;
    const previews = await this.previews.preview(
      {
        ...(name == null ? {} : { name }),
        ...(yaml == null ? {} : { documents: yaml }),
        ...(revision == null ? {} : { revision }),
        ...(repoURL == null ? {} : { repoURL }),
      },
      actor,
    );
    return previews.map(toSetPreview);
  }
}
