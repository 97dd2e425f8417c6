// Istio, the Gateway API, and other things that carry traffic.
import { absent, behind, condition, field, type Check, type KindTable } from '../table.js';
import { CONDITIONS_BEHIND, FINE, GOOD, waiting } from './common.js';

const ISTIO: readonly Check[] = [
  field('status.validationMessages.level', { ERROR: 'Degraded' }, 'status.validationMessages.type.name'),
  condition('Reconciled', { False: 'Progressing' }),
];

const istio = (group: string, ...kinds: readonly string[]): KindTable => ({
  group: `${group}.istio.io`,
  kinds,
  checks: ISTIO,
  // Istio writes a status only where that is switched on.
  otherwise: FINE,
});

/** A refusal of a gateway, of its listeners or of the parents of a route. */
const refusals = (path: string): readonly Check[] => [
  condition('Accepted', { False: 'Progressing', Unknown: 'Progressing' }, { path, reasons: ['Pending', 'Waiting'] }),
  condition('Accepted', { False: 'Degraded' }, { path }),
  condition('ResolvedRefs', { False: 'Degraded' }, { path }),
  condition('Programmed', { False: 'Progressing', Unknown: 'Progressing' }, { path }),
];

const route = (...kinds: readonly string[]): KindTable => ({
  group: 'gateway.networking.k8s.io',
  kinds,
  checks: [
    absent('status.parents', 'Progressing', 'no gateway has taken it yet'),
    behind('status.parents.conditions.observedGeneration'),
    ...refusals('status.parents.conditions'),
    condition('Accepted', { True: 'Healthy' }, { path: 'status.parents.conditions' }),
  ],
  otherwise: waiting(),
});

export const NETWORKS: readonly KindTable[] = [
  istio(
    'networking',
    'VirtualService',
    'Gateway',
    'DestinationRule',
    'ServiceEntry',
    'Sidecar',
    'WorkloadEntry',
    'EnvoyFilter',
  ),
  istio('security', 'AuthorizationPolicy', 'PeerAuthentication', 'RequestAuthentication'),
  istio('telemetry', 'Telemetry'),
  {
    group: 'gateway.networking.k8s.io',
    kinds: ['GatewayClass'],
    checks: [
      CONDITIONS_BEHIND,
      condition('Accepted', { False: 'Progressing', Unknown: 'Progressing' }, { reasons: ['Pending', 'Waiting'] }),
      condition('Accepted', GOOD),
    ],
    otherwise: waiting(),
  },
  {
    group: 'gateway.networking.k8s.io',
    kinds: ['Gateway'],
    checks: [
      CONDITIONS_BEHIND,
      ...refusals('status.conditions'),
      ...refusals('status.listeners.conditions'),
      condition('Accepted', { True: 'Healthy' }),
      condition('Programmed', { True: 'Healthy' }),
    ],
    otherwise: waiting(),
  },
  route('HTTPRoute', 'GRPCRoute', 'TLSRoute', 'TCPRoute', 'UDPRoute'),
  {
    group: 'gateway.networking.k8s.io',
    kinds: ['BackendTLSPolicy'],
    checks: [
      behind('status.ancestors.conditions.observedGeneration'),
      ...refusals('status.ancestors.conditions'),
      condition('Accepted', { True: 'Healthy' }, { path: 'status.ancestors.conditions' }),
    ],
    otherwise: waiting(),
  },
  {
    group: 'projectcontour.io',
    kinds: ['HTTPProxy'],
    checks: [
      field(
        'status.currentStatus',
        { valid: 'Healthy', invalid: 'Degraded', orphaned: 'Degraded' },
        'status.description',
      ),
    ],
    otherwise: waiting(),
  },
  {
    group: 'cilium.io',
    kinds: ['CiliumNetworkPolicy', 'CiliumClusterwideNetworkPolicy'],
    checks: [condition('Valid', { False: 'Degraded' })],
    otherwise: FINE,
  },
  {
    group: 'networking.gke.io',
    kinds: ['ManagedCertificate'],
    checks: [
      field(
        'status.certificateStatus',
        { Active: 'Healthy', Provisioning: 'Progressing', ProvisioningFailed: 'Degraded' },
        'status.domainStatus.status',
      ),
    ],
    otherwise: waiting(),
  },
  {
    group: 'externaldns.k8s.io',
    kinds: ['DNSEndpoint'],
    checks: [behind()],
    otherwise: FINE,
  },
  {
    group: 'k8s.nginx.org',
    kinds: ['VirtualServer', 'VirtualServerRoute', 'Policy'],
    checks: [field('status.state', { Valid: 'Healthy', Warning: 'Healthy', Invalid: 'Degraded' })],
    otherwise: waiting(),
  },
];
