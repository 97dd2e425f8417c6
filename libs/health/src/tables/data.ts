// What keeps and moves data: Prometheus, Strimzi, CloudNativePG and other operators of stores, and backups.
import { behind, condition, fewer, field, present, type Check, type KindTable } from '../table.js';
import { all, BAD, FINE, GOOD, PAUSED, SUSPENDED, waiting } from './common.js';

const MONITORS: KindTable = {
  group: 'monitoring.coreos.com',
  kinds: ['PrometheusRule', 'ServiceMonitor', 'PodMonitor', 'Probe', 'ScrapeConfig', 'AlertmanagerConfig'],
  checks: [condition('Accepted', { False: 'Degraded' }, { path: 'status.bindings.conditions' })],
  // The operator writes what it took only where that is switched on.
  otherwise: FINE,
};

const STRIMZI: readonly Check[] = [
  condition('ReconciliationPaused', { True: 'Suspended' }),
  behind(),
  condition('NotReady', { True: 'Progressing' }, { reasons: ['Creating'] }),
  condition('NotReady', BAD),
];

const strimzi = (kinds: readonly string[], ...checks: readonly Check[]): KindTable => ({
  group: 'kafka.strimzi.io',
  kinds,
  checks: [...STRIMZI, ...checks, condition('Ready', GOOD)],
  otherwise: waiting(),
});

const CNPG_PHASES = {
  ...all('Healthy', 'Cluster in healthy state'),
  ...all(
    'Progressing',
    'Setting up primary',
    'Creating a new replica',
    'Upgrading cluster',
    'Waiting for the instances to become active',
    'Promoting to primary cluster',
    'Applying configuration',
    'Online upgrade in progress',
  ),
  ...all(
    'Degraded',
    'Switchover in progress',
    'Failing over',
    'Upgrading Postgres major version',
    'Cluster upgrade delayed',
    'Waiting for user action',
    'Primary instance is being restarted in-place',
    'Primary instance is being restarted without a switchover',
    'Cluster cannot execute instance online upgrade due to missing architecture binary',
    'Unable to create required cluster objects',
    'Cluster cannot proceed to reconciliation due to an unknown plugin being required',
    'Cluster has incomplete or invalid image catalog',
    'Cluster is unrecoverable and needs manual intervention',
    'Not enough disk space',
  ),
};

const cnpg = (kinds: readonly string[], ...checks: readonly Check[]): KindTable => ({
  group: 'postgresql.cnpg.io',
  kinds,
  checks,
  otherwise: waiting(),
});

const VELERO = {
  ...all('Healthy', 'Completed'),
  ...all('Degraded', 'FailedValidation', 'PartiallyFailed', 'Failed'),
};

