// What mutations answer: what was done, or an expected refusal as a member of the union.
import { createUnionType, Field, ID, InterfaceType, ObjectType } from '@nestjs/graphql';
import type { ErrorCode } from '@wheelwright/kernel';
import { ClusterNode } from './cluster.type.js';
import { HeldDeletion } from './common.js';
import { FleetFreeze } from './fleet.type.js';

@InterfaceType({ description: 'An expected refusal.' })
export abstract class Refusal {
  @Field(() => String, { description: 'A code of the error catalogue.' })
  code!: string;

  @Field(() => String, { description: 'What is in the way, and what to do about it.' })
  message!: string;
}

@ObjectType({ implements: () => [Refusal], description: 'There is no such thing, or the caller may not see it.' })
export class NotFound extends Refusal {
  override readonly code: ErrorCode = 'NotFound';

  constructor(override readonly message: string) {
    super();
  }
}

@ObjectType({ implements: () => [Refusal], description: 'It cannot be done as things are.' })
export class Refused extends Refusal {
  constructor(
    override readonly code: ErrorCode,
    override readonly message: string,
  ) {
    super();
  }
}

@ObjectType({ description: 'The sync will be carried out by a worker.' })
export class SyncAccepted {
  @Field(() => ID)
  readonly operationId: string;

  constructor(operationId: string) {
    this.operationId = operationId;
  }
}

@ObjectType({ description: 'The comparison will be carried out by a worker.' })
export class RefreshAccepted {
  @Field(() => ID)
  readonly operationId: string;

  constructor(operationId: string) {
    this.operationId = operationId;
  }
}

@ObjectType({ description: 'Exactly this deletion goes ahead.' })
export class DeletionApproved {
  @Field(() => HeldDeletion)
  readonly heldDeletion: HeldDeletion;

  constructor(heldDeletion: HeldDeletion) {
    this.heldDeletion = heldDeletion;
  }
}

@ObjectType({ description: 'The spoke is paused, or no longer.' })
export class ClusterPaused {
  @Field(() => ClusterNode)
  readonly cluster: ClusterNode;

  constructor(cluster: ClusterNode) {
    this.cluster = cluster;
  }
}

@ObjectType({ description: 'Nothing is written to any spoke from now on.' })
export class FleetFrozen {
  @Field(() => FleetFreeze)
  readonly freeze: FleetFreeze;

  constructor(freeze: FleetFreeze) {
    this.freeze = freeze;
  }
}

@ObjectType({ description: 'The fleet moves again; what waited is looked at now.' })
export class FleetUnfrozen {
  @Field(() => Boolean)
  readonly unfrozen = true;
}

export const SyncResult = createUnionType({
  name: 'SyncResult',
  types: () => [SyncAccepted, NotFound, Refused] as const,
});
export const RefreshResult = createUnionType({
  name: 'RefreshResult',
  types: () => [RefreshAccepted, NotFound, Refused] as const,
});
export const ApprovalResult = createUnionType({
  name: 'ApprovalResult',
  types: () => [DeletionApproved, NotFound, Refused] as const,
});
export const PauseResult = createUnionType({
  name: 'PauseResult',
  types: () => [ClusterPaused, NotFound, Refused] as const,
});
export const FreezeResult = createUnionType({
  name: 'FreezeResult',
  types: () => [FleetFrozen, NotFound, Refused] as const,
});
export const UnfreezeResult = createUnionType({
  name: 'UnfreezeResult',
  types: () => [FleetUnfrozen, NotFound, Refused] as const,
});
