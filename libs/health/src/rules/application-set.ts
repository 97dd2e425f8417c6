// argoproj.io/ApplicationSet: its last expansion went well, and everything that it generated is there.
import { conditionsOf, numberAt } from '../read.js';
import type { HealthRule } from '../types.js';
import { degraded, healthy, progressing } from '../verdict.js';

export const applicationSet: HealthRule = {
  group: 'argoproj.io',
  kind: 'ApplicationSet',
  verdicts: ['Healthy', 'Progressing', 'Degraded'],
  says: [
    '`status.observedGeneration` behind: Progressing',
    'ErrorOccurred True: Degraded',
    'ResourcesUpToDate True: Healthy',
    'otherwise: Progressing',
  ],
  judge: (object) => {
    const observed = numberAt(object, 'status', 'observedGeneration');
    // Only some controllers say what they have seen: where nothing is said, the conditions stand for the newest spec.
    if (observed !== undefined && observed < (object.metadata.generation ?? 0))
      return progressing('it changed, and was not expanded since');
    const conditions = conditionsOf(object);
    const failed = conditions.find(({ type, status }) => type === 'ErrorOccurred' && status === 'True');
    if (failed !== undefined) return degraded(failed.message || failed.reason);
    const upToDate = conditions.find(({ type }) => type === 'ResourcesUpToDate');
    if (upToDate?.status === 'True') return healthy();
    return progressing(upToDate?.message || 'it has not been expanded yet');
  },
};
