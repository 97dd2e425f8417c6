// A live object in, the status that its controller would have written by now out. Pure; one function for each kind.
import { equal, isMap, mapAt, mapsAt, textAt, type Json, type JsonMap, type SimObject } from './json.js';

/** Set to `stuck` or `fail` on an object, it makes its controller leave it unready or failed. */
export const OUTCOME_ANNOTATION = 'sim.wheelwright.dev/outcome';

type StatusOf = (object: SimObject, now: string) => JsonMap;

const STATUS: Readonly<Record<string, StatusOf>> = {
  'apps/deployments': deploymentStatus,
  'apps/statefulsets': statefulSetStatus,
  'apps/daemonsets': daemonSetStatus,
  'apps/replicasets': replicaSetStatus,
  '/replicationcontrollers': replicaSetStatus,
  'batch/jobs': jobStatus,
  '/pods': podStatus,
  '/services': loadBalancerStatus,
  'networking.k8s.io/ingresses': loadBalancerStatus,
  '/persistentvolumeclaims': claimStatus,
  'apiextensions.k8s.io/customresourcedefinitions': crdStatus,
  'apiregistration.k8s.io/apiservices': () => ({ conditions: [condition('Available', 'True', 'Passed')] }),
  'policy/poddisruptionbudgets': (object) => ({
    observedGeneration: generationOf(object),
    currentHealthy: 1,
    desiredHealthy: 1,
    disruptionsAllowed: 1,
    expectedPods: 1,
    conditions: [condition('DisruptionAllowed', 'True', 'SufficientPods')],
  }),
  'autoscaling/horizontalpodautoscalers': (object) => ({
    currentReplicas: 1,
    desiredReplicas: numberAt(mapAt(object, 'spec'), 'minReplicas', 1),
    conditions: [
      condition('AbleToScale', 'True', 'ReadyForNewScale'),
      condition('ScalingActive', 'True', 'ValidMetricFound'),
    ],
  }),
};

/** Whether the simulated controllers look after objects of a resource (`group/plural`). */
export const hasController = (resource: string): boolean => Object.hasOwn(STATUS, resource);

/**
 * The status that an object should have, or undefined where it has it. Times of transition are kept where nothing changed,
 * so that an object that has settled is not written again.
 */
export function nextStatus(resource: string, object: SimObject, now: string): JsonMap | undefined {
  const statusOf = STATUS[resource];
  if (statusOf === undefined) return undefined;
  const live = mapAt(object, 'status');
  const wanted: JsonMap = { ...live, ...statusOf(object, now) };
  if (Array.isArray(wanted.conditions))
    wanted.conditions = stamped(mapsAt(live, 'conditions'), mapsAt(wanted, 'conditions'), now);
  for (const field of ['startTime', 'completionTime'])
    if (live[field] !== undefined && wanted[field] !== undefined) wanted[field] = live[field];
  return equal(live, wanted) ? undefined : wanted;
}

function stamped(before: readonly JsonMap[], wanted: readonly JsonMap[], now: string): Json[] {
  return wanted.map((each) => {
    const old = before.find((other) => other.type === each.type);
    const since = old?.status === each.status ? old?.lastTransitionTime : undefined;
    return { ...each, lastTransitionTime: since ?? now };
  });
}

function condition(...[type, status, reason, message = '']: [string, string, string, string?]): JsonMap {
  return { type, status, reason, message };
}

const generationOf = (object: SimObject): number => object.metadata.generation ?? 1;
const outcomeOf = (object: SimObject): string => object.metadata.annotations?.[OUTCOME_ANNOTATION] ?? '';

function numberAt(map: JsonMap, key: string, otherwise: number): number {
  const value = map[key];
  return typeof value === 'number' ? value : otherwise;
}

/** Counters of a status: a real server leaves out those that are zero. */
function counters(values: Readonly<Record<string, number>>): JsonMap {
  const out: JsonMap = {};
  for (const [name, value] of Object.entries(values)) out[name] = value === 0 ? undefined : value;
  return out;
}

function deploymentStatus(object: SimObject): JsonMap {
  const replicas = numberAt(mapAt(object, 'spec'), 'replicas', 1);
  const outcome = outcomeOf(object);
  const ready = outcome === '' ? replicas : 0;
  const available =
    ready === replicas
      ? condition('Available', 'True', 'MinimumReplicasAvailable', 'Deployment has minimum availability.')
      : condition('Available', 'False', 'MinimumReplicasUnavailable', 'Deployment does not have minimum availability.');
  return {
    observedGeneration: generationOf(object),
    ...counters({
      replicas,
      updatedReplicas: replicas,
      readyReplicas: ready,
      availableReplicas: ready,
      unavailableReplicas: replicas - ready,
    }),
    conditions: [available, deploymentProgress(outcome)],
  };
}

