// apps/ReplicaSet: as many replicas available as are wanted.
import { conditionsOf, isBehind, numberAt } from '../read.js';
import type { HealthRule } from '../types.js';
import { degraded, healthy, progressing } from '../verdict.js';

export const replicaSet: HealthRule = {
  group: 'apps',
  kind: 'ReplicaSet',
  verdicts: ['Healthy', 'Progressing', 'Degraded'],
  says: [
    'newest spec not observed: Progressing',
    'ReplicaFailure True: Degraded',
    'fewer available replicas than wanted: Progressing',
    'otherwise: Healthy',
  ],
  judge: (object) => {
    if (isBehind(object)) return progressing('the newest spec has not been observed yet');
    const failure = conditionsOf(object).find(({ type, status }) => type === 'ReplicaFailure' && status === 'True');
    if (failure !== undefined) return degraded(failure.message || 'replicas cannot be created');
    const wanted = numberAt(object, 'spec', 'replicas');
    const available = numberAt(object, 'status', 'availableReplicas') ?? 0;
    if (wanted !== undefined && available < wanted) {
      return progressing(`${String(available)} of ${String(wanted)} replicas are available`);
    }
    return healthy();
  },
};
