// networking.k8s.io/Ingress: an ingress controller has given it an address.
import { objectsAt } from '../read.js';
import type { HealthRule } from '../types.js';
import { healthy, progressing } from '../verdict.js';

export const ingress: HealthRule = {
  group: 'networking.k8s.io',
  kind: 'Ingress',
  verdicts: ['Healthy', 'Progressing'],
  says: ['no address in `status.loadBalancer.ingress`: Progressing', 'otherwise: Healthy'],
  judge: (object) =>
    objectsAt(object, 'status', 'loadBalancer', 'ingress').length === 0
      ? progressing('no ingress controller has given it an address yet')
      : healthy(),
};
