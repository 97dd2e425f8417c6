// Counters by state, by sync and by health: the shapes of every summary.
import { Field, Int, ObjectType } from '@nestjs/graphql';
import type { HealthStatus } from '@wheelwright/health';
import type { ClusterState } from '@wheelwright/registry';
import type { SyncStatus } from '@wheelwright/status';

@ObjectType('ClusterCounts', { description: 'Spokes by state.' })
export class ClusterCounts {
  @Field(() => Int)
  total = 0;
  @Field(() => Int)
  pending = 0;
  @Field(() => Int)
  connected = 0;
  @Field(() => Int)
  unreachable = 0;
  @Field(() => Int)
  unauthorized = 0;
  @Field(() => Int)
  paused = 0;
}

@ObjectType('SyncCounts', { description: 'Applications by sync status.' })
export class SyncCounts {
  @Field(() => Int)
  synced = 0;
  @Field(() => Int)
  outOfSync = 0;
  @Field(() => Int)
  unknown = 0;
}

@ObjectType('HealthCounts', { description: 'Applications by health.' })
export class HealthCounts {
  @Field(() => Int)
  healthy = 0;
  @Field(() => Int)
  suspended = 0;
  @Field(() => Int)
  progressing = 0;
  @Field(() => Int)
  missing = 0;
  @Field(() => Int)
  degraded = 0;
  @Field(() => Int)
  unknown = 0;
}

@ObjectType('ApplicationCounts', { description: 'Applications, counted by sync status and by health.' })
export class ApplicationCounts {
  @Field(() => Int)
  total = 0;
  @Field(() => SyncCounts)
  sync = new SyncCounts();
  @Field(() => HealthCounts)
  health = new HealthCounts();
}

/** One row of a rollup: how many Applications have this verdict. */
export interface VerdictCount {
  readonly sync: SyncStatus;
  readonly health: HealthStatus;
  readonly count: number;
}

/** The same, of one spoke, set or project: `key` says of which. */
export interface KeyedVerdictCount extends VerdictCount {
  readonly key: string;
}

const SYNC_FIELD = { Synced: 'synced', OutOfSync: 'outOfSync', Unknown: 'unknown' } as const satisfies Record<
  SyncStatus,
  keyof SyncCounts
>;

const HEALTH_FIELD = {
  Healthy: 'healthy',
  Suspended: 'suspended',
  Progressing: 'progressing',
  Missing: 'missing',
  Degraded: 'degraded',
  Unknown: 'unknown',
} as const satisfies Record<HealthStatus, keyof HealthCounts>;

const STATE_FIELD = {
  Pending: 'pending',
  Connected: 'connected',
  Unreachable: 'unreachable',
  Unauthorized: 'unauthorized',
  Paused: 'paused',
} as const satisfies Record<ClusterState, keyof ClusterCounts>;

/** Folds rollup rows into the two views of them. */
export function foldVerdicts(rows: readonly VerdictCount[]): ApplicationCounts {
  const counts = new ApplicationCounts();
  for (const { sync, health, count } of rows) {
    counts.total += count;
    counts.sync[SYNC_FIELD[sync]] += count;
    counts.health[HEALTH_FIELD[health]] += count;
  }
  return counts;
}

/** Folds counts of clusters by state. */
export function foldStates(rows: readonly { readonly state: ClusterState; readonly count: number }[]): ClusterCounts {
  const counts = new ClusterCounts();
  for (const { state, count } of rows) {
    counts.total += count;
    counts[STATE_FIELD[state]] += count;
  }
  return counts;
}
