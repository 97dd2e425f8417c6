// batch/Job: its conditions say whether it failed, is suspended or complete.
import { conditionsOf } from '../read.js';
import type { HealthRule } from '../types.js';
import { degraded, healthy, progressing, suspended } from '../verdict.js';

export const job: HealthRule = {
  group: 'batch',
  kind: 'Job',
  verdicts: ['Healthy', 'Suspended', 'Progressing', 'Degraded'],
  says: ['Failed True: Degraded', 'Suspended True: Suspended', 'Complete True: Healthy', 'otherwise: Progressing'],
  judge: (object) => {
    const holding = conditionsOf(object).filter(({ status }) => status === 'True');
    const find = (type: string): string | undefined => holding.find((condition) => condition.type === type)?.message;
    const failed = find('Failed');
    if (failed !== undefined) return degraded(failed || 'the job failed');
    const paused = find('Suspended');
    if (paused !== undefined) return suspended(paused || 'the job is suspended');
    const complete = find('Complete');
    return complete === undefined ? progressing('the job has not finished') : healthy(complete);
  },
};
