import { Inject } from '@nestjs/common';
import { Args, ArgsType, Context, Field, Query, Resolver } from '@nestjs/graphql';
import { Allow } from '@wheelwright/access/adapters';
import type { GraphqlContext } from '../context.js';
import type { Grants } from '../grants.js';
import {
  fleetClusters,
  fleetFreeze,
  fleetVerdicts,
  type FleetScope,
  type FleetStateRow,
} from '../queries/fleet.queries.js';
import { Reader } from '../reader.js';
import { foldStates, foldVerdicts, type VerdictCount } from '../types/counts.js';
import { Fleet, type FleetFreeze } from '../types/fleet.type.js';

/** Which part of the fleet. */
@ArgsType()
export class FleetArgs implements FleetScope {
  @Field(() => String, { nullable: true, description: 'Label selector over spokes, as `kubectl -l` takes it.' })
  clusterSelector?: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'Only Applications of this project, and the spokes that it uses.',
  })
  project?: string | null;
}

/** The summary of a part of the fleet, read as its fields are asked for. */
export function readFleet(reader: Reader, grants: Grants, scope: FleetScope): Fleet {
  return new Fleet({
    clusters: async () => {
      const rows = await reader.rows<FleetStateRow>(fleetClusters(grants, scope));
      const times = rows.flatMap(({ oldest }) => (oldest === null ? [] : [oldest.getTime()]));
      return {
        counts: foldStates(rows),
        oldestObservation: times.length === 0 ? null : new Date(Math.min(...times)),
        neverObserved: rows.reduce((sum, { unobserved }) => sum + unobserved, 0),
      };
    },
    applications: async () => foldVerdicts(await reader.rows<VerdictCount>(fleetVerdicts(grants, scope))),
    freeze: async () => (await reader.rows<FleetFreeze>(fleetFreeze()))[0] ?? null,
  });
}

@Resolver(() => Fleet)
export class FleetResolver {
  constructor(@Inject(Reader) private readonly reader: Reader) {}

  @Query(() => Fleet, { description: 'The state of the fleet, in counters.' })
  @Allow('fleet:read')
  fleet(@Args() scope: FleetArgs, @Context() context: GraphqlContext): Fleet {
    return readFleet(this.reader, context.grants, scope);
  }
}
