// Kinds of Kubernetes itself that a table can judge.
import { behind, condition, fewer, field, type KindTable } from '../table.js';
import { BAD, FINE, waiting } from './common.js';

export const CORE: readonly KindTable[] = [
  {
    group: 'apiextensions.k8s.io',
    kinds: ['CustomResourceDefinition'],
    checks: [
      condition('Terminating', { True: 'Progressing' }),
      condition('NamesAccepted', { False: 'Degraded' }),
      condition('NonStructuralSchema', BAD),
      condition('Established', { True: 'Healthy' }),
    ],
    otherwise: waiting('the API server has not established it yet'),
  },
  {
    group: 'policy',
    kinds: ['PodDisruptionBudget'],
    checks: [
      behind(),
      // A budget that permits no disruption now may be meant so, or wait for its pods: that is their health.
      condition('DisruptionAllowed', { False: 'Healthy' }, { reasons: ['InsufficientPods'] }),
      condition('DisruptionAllowed', { True: 'Healthy', False: 'Degraded' }),
    ],
    otherwise: waiting(),
  },
  {
    group: '',
    kinds: ['ReplicationController'],
    checks: [behind(), condition('ReplicaFailure', BAD), fewer('status.availableReplicas', 'spec.replicas')],
    otherwise: FINE,
  },
  {
    group: '',
    kinds: ['Namespace'],
    checks: [field('status.phase', { Terminating: 'Progressing' }, 'status.conditions.message')],
    otherwise: FINE,
  },
  {
    group: '',
    kinds: ['PersistentVolume'],
    checks: [field('status.phase', { Failed: 'Degraded', Pending: 'Progressing' })],
    otherwise: FINE,
  },
  {
    group: 'certificates.k8s.io',
    kinds: ['CertificateSigningRequest'],
    checks: [condition('Denied', BAD), condition('Failed', BAD), condition('Approved', { True: 'Healthy' })],
    otherwise: waiting('it has not been approved'),
  },
];
