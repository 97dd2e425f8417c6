// batch/CronJob: whether its last run that is over went well. What was never due, or runs now, is not held against it.
import { objectsAt, textAt, valueAt } from '../read.js';
import type { HealthRule } from '../types.js';
import { degraded, healthy, progressing, suspended } from '../verdict.js';

export const cronJob: HealthRule = {
  group: 'batch',
  kind: 'CronJob',
  verdicts: ['Healthy', 'Suspended', 'Progressing', 'Degraded'],
  says: [
    '`spec.suspend` true: Suspended',
    'no `status`: Progressing',
    'never due, running, or never successful: Healthy',
    '`status.lastSuccessfulTime` before `status.lastScheduleTime`: Degraded',
    'otherwise: Healthy',
  ],
  judge: (object) => {
    if (valueAt(object, 'spec', 'suspend') === true) return suspended('the cron job is suspended');
    if (valueAt(object, 'status') === undefined) return progressing('the cron job has not been seen yet');
    const scheduled = textAt(object, 'status', 'lastScheduleTime');
    const succeeded = textAt(object, 'status', 'lastSuccessfulTime');
    if (scheduled === '') return healthy('it was not due yet');
    if (objectsAt(object, 'status', 'active').length > 0) return healthy('it is running');
    if (succeeded === '') return healthy('no run has succeeded yet');
    // Times of the API are RFC 3339 in UTC, whole seconds: their texts are in their order.
    return succeeded < scheduled ? degraded('its last run did not succeed') : healthy();
  },
};
