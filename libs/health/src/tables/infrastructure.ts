// Crossplane, Cluster API, and the controllers by which clouds are declared.
import { behind, condition, fewer, field, type Check, type KindTable } from '../table.js';
import { all, BAD, CONDITIONS_BEHIND, FINE, GOOD, PATIENT, PAUSED, waiting } from './common.js';

const ERROR = { severity: 'Error' };

/** By the convention of all resources that Crossplane manages. */
const MANAGED: readonly Check[] = [
  condition('LastAsyncOperation', { False: 'Degraded' }),
  condition('Synced', { False: 'Degraded' }),
  condition('Ready', PATIENT),
  // Packages, definitions and their revisions say it in other words.
  ...['Healthy', 'RevisionHealthy', 'Established', 'ValidPipeline'].map((type) => condition(type, PATIENT)),
];

const managed = (group: string, sample: string): KindTable => ({
  group,
  kinds: ['*'],
  checks: MANAGED,
  otherwise: waiting('it is being provisioned'),
  sample: { group: sample, kind: 'Bucket' },
});

/** What holds settings only: nothing is provisioned for it. */
const settings = (group: string, sample: string): KindTable => ({
  group,
  kinds: ['ProviderConfig', 'ClusterProviderConfig', 'ProviderConfigUsage', 'StoreConfig'],
  checks: [],
  otherwise: FINE,
  sample: { group: sample, kind: 'ProviderConfig' },
});

/** Phases of what Cluster API makes. */
const PHASES = {
  ...all('Progressing', 'Pending', 'Provisioning', 'Deleting', 'ScalingUp', 'ScalingDown', 'Scaling'),
  ...all('Degraded', 'Failed'),
  ...all('Unknown', 'Unknown'),
};

const PAUSED_BY_CLUSTER: readonly Check[] = [PAUSED, condition('Paused', { True: 'Suspended' }), behind()];

export const INFRASTRUCTURE: readonly KindTable[] = [
  managed('*.crossplane.io', 's3.aws.crossplane.io'),
  managed('*.upbound.io', 's3.aws.upbound.io'),
  settings('*.crossplane.io', 'aws.crossplane.io'),
  settings('*.upbound.io', 'aws.upbound.io'),
  {
    group: 'pkg.crossplane.io',
    kinds: ['Provider', 'Configuration', 'Function'],
    checks: [condition('Installed', { False: 'Degraded', Unknown: 'Progressing' }), condition('Healthy', GOOD)],
    otherwise: waiting('the package is being installed'),
  },
  {
    group: 'pkg.crossplane.io',
    kinds: ['DeploymentRuntimeConfig', 'ControllerConfig', 'ImageConfig'],
    checks: [],
    otherwise: FINE,
  },
  {
    group: 'apiextensions.crossplane.io',
    kinds: ['CompositeResourceDefinition'],
    checks: [condition('Offered', { False: 'Progressing' }), condition('Established', PATIENT)],
    otherwise: waiting(),
  },
  {
    group: 'apiextensions.crossplane.io',
    kinds: ['Composition', 'CompositionRevision', 'EnvironmentConfig', 'Usage'],
    checks: [condition('ValidPipeline', { False: 'Degraded' }), condition('Ready', { False: 'Progressing' })],
    otherwise: FINE,
  },
  {
    group: 'cluster.x-k8s.io',
    kinds: ['Cluster'],
    checks: [
      ...PAUSED_BY_CLUSTER,
      field('status.phase', PHASES, 'status.failureMessage'),
      condition('Ready', { False: 'Degraded' }, ERROR),
      condition('Ready', PATIENT),
      condition('Available', PATIENT),
      field('status.phase', { Provisioned: 'Healthy' }, ''),
    ],
    otherwise: waiting(),
  },
  {
    group: 'cluster.x-k8s.io',
    kinds: ['Machine', 'MachinePool', 'MachineDeployment'],
    checks: [
      ...PAUSED_BY_CLUSTER,
      field('status.phase', PHASES, 'status.failureMessage'),
      condition('Ready', { False: 'Degraded' }, ERROR),
      condition('Ready', { False: 'Progressing', Unknown: 'Progressing' }),
      condition('Available', { False: 'Progressing', Unknown: 'Progressing' }),
      field('status.phase', { Running: 'Healthy' }, ''),
    ],
    otherwise: waiting(),
  },
  {
    group: 'cluster.x-k8s.io',
    kinds: ['MachineSet'],
    checks: [
      ...PAUSED_BY_CLUSTER,
      condition('MachinesCreated', { False: 'Degraded' }, ERROR),
      condition('MachinesReady', { False: 'Degraded' }, ERROR),
      fewer('status.readyReplicas', 'spec.replicas'),
    ],
    otherwise: FINE,
  },
  {
    group: 'cluster.x-k8s.io',
    kinds: ['MachineHealthCheck'],
    checks: [...PAUSED_BY_CLUSTER, condition('RemediationAllowed', GOOD)],
    otherwise: waiting(),
  },
  {
    group: 'controlplane.cluster.x-k8s.io',
    kinds: ['KubeadmControlPlane'],
    checks: [
      ...PAUSED_BY_CLUSTER,
      condition('Ready', { False: 'Degraded' }, ERROR),
      condition('Ready', PATIENT),
      condition('Available', PATIENT),
    ],
    otherwise: waiting(),
  },
  {
    group: 'infrastructure.cluster.x-k8s.io',
    kinds: ['*'],
    checks: [
      behind(),
      condition('Ready', { False: 'Degraded' }, ERROR),
      condition('Ready', { False: 'Progressing', Unknown: 'Progressing' }),
      field('status.ready', { false: 'Progressing' }, ''),
    ],
    // Templates and identities have no status.
    otherwise: FINE,
    sample: { group: 'infrastructure.cluster.x-k8s.io', kind: 'AWSCluster' },
  },
  {
    group: '*.services.k8s.aws',
    kinds: ['*'],
    checks: [
      condition('ACK.Terminal', BAD),
      condition('ACK.Recoverable', { True: 'Progressing' }),
      condition('ACK.ResourceSynced', PATIENT),
    ],
    otherwise: waiting(),
    sample: { group: 's3.services.k8s.aws', kind: 'Bucket' },
  },
  {
    group: '*.cnrm.cloud.google.com',
    kinds: ['*'],
    checks: [
      behind(),
      condition(
        'Ready',
        { False: 'Degraded' },
        { reasons: ['UpdateFailed', 'DeleteFailed', 'DependencyInvalid', 'ManagementConflict'] },
      ),
      condition('Ready', PATIENT),
    ],
    otherwise: waiting(),
    sample: { group: 'storage.cnrm.cloud.google.com', kind: 'StorageBucket' },
  },
  {
    group: '*.azure.com',
    kinds: ['*'],
    checks: [CONDITIONS_BEHIND, condition('Ready', { False: 'Degraded' }, ERROR), condition('Ready', PATIENT)],
    otherwise: waiting(),
    sample: { group: 'storage.azure.com', kind: 'StorageAccount' },
  },
  {
    group: 'karpenter.sh',
    kinds: ['NodePool', 'NodeClaim'],
    checks: [CONDITIONS_BEHIND, condition('Ready', PATIENT)],
    otherwise: waiting(),
  },
  {
    group: 'karpenter.k8s.aws',
    kinds: ['EC2NodeClass'],
    checks: [CONDITIONS_BEHIND, condition('Ready', GOOD)],
    otherwise: waiting(),
  },
];