function deploymentProgress(outcome: string): JsonMap {
  switch (outcome) {
    case 'fail':
      return condition(
        'Progressing',
        'False',
        'ProgressDeadlineExceeded',
        'The replica set has timed out progressing.',
      );
    case 'stuck':
      return condition('Progressing', 'True', 'ReplicaSetUpdated', 'The replica set is progressing.');
    default:
      return condition('Progressing', 'True', 'NewReplicaSetAvailable', 'The replica set has successfully progressed.');
  }
}

function statefulSetStatus(object: SimObject): JsonMap {
  const replicas = numberAt(mapAt(object, 'spec'), 'replicas', 1);
  const ready = outcomeOf(object) === '' ? replicas : 0;
  const revision = `${object.metadata.name ?? ''}-${String(generationOf(object))}`;
  return {
    observedGeneration: generationOf(object),
    replicas,
    availableReplicas: ready,
    ...counters({ readyReplicas: ready, currentReplicas: replicas, updatedReplicas: replicas }),
    currentRevision: revision,
    updateRevision: revision,
    collisionCount: 0,
  };
}

function daemonSetStatus(object: SimObject): JsonMap {
  const ready = outcomeOf(object) === '' ? 1 : 0;
  return {
    observedGeneration: generationOf(object),
    currentNumberScheduled: 1,
    desiredNumberScheduled: 1,
    numberMisscheduled: 0,
    numberReady: ready,
    ...counters({ numberAvailable: ready, numberUnavailable: 1 - ready, updatedNumberScheduled: 1 }),
  };
}

function replicaSetStatus(object: SimObject): JsonMap {
  const replicas = numberAt(mapAt(object, 'spec'), 'replicas', 1);
  const ready = outcomeOf(object) === '' ? replicas : 0;
  return {
    observedGeneration: generationOf(object),
    replicas,
    ...counters({ fullyLabeledReplicas: replicas, readyReplicas: ready, availableReplicas: ready }),
  };
}

function jobStatus(object: SimObject, now: string): JsonMap {
  const spec = mapAt(object, 'spec');
  const outcome = outcomeOf(object);
  if (spec.suspend === true) return { conditions: [condition('Suspended', 'True', 'JobSuspended', 'Job suspended')] };
  if (outcome === 'stuck') return { startTime: now, active: 1, ready: 0 };
  if (outcome === 'fail') {
    const failed = condition('Failed', 'True', 'BackoffLimitExceeded', 'Job has reached the specified backoff limit');
    return { startTime: now, failed: 1, ready: 0, conditions: [failed] };
  }
  const complete = condition('Complete', 'True', 'CompletionsReached', 'Reached expected number of succeeded pods');
  const succeeded = numberAt(spec, 'completions', 1);
  return { startTime: now, completionTime: now, succeeded, ready: 0, active: undefined, conditions: [complete] };
}

function podStatus(object: SimObject, now: string): JsonMap {
  const outcome = outcomeOf(object);
  if (outcome === 'stuck') return { phase: 'Pending', startTime: now };
  const ready = outcome === '' ? 'True' : 'False';
  const state: JsonMap = outcome === '' ? { running: { startedAt: now } } : { waiting: { reason: 'CrashLoopBackOff' } };
  const statuses = mapsAt(mapAt(object, 'spec'), 'containers').map((container): Json => ({
    name: textAt(container, 'name'),
    image: textAt(container, 'image'),
    ready: outcome === '',
    restartCount: outcome === '' ? 0 : 5,
    state:
      mapsAt(mapAt(object, 'status'), 'containerStatuses').find(
        (old) => old.name === container.name && sameState(old, state),
      )?.state ?? state,
  }));
  return { phase: 'Running', startTime: now, conditions: [condition('Ready', ready, '')], containerStatuses: statuses };
}

const sameState = (old: JsonMap, state: JsonMap): boolean =>
  Object.keys(mapAt(old, 'state')).join() === Object.keys(state).join();

function loadBalancerStatus(object: SimObject): JsonMap {
  const balanced = object.kind === 'Ingress' || mapAt(object, 'spec').type === 'LoadBalancer';
  if (!balanced || outcomeOf(object) !== '') return {};
  return { loadBalancer: { ingress: [{ ip: '192.0.2.10', ...(object.kind === 'Service' ? { ipMode: 'VIP' } : {}) }] } };
}

function claimStatus(object: SimObject): JsonMap {
  if (outcomeOf(object) !== '') return { phase: 'Pending' };
  const spec = mapAt(object, 'spec');
  const requests = mapAt(spec, 'resources').requests;
  return { phase: 'Bound', accessModes: spec.accessModes ?? [], capacity: isMap(requests) ? { ...requests } : {} };
}

function crdStatus(object: SimObject): JsonMap {
  return {
    conditions: [
      condition('NamesAccepted', 'True', 'NoConflicts', 'no conflicts found'),
      condition('Established', 'True', 'InitialNamesAccepted', 'the initial names have been accepted'),
    ],
    acceptedNames: { ...mapAt(mapAt(object, 'spec'), 'names') },
  };
}
