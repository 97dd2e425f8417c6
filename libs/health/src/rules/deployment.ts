// apps/Deployment: rolled out when every replica is updated, no old one is left and all are available.
import { conditionsOf, isBehind, numberAt, valueAt } from '../read.js';
import type { HealthRule } from '../types.js';
import { degraded, healthy, progressing, suspended } from '../verdict.js';

export const deployment: HealthRule = {
  group: 'apps',
  kind: 'Deployment',
  verdicts: ['Healthy', 'Suspended', 'Progressing', 'Degraded'],
  says: [
    '`spec.paused` true: Suspended',
    'newest spec not observed: Progressing',
    'Progressing with reason ProgressDeadlineExceeded: Degraded',
    'replicas that are not updated, left over or not available: Progressing',
    'otherwise: Healthy',
  ],
  judge: (object) => {
    if (valueAt(object, 'spec', 'paused') === true) return suspended('the rollout is paused');
    if (isBehind(object)) return progressing('the newest spec has not been observed yet');
    const stuck = conditionsOf(object).find(
      ({ type, reason }) => type === 'Progressing' && reason === 'ProgressDeadlineExceeded',
    );
    if (stuck !== undefined) return degraded(stuck.message || 'the rollout exceeded its progress deadline');
    const wanted = numberAt(object, 'spec', 'replicas');
    const updated = numberAt(object, 'status', 'updatedReplicas') ?? 0;
    const replicas = numberAt(object, 'status', 'replicas') ?? 0;
    const available = numberAt(object, 'status', 'availableReplicas') ?? 0;
    if (wanted !== undefined && updated < wanted) {
      return progressing(`${String(updated)} of ${String(wanted)} replicas are updated`);
    }
    if (replicas > updated) return progressing(`${String(replicas - updated)} old replicas are still there`);
    if (available < updated)
      return progressing(`${String(available)} of ${String(updated)} updated replicas are available`);
    return healthy();
  },
};
