// Pod: its phase, and for pods that are to run for ever what their containers wait for.
import type { JsonObject, KubeObject } from '@wheelwright/kernel';
import { conditionsOf, numberAt, objectsAt, textAt, valueAt } from '../read.js';
import type { Health, HealthRule } from '../types.js';
import { degraded, healthy, progressing, unknown } from '../verdict.js';

const IGNORE_RESTART_POLICY = 'argocd.argoproj.io/ignore-restart-policy';

export const pod: HealthRule = {
  group: '',
  kind: 'Pod',
  verdicts: ['Healthy', 'Progressing', 'Degraded', 'Unknown'],
  says: [
    'a container that waits for what ends in Error or BackOff, of a pod that is to run for ever: Degraded',
    '`status.phase` Pending: Progressing; Succeeded: Healthy; Failed: Degraded',
    'Running and Ready: Healthy; restarted and not Ready: Degraded; otherwise: Progressing',
  ],
  judge: (object, { hook }) => {
    const restarts = (textAt(object, 'spec', 'restartPolicy') || 'Always') === 'Always';
    const ignoresPolicy = object.metadata.annotations?.[IGNORE_RESTART_POLICY] === 'true' && !hook;
    const waiting = restarts || ignoresPolicy ? hopelessWait(object) : undefined;
    if (waiting !== undefined) return degraded(waiting);
    const phase = textAt(object, 'status', 'phase');
    const message = textAt(object, 'status', 'message');
    switch (phase) {
      case 'Pending':
        return progressing(message);
      case 'Succeeded':
        return healthy(message);
      case 'Failed':
        return degraded(message || failureOf(object));
      case 'Running':
        return restarts ? judgeRunning(object, message) : progressing(message);
      default:
        return unknown(message || `the phase is "${phase}"`);
    }
  },
};

/** What containers wait for without hope, such as `ImagePullBackOff`. */
function hopelessWait(object: KubeObject): string | undefined {
  const messages = containersOf(object).flatMap((container) => {
    const reason = textAt(container, 'state', 'waiting', 'reason');
    const isHopeless = reason.startsWith('Err') || reason.endsWith('Error') || reason.endsWith('BackOff');
    return isHopeless ? [textAt(container, 'state', 'waiting', 'message') || reason] : [];
  });
  return messages.length === 0 ? undefined : messages.join(', ');
}

function judgeRunning(object: KubeObject, message: string): Health {
  if (conditionsOf(object).some(({ type, status }) => type === 'Ready' && status === 'True')) return healthy(message);
  const restarted = containersOf(object).some(
    (container) => valueAt(container, 'lastState', 'terminated') !== undefined,
  );
  return restarted ? degraded(message || 'a container was restarted and is not ready') : progressing(message);
}

function failureOf(object: KubeObject): string {
  for (const container of containersOf(object)) {
    const exitCode = numberAt(container, 'state', 'terminated', 'exitCode') ?? 0;
    const message = textAt(container, 'state', 'terminated', 'message');
    if (message !== '') return message;
    if (textAt(container, 'state', 'terminated', 'reason') === 'OOMKilled') return 'OOMKilled';
    if (exitCode !== 0) return `container "${textAt(container, 'name')}" failed with exit code ${String(exitCode)}`;
  }
  return '';
}

function containersOf(object: KubeObject): readonly JsonObject[] {
  return [...objectsAt(object, 'status', 'initContainerStatuses'), ...objectsAt(object, 'status', 'containerStatuses')];
}
