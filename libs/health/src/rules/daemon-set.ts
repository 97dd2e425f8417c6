// apps/DaemonSet: updated and available on every node that it is for.
import { isBehind, numberAt, textAt } from '../read.js';
import type { HealthRule } from '../types.js';
import { healthy, progressing } from '../verdict.js';

export const daemonSet: HealthRule = {
  group: 'apps',
  kind: 'DaemonSet',
  verdicts: ['Healthy', 'Progressing'],
  says: [
    'newest spec not observed: Progressing',
    'updates on deletion only: Healthy',
    'fewer updated or available pods than wanted: Progressing',
    'otherwise: Healthy',
  ],
  judge: (object) => {
    if (isBehind(object)) return progressing('the newest spec has not been observed yet');
    if (textAt(object, 'spec', 'updateStrategy', 'type') === 'OnDelete') return healthy('updates wait for deletions');
    const desired = numberAt(object, 'status', 'desiredNumberScheduled') ?? 0;
    const updated = numberAt(object, 'status', 'updatedNumberScheduled') ?? 0;
    const available = numberAt(object, 'status', 'numberAvailable') ?? 0;
    if (updated < desired) return progressing(`${String(updated)} of ${String(desired)} pods are updated`);
    if (available < desired) return progressing(`${String(available)} of ${String(desired)} pods are available`);
    return healthy();
  },
};
