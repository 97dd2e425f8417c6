// Secrets from elsewhere: External Secrets, Sealed Secrets, the Vault operator.
import { behind, condition, field, type KindTable } from '../table.js';
import { BAD, GOOD, waiting } from './common.js';

export const SECRETS: readonly KindTable[] = [
  {
    group: 'external-secrets.io',
    kinds: ['ExternalSecret', 'SecretStore', 'ClusterSecretStore', 'PushSecret', 'ClusterPushSecret'],
    checks: [condition('Ready', GOOD)],
    otherwise: waiting(),
  },
  {
    group: 'external-secrets.io',
    kinds: ['ClusterExternalSecret'],
    checks: [condition('PartiallyReady', BAD), condition('NotReady', BAD), condition('Ready', GOOD)],
    otherwise: waiting(),
  },
  {
    group: 'bitnami.com',
    kinds: ['SealedSecret'],
    checks: [behind(), condition('Synced', GOOD)],
    otherwise: waiting('the sealed secret has not been opened yet'),
  },
  {
    group: 'secrets.hashicorp.com',
    kinds: ['VaultAuth', 'VaultConnection'],
    checks: [field('status.valid', { true: 'Healthy', false: 'Degraded' }, 'status.error')],
    otherwise: waiting(),
  },
];
