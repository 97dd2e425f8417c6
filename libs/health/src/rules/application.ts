// argoproj.io/Application: a child of an App of Apps is as healthy as its own verdict says.
import { parseTrackingId, TRACKING_ANNOTATION, type KubeObject } from '@wheelwright/kernel';
import { HEALTH_ORDER, type Health, type HealthRule, type HealthStatus } from '../types.js';
import { textAt } from '../read.js';
import { healthy, progressing } from '../verdict.js';

export const application: HealthRule = {
  group: 'argoproj.io',
  kind: 'Application',
  verdicts: ['Healthy', 'Suspended', 'Progressing', 'Missing', 'Degraded'],
  says: [
    '`status.health.status` of the child, with Unknown as Progressing; no status: Progressing',
    'an Application that declares itself: Healthy',
  ],
  judge: (object): Health => {
    // Its health is made of that of its objects: it cannot wait for itself.
    if (declaresItself(object)) return healthy('it declares itself');
    const status = statusOf(textAt(object, 'status', 'health', 'status'));
    const message = textAt(object, 'status', 'health', 'message');
    return status === undefined ? progressing(message || 'its health is not known yet') : { status, message };
  },
};

/** `Unknown` is no verdict: it is what an Application says before anybody looked at it. */
function statusOf(text: string): HealthStatus | undefined {
  return text === 'Unknown' ? undefined : HEALTH_ORDER.find((status) => status === text);
}

function declaresItself({ metadata }: KubeObject): boolean {
  const tracked = parseTrackingId(metadata.annotations?.[TRACKING_ANNOTATION] ?? '');
  return tracked !== undefined && tracked.application === metadata.name && tracked.key.kind === 'Application';
}
