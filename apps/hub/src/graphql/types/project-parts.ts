// The parts of a project that are types of their own.
import { Field, GraphQLISODateTime, Int, ObjectType } from '@nestjs/graphql';
import type { SyncWindow } from '@wheelwright/intent';
import type { LabelSelector } from '@wheelwright/kernel';
import { SyncWindowKinds } from './enums.js';
import { JsonScalar } from './json.scalar.js';

@ObjectType({ description: 'Where Applications of a project may go, or with `!` may not. Empty: not given.' })
export class ProjectDestination {
  @Field(() => String)
  server!: string;

  @Field(() => String)
  name!: string;

  @Field(() => String)
  namespace!: string;

  @Field(() => JsonScalar, { nullable: true, description: 'Only spokes with such labels; null: all.' })
  clusterSelector!: LabelSelector | null;
}

@ObjectType({ description: 'Who the hub is on a spoke when it works for an Application of the project.' })
export class ProjectServiceAccount {
  @Field(() => String)
  server!: string;

  @Field(() => String)
  namespace!: string;

  @Field(() => String)
  defaultServiceAccount!: string;
}

@ObjectType('ProjectRole', { description: 'What those in its groups may do with the Applications of a project.' })
export class ProjectRoleNode {
  @Field(() => String)
  name!: string;

  @Field(() => String)
  description!: string;

  @Field(() => [String])
  policies!: readonly string[];

  @Field(() => [String])
  groups!: readonly string[];
}

@ObjectType('SyncWindow', { description: 'A time in which syncs are allowed, or denied.' })
export class ProjectSyncWindow {
  @Field(() => SyncWindowKinds)
  kind!: SyncWindow['kind'];

  @Field(() => String, { description: 'Five fields of cron: when it opens.' })
  schedule!: string;

  @Field(() => String)
  duration!: string;

  @Field(() => String)
  timeZone!: string;

  @Field(() => [String])
  applications!: readonly string[];

  @Field(() => [String])
  namespaces!: readonly string[];

  @Field(() => [String])
  clusters!: readonly string[];

  @Field(() => Boolean)
  manualSync!: boolean;

  @Field(() => Boolean)
  andOperator!: boolean;

  @Field(() => Boolean)
  syncOverrun!: boolean;

  @Field(() => String)
  description!: string;

  @Field(() => Boolean, { description: 'Whether it is open now.' })
  active!: boolean;
}

@ObjectType({ description: 'An object on a spoke that no Application manages.' })
export class OrphanedResource {
  @Field(() => String, { description: 'Name of the spoke.' })
  cluster!: string;

  @Field(() => String, { description: 'Empty: the core group.' })
  group!: string;

  @Field(() => String)
  kind!: string;

  @Field(() => String)
  namespace!: string;

  @Field(() => String)
  name!: string;

  @Field(() => GraphQLISODateTime, { description: 'When a search first found it.' })
  seenAt!: Date;
}

@ObjectType({
  description: 'What the last searches for a project found on all spokes. Of one spoke at most 5,000 are kept.',
})
export class OrphanedResources {
  readonly #source: OrphanSource;

  constructor(source: OrphanSource) {
    this.#source = source;
  }

  @Field(() => Int)
  get total(): Promise<number> {
    return this.#source.count();
  }

  @Field(() => [OrphanedResource], { description: 'The first of them, by spoke, namespace, group, kind and name.' })
  get items(): Promise<readonly OrphanedResource[]> {
    return this.#source.items();
  }
}

/** Where orphans are read from: only what a query asks for. */
export interface OrphanSource {
  count(): Promise<number>;
  items(): Promise<readonly OrphanedResource[]>;
}
