// The words of the API. Each object is exhaustive over the type of its room, so a new state breaks the build here.
import { registerEnumType } from '@nestjs/graphql';
import type { PreviewAction } from '@wheelwright/expand';
import type { HealthStatus } from '@wheelwright/health';
import type { SyncWindow } from '@wheelwright/intent';
import type { PlanAction } from '@wheelwright/plan';
import type { ClusterState } from '@wheelwright/registry';
import type { Pin } from '@wheelwright/rollout';
import type { OperationPhase, SyncStatus } from '@wheelwright/status';
import type { HistoryKind } from '@wheelwright/status/adapters';

type Words<Word extends string> = { readonly [Key in Word]: Key };

export const ClusterStates: Words<ClusterState> = {
  Pending: 'Pending',
  Connected: 'Connected',
  Unreachable: 'Unreachable',
  Unauthorized: 'Unauthorized',
  Paused: 'Paused',
};

export const SyncStatuses: Words<SyncStatus> = { Synced: 'Synced', OutOfSync: 'OutOfSync', Unknown: 'Unknown' };

export const HealthStatuses: Words<HealthStatus> = {
  Healthy: 'Healthy',
  Suspended: 'Suspended',
  Progressing: 'Progressing',
  Missing: 'Missing',
  Degraded: 'Degraded',
  Unknown: 'Unknown',
};

export const OperationPhases: Words<OperationPhase> = {
  Running: 'Running',
  Succeeded: 'Succeeded',
  Failed: 'Failed',
  Error: 'Error',
};

export const HoldKinds: Words<Pin['kind']> = { rollback: 'rollback', pin: 'pin' };

export const HistoryKinds: Words<HistoryKind> = {
  sync: 'sync',
  rollback: 'rollback',
  pin: 'pin',
  heal: 'heal',
  partial: 'partial',
  action: 'action',
};

export const SyncWindowKinds: Words<SyncWindow['kind']> = { allow: 'allow', deny: 'deny' };

export const PlanActions: Words<PlanAction> = {
  create: 'create',
  update: 'update',
  unchanged: 'unchanged',
  prune: 'prune',
  skip: 'skip',
};

export const PreviewActions: Words<PreviewAction> = {
  create: 'create',
  change: 'change',
  unchanged: 'unchanged',
  refuse: 'refuse',
  invalid: 'invalid',
};

export const IssueSeverities: Words<'error' | 'warning'> = { error: 'error', warning: 'warning' };

registerEnumType(ClusterStates, { name: 'ClusterState', description: 'The connection to a spoke, as last observed.' });
registerEnumType(SyncStatuses, { name: 'SyncStatus', description: 'Whether the spoke has what Git declares.' });
registerEnumType(HealthStatuses, { name: 'HealthStatus', description: 'From best to worst, in this order.' });
registerEnumType(OperationPhases, { name: 'OperationPhase' });
registerEnumType(PlanActions, { name: 'PlanAction', description: 'What a sync would do to an object.' });
registerEnumType(PreviewActions, {
  name: 'PreviewAction',
  description: 'What an expansion would do to an Application; `refuse`: the name belongs to somebody else.',
});
registerEnumType(SyncWindowKinds, {
  name: 'SyncWindowKind',
  description: '`allow`: syncs begin only while one is open.',
});
registerEnumType(IssueSeverities, { name: 'IssueSeverity' });
registerEnumType(HoldKinds, {
  name: 'HoldKind',
  description: '`rollback` ends by itself when something newer is declared, `pin` when somebody says so.',
});
registerEnumType(HistoryKinds, {
  name: 'HistoryKind',
  description: '`heal`: drift was repaired; `partial`: only some objects were chosen.',
});