export const DATA: readonly KindTable[] = [
  {
    group: 'monitoring.coreos.com',
    kinds: ['Prometheus', 'PrometheusAgent', 'Alertmanager', 'ThanosRuler'],
    checks: [
      PAUSED,
      condition('Available', { False: 'Progressing', Degraded: 'Progressing' }, { reasons: ['SomePodsNotReady'] }),
      condition('Available', { ...GOOD, Degraded: 'Degraded' }),
    ],
    otherwise: waiting(),
  },
  MONITORS,
  strimzi(['Kafka', 'KafkaTopic', 'KafkaUser', 'KafkaConnect', 'KafkaMirrorMaker2', 'KafkaBridge']),
  strimzi(
    ['KafkaConnector'],
    field(
      'status.connectorStatus.connector.state',
      { FAILED: 'Degraded', PAUSED: 'Suspended', STOPPED: 'Suspended' },
      'status.connectorStatus.connector.trace',
    ),
  ),
  strimzi(
    ['KafkaRebalance'],
    condition('PendingProposal', { True: 'Progressing' }),
    condition('Rebalancing', { True: 'Progressing' }),
    condition('ProposalReady', { True: 'Suspended' }),
    condition('Stopped', { True: 'Suspended' }),
  ),
  {
    group: 'core.strimzi.io',
    kinds: ['StrimziPodSet'],
    checks: [behind(), fewer('status.readyPods', 'status.pods')],
    otherwise: FINE,
  },
  cnpg(
    ['Cluster'],
    field(['metadata', 'annotations', 'cnpg.io/reconciliation'], { disabled: 'Suspended' }, ''),
    condition('cnpg.io/hibernation', { True: 'Suspended', False: 'Degraded' }),
    field('status.phase', CNPG_PHASES, 'status.phaseReason'),
  ),
  cnpg(
    ['Backup'],
    field(
      'status.phase',
      {
        ...all('Healthy', 'completed'),
        ...all('Progressing', '', 'pending', 'new', 'started', 'running', 'finalizing'),
        ...all('Degraded', 'failed', 'walArchivingFailing'),
      },
      'status.error',
    ),
  ),
  { ...cnpg(['Pooler'], PAUSED, fewer('status.instances', 'spec.instances')), otherwise: FINE },
  { ...cnpg(['ScheduledBackup'], SUSPENDED), otherwise: FINE },
  cnpg(
    ['Database', 'Publication', 'Subscription'],
    behind(),
    field('status.applied', { true: 'Healthy', false: 'Degraded' }),
  ),
  {
    group: 'velero.io',
    kinds: ['Backup', 'Restore'],
    checks: [field('status.phase', VELERO, 'status.failureReason')],
    otherwise: waiting(),
  },
  {
    group: 'velero.io',
    kinds: ['BackupStorageLocation'],
    checks: [field('status.phase', { Available: 'Healthy', Unavailable: 'Degraded' })],
    otherwise: waiting(),
  },
  {
    group: 'velero.io',
    kinds: ['Schedule'],
    checks: [
      PAUSED,
      field('status.phase', { Enabled: 'Healthy', FailedValidation: 'Degraded' }, 'status.validationErrors'),
    ],
    otherwise: waiting(),
  },
  {
    group: 'elasticsearch.k8s.elastic.co',
    kinds: ['Elasticsearch'],
    checks: [
      behind(),
      field('status.phase', { ApplyingChanges: 'Progressing', MigratingData: 'Progressing', Invalid: 'Degraded' }, ''),
      field('status.health', { green: 'Healthy', yellow: 'Progressing', red: 'Degraded', unknown: 'Unknown' }, ''),
    ],
    otherwise: waiting(),
  },
  {
    group: 'kibana.k8s.elastic.co',
    kinds: ['Kibana'],
    checks: [behind(), field('status.health', { green: 'Healthy', red: 'Degraded' }, '')],
    otherwise: waiting(),
  },
  {
    group: 'ceph.rook.io',
    kinds: ['CephCluster'],
    checks: [
      field('status.phase', { Failure: 'Degraded', Deleting: 'Progressing' }),
      field('status.ceph.health', { HEALTH_OK: 'Healthy', HEALTH_WARN: 'Healthy', HEALTH_ERR: 'Degraded' }, ''),
    ],
    otherwise: waiting(),
  },
  {
    group: 'acid.zalan.do',
    kinds: ['postgresql'],
    checks: [
      field(
        'status.PostgresClusterStatus',
        {
          ...all('Healthy', 'Running'),
          ...all('Progressing', '', 'Creating', 'Updating'),
          ...all('Degraded', 'CreateFailed', 'UpdateFailed', 'SyncFailed', 'AddFailed', 'Invalid'),
        },
        '',
      ),
    ],
    otherwise: waiting(),
  },
  {
    group: 'mongodbcommunity.mongodb.com',
    kinds: ['MongoDBCommunity'],
    checks: [field('status.phase', { Running: 'Healthy', Pending: 'Progressing', Failed: 'Degraded' })],
    otherwise: waiting(),
  },
  {
    group: 'clickhouse.altinity.com',
    kinds: ['ClickHouseInstallation'],
    checks: [
      field('status.status', { Completed: 'Healthy', InProgress: 'Progressing', Aborted: 'Degraded' }, 'status.error'),
    ],
    otherwise: waiting(),
  },
  {
    group: 'rabbitmq.com',
    kinds: ['RabbitmqCluster'],
    checks: [
      behind(),
      condition('NoWarnings', { False: 'Degraded' }),
      condition('ReconcileSuccess', { False: 'Degraded' }),
      condition('AllReplicasReady', { False: 'Progressing', Unknown: 'Progressing', True: 'Healthy' }),
    ],
    otherwise: waiting(),
  },
  {
    group: 'snapshot.storage.k8s.io',
    kinds: ['VolumeSnapshot', 'VolumeSnapshotContent'],
    checks: [field('status.readyToUse', { true: 'Healthy' }, ''), present('status.error.message', 'Degraded')],
    otherwise: waiting('the snapshot is being taken'),
  },
];
