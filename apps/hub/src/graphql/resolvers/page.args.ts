import { ArgsType, Field, Int } from '@nestjs/graphql';
import { DEFAULT_PAGE, MAX_PAGE, type PageRequest } from '../paging.js';

/** Arguments of every connection. */
@ArgsType()
export class PageArgs implements PageRequest {
  @Field(() => Int, { defaultValue: DEFAULT_PAGE, description: `1 to ${MAX_PAGE}.` })
  first!: number;

  @Field(() => String, { nullable: true, description: 'The `endCursor` of the page before.' })
  after?: string | null;
}
