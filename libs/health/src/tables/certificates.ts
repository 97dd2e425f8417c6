// cert-manager: what is issued, what issues it, and the steps of ACME between.
import { condition, field, type KindTable } from '../table.js';
import { all, BAD, CONDITIONS_BEHIND, GOOD, waiting } from './common.js';

const ACME = {
  ...all('Healthy', 'valid'),
  ...all('Progressing', 'pending', 'ready', 'processing'),
  ...all('Degraded', 'invalid', 'expired', 'errored'),
};

export const CERTIFICATES: readonly KindTable[] = [
  {
    group: 'cert-manager.io',
    kinds: ['Certificate'],
    // A certificate that is being renewed is not ready for a moment only.
    checks: [condition('Issuing', { True: 'Progressing' }), condition('Ready', GOOD)],
    otherwise: waiting(),
  },
  {
    group: 'cert-manager.io',
    kinds: ['CertificateRequest'],
    checks: [
      condition('Denied', BAD),
      condition('InvalidRequest', BAD),
      condition('Ready', { False: 'Progressing' }, { reasons: ['Pending'] }),
      condition('Ready', GOOD),
    ],
    otherwise: waiting(),
  },
  {
    group: 'cert-manager.io',
    kinds: ['Issuer', 'ClusterIssuer'],
    checks: [CONDITIONS_BEHIND, condition('Ready', GOOD)],
    otherwise: waiting(),
  },
  {
    group: 'acme.cert-manager.io',
    kinds: ['Order', 'Challenge'],
    checks: [field('status.state', ACME, 'status.reason')],
    otherwise: waiting(),
  },
  {
    group: 'trust.cert-manager.io',
    kinds: ['Bundle'],
    checks: [CONDITIONS_BEHIND, condition('Synced', GOOD)],
    otherwise: waiting(),
  },
];
