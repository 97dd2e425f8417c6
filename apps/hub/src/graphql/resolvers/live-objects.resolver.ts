import { Inject } from '@nestjs/common';
import { Args, Parent, ResolveField, Resolver } from '@nestjs/graphql';
import { LiveObjectsPort } from '../ports.js';
import { readTime } from '../queries/text.js';
import { ApplicationNode } from '../types/application.type.js';
import { LiveEvent, LiveObject } from '../types/live-object.type.js';
import { ResourceSelector } from './operations.resolver.js';

/** Fields of an Application that are read from its spoke at the time of the query. */
@Resolver(() => ApplicationNode)
export class LiveObjectsResolver {
  constructor(@Inject(LiveObjectsPort) private readonly live: LiveObjectsPort) {}

  @ResolveField(() => [LiveObject], {
    nullable: true,
    description: 'Its objects down to pods, read now from its spoke: parents before children, at most 5,000.',
  })
  async tree(@Parent() { id }: ApplicationNode): Promise<LiveObject[]> {
    const nodes = await this.live.tree(id);
    return nodes.map(({ key, uid, parent, createdAt }) => ({
      key,
      uid,
      parent: parent ?? null,
      createdAt: readTime(createdAt),
    }));
  }

  @ResolveField(() => [LiveEvent], {
    nullable: true,
    description: 'The newest 100 events of one object of its tree, read now from its spoke.',
  })
  async events(
    @Parent() { id }: ApplicationNode,
    @Args('resource', { type: () => ResourceSelector }) { group, kind, namespace, name }: ResourceSelector,
  ): Promise<LiveEvent[]> {
    return [...(await this.live.events(id, { group, kind, namespace: namespace ?? '', name }))];
  }
}
