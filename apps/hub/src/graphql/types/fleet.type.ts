import { Field, GraphQLISODateTime, Int, ObjectType } from '@nestjs/graphql';
import { ApplicationCounts, ClusterCounts } from './counts.js';

/** The spokes of a fleet, counted. */
export interface FleetClusters {
  readonly counts: ClusterCounts;
  readonly oldestObservation: Date | null;
  readonly neverObserved: number;
}

@ObjectType({ description: 'While it is here, nothing is written to any spoke.' })
export class FleetFreeze {
  @Field(() => String)
  reason!: string;

  @Field(() => String)
  frozenBy!: string;

  @Field(() => GraphQLISODateTime)
  frozenAt!: Date;
}

/** Where a fleet summary reads from; each is called at most once, and only if asked for. */
export interface FleetSource {
  clusters(): Promise<FleetClusters>;
  applications(): Promise<ApplicationCounts>;
  freeze(): Promise<FleetFreeze | null>;
}

@ObjectType({ description: 'The whole fleet, or a part of it, in counters: never a scan of Applications.' })
export class Fleet {
  readonly #source: FleetSource;
  #clusters: Promise<FleetClusters> | undefined;

  constructor(source: FleetSource) {
    this.#source = source;
  }

  #readClusters(): Promise<FleetClusters> {
    this.#clusters ??= this.#source.clusters();
    return this.#clusters;
  }

  @Field(() => ClusterCounts)
  get clusters(): Promise<ClusterCounts> {
    return this.#readClusters().then(({ counts }) => counts);
  }

  @Field(() => ApplicationCounts)
  get applications(): Promise<ApplicationCounts> {
    return this.#source.applications();
  }

  @Field(() => FleetFreeze, { nullable: true, description: 'Null: the fleet moves.' })
  get freeze(): Promise<FleetFreeze | null> {
    return this.#source.freeze();
  }

  @Field(() => GraphQLISODateTime, {
    nullable: true,
    description: 'The oldest of the last complete looks at a spoke; null where no spoke was looked at yet.',
  })
  get oldestObservation(): Promise<Date | null> {
    return this.#readClusters().then(({ oldestObservation }) => oldestObservation);
  }

  @Field(() => Int, { description: 'Spokes that were never looked at completely.' })
  get neverObserved(): Promise<number> {
    return this.#readClusters().then(({ neverObserved }) => neverObserved);
  }
}
