// Service: one of type LoadBalancer needs an address.
import { objectsAt, textAt } from '../read.js';
import type { HealthRule } from '../types.js';
import { healthy, progressing } from '../verdict.js';

export const service: HealthRule = {
  group: '',
  kind: 'Service',
  verdicts: ['Healthy', 'Progressing'],
  says: ['of type LoadBalancer without an address: Progressing', 'otherwise: Healthy'],
  judge: (object) =>
    textAt(object, 'spec', 'type') === 'LoadBalancer' &&
    objectsAt(object, 'status', 'loadBalancer', 'ingress').length === 0
      ? progressing('the load balancer has no address yet')
      : healthy(),
};
