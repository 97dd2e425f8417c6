// Flux: sources, what is applied from them, images and notifications, by the conventions of kstatus.
import { behind, condition, field, type Check, type KindTable } from '../table.js';
import { BAD, FINE, GOOD, SUSPENDED, waiting } from './common.js';

/** Reasons for which Flux says that it is not ready while it goes on. */
const GOING_ON = ['Progressing', 'ProgressingWithRetry', 'DependencyNotReady', 'ArtifactNotReady'];

const CHECKS: readonly Check[] = [
  SUSPENDED,
  behind(),
  condition('Stalled', BAD),
  condition('Ready', { False: 'Progressing' }, { reasons: GOING_ON }),
  condition('Ready', { False: 'Degraded' }),
  condition('Reconciling', { True: 'Progressing' }),
  condition('Ready', GOOD),
];

const kinds = (group: string, ...names: readonly string[]): KindTable => ({
  group: `${group}.toolkit.fluxcd.io`,
  kinds: names,
  checks: CHECKS,
  otherwise: waiting(),
});

export const FLUX: readonly KindTable[] = [
  kinds('kustomize', 'Kustomization'),
  kinds('helm', 'HelmRelease'),
  kinds('source', 'GitRepository', 'OCIRepository', 'HelmChart', 'Bucket', 'ExternalArtifact'),
  {
    ...kinds('source', 'HelmRepository'),
    // A repository in a registry is only an address: its controller writes no status.
    checks: [SUSPENDED, field('spec.type', { oci: 'Healthy' }, ''), ...CHECKS.slice(1)],
  },
  kinds('image', 'ImageRepository', 'ImagePolicy', 'ImageUpdateAutomation'),
  kinds('notification', 'Receiver'),
  {
    ...kinds('notification', 'Alert', 'Provider'),
    checks: [SUSPENDED, condition('Ready', { False: 'Degraded' })],
    otherwise: FINE,
  },
  {
    group: 'fluxcd.controlplane.io',
    kinds: ['FluxInstance', 'ResourceSet', 'ResourceSetInputProvider'],
    checks: CHECKS.slice(1),
    otherwise: waiting(),
  },
];
