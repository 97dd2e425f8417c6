// Knative, KEDA, Tekton, Kubeflow's and Ray's neighbours: what serves and runs on demand.
import { behind, condition, field, type KindTable } from '../table.js';
import { all, BAD, FINE, GOOD, READY, SUSPENDED, waiting } from './common.js';

const knative = (group: string, ...kinds: readonly string[]): KindTable => ({
  group: `${group}.knative.dev`,
  kinds,
  checks: READY,
  otherwise: waiting(),
});

export const SERVING: readonly KindTable[] = [
  knative('serving', 'Service', 'Revision', 'Route', 'Configuration', 'DomainMapping'),
  knative('eventing', 'Broker', 'Trigger'),
  knative('messaging', 'Channel', 'InMemoryChannel', 'Subscription'),
  knative('sources', 'PingSource', 'ApiServerSource', 'ContainerSource', 'SinkBinding'),
  knative('operator', 'KnativeServing', 'KnativeEventing'),
  {
    group: 'keda.sh',
    kinds: ['ScaledObject', 'ScaledJob'],
    checks: [
      condition('Ready', { False: 'Degraded' }),
      condition('Fallback', BAD),
      condition('Paused', { True: 'Suspended' }),
      condition('Ready', GOOD),
    ],
    otherwise: waiting(),
  },
  {
    group: 'tekton.dev',
    kinds: ['PipelineRun', 'TaskRun'],
    checks: [condition('Succeeded', GOOD)],
    otherwise: waiting('it has not started'),
  },
  {
    group: 'ray.io',
    kinds: ['RayCluster'],
    checks: [
      SUSPENDED,
      field(
        'status.state',
        { ready: 'Healthy', failed: 'Degraded', unhealthy: 'Degraded', suspended: 'Suspended' },
        'status.reason',
      ),
    ],
    otherwise: waiting(),
  },
  {
    group: 'sparkoperator.k8s.io',
    kinds: ['SparkApplication'],
    checks: [
      field(
        'status.applicationState.state',
        {
          ...all('Healthy', 'COMPLETED', 'RUNNING'),
          ...all('Progressing', '', 'SUBMITTED', 'PENDING_RERUN', 'INVALIDATING', 'SUCCEEDING'),
          ...all('Degraded', 'FAILED', 'SUBMISSION_FAILED', 'FAILING'),
          ...all('Unknown', 'UNKNOWN'),
        },
        'status.applicationState.errorMessage',
      ),
    ],
    otherwise: waiting(),
  },
  {
    group: 'kubevirt.io',
    kinds: ['VirtualMachine'],
    checks: [
      condition('Failure', BAD),
      field('status.printableStatus', { Paused: 'Suspended', Stopped: 'Suspended' }, ''),
      condition('Ready', { True: 'Healthy' }),
      field('status.printableStatus', all('Degraded', 'ErrorUnschedulable', 'CrashLoopBackOff', 'DataVolumeError'), ''),
    ],
    otherwise: waiting(),
  },
  {
    group: 'operators.coreos.com',
    kinds: ['ClusterServiceVersion'],
    checks: [field('status.phase', { Succeeded: 'Healthy', Failed: 'Degraded', Unknown: 'Unknown' })],
    otherwise: waiting(),
  },
  {
    group: 'operators.coreos.com',
    kinds: ['Subscription'],
    checks: [
      condition('ResolutionFailed', BAD),
      condition('InstallPlanFailed', BAD),
      field('status.state', {
        ...all('Healthy', 'AtLatestKnown'),
        ...all('Progressing', 'UpgradeAvailable', 'UpgradePending'),
        ...all('Degraded', 'UpgradeFailed'),
      }),
    ],
    otherwise: waiting(),
  },
  {
    group: 'autoscaling.k8s.io',
    kinds: ['VerticalPodAutoscaler'],
    checks: [condition('ConfigUnsupported', BAD), condition('RecommendationProvided', { True: 'Healthy' })],
    otherwise: waiting('it has no recommendation yet'),
  },
  {
    group: 'kyverno.io',
    kinds: ['ClusterPolicy', 'Policy', 'CleanupPolicy', 'ClusterCleanupPolicy'],
    checks: [condition('Ready', GOOD), field('status.ready', { true: 'Healthy', false: 'Degraded' }, '')],
    otherwise: waiting(),
  },
  {
    group: 'policies.kyverno.io',
    kinds: ['ValidatingPolicy', 'MutatingPolicy', 'GeneratingPolicy', 'ImageValidatingPolicy'],
    checks: [
      field('status.conditionStatus.ready', { true: 'Healthy', false: 'Degraded' }, 'status.conditionStatus.message'),
    ],
    otherwise: waiting(),
  },
  {
    group: 'templates.gatekeeper.sh',
    kinds: ['ConstraintTemplate'],
    checks: [
      behind('status.byPod.observedGeneration'),
      field(
        'status.byPod.errors.code',
        all('Degraded', 'ingest_error', 'parse_error', 'rego_parse_error', 'create_error'),
        'status.byPod.errors.message',
      ),
      field('status.created', { true: 'Healthy' }, ''),
    ],
    otherwise: waiting(),
  },
  {
    group: 'constraints.gatekeeper.sh',
    kinds: ['*'],
    checks: [behind('status.byPod.observedGeneration'), field('status.byPod.enforced', { false: 'Progressing' }, '')],
    otherwise: FINE,
    sample: { group: 'constraints.gatekeeper.sh', kind: 'K8sRequiredLabels' },
  },
];
