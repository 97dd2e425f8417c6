// apiregistration.k8s.io/APIService: the aggregated API answers.
import { conditionsOf } from '../read.js';
import type { HealthRule } from '../types.js';
import { healthy, progressing } from '../verdict.js';

export const apiService: HealthRule = {
  group: 'apiregistration.k8s.io',
  kind: 'APIService',
  verdicts: ['Healthy', 'Progressing'],
  says: ['Available True: Healthy', 'otherwise: Progressing'],
  judge: (object) => {
    const available = conditionsOf(object).find(({ type }) => type === 'Available');
    if (available === undefined) return progressing('its availability has not been checked yet');
    const message = [available.reason, available.message].filter((text) => text !== '').join(': ');
    return available.status === 'True' ? healthy(message) : progressing(message || 'it is not available');
  },
};
