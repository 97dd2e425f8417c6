// autoscaling/HorizontalPodAutoscaler: it can read its metrics and its target.
import { isJsonObject, type JsonValue, type KubeObject } from '@wheelwright/kernel';
import { asCondition, conditionsOf, type Condition } from '../read.js';
import type { HealthRule } from '../types.js';
import { degraded, healthy, progressing } from '../verdict.js';

/** Where `autoscaling/v1`, which has no conditions, keeps those of later versions. */
const CONDITIONS_ANNOTATION = 'autoscaling.alpha.kubernetes.io/conditions';

export const horizontalPodAutoscaler: HealthRule = {
  group: 'autoscaling',
  kind: 'HorizontalPodAutoscaler',
  verdicts: ['Healthy', 'Progressing', 'Degraded'],
  says: [
    'AbleToScale with reason FailedGetScale or FailedUpdateScale, ScalingActive with a failed metric or an invalid selector: Degraded',
    'AbleToScale or ScalingLimited True: Healthy',
    'otherwise: Progressing',
  ],
  judge: (object) => {
    const conditions = [...conditionsOf(object), ...annotatedConditions(object)];
    const broken = conditions.find(isBroken);
    if (broken !== undefined) return degraded(broken.message || broken.reason);
    const working = conditions.find(
      ({ type, status }) => status === 'True' && (type === 'AbleToScale' || type === 'ScalingLimited'),
    );
    return working === undefined ? progressing('it waits to scale') : healthy(working.message);
  },
};

function isBroken({ type, reason }: Condition): boolean {
  if (type === 'AbleToScale') return reason === 'FailedGetScale' || reason === 'FailedUpdateScale';
  if (type !== 'ScalingActive') return false;
  return /^Failed.*Metric$/.test(reason) || reason === 'FailedComputeMetricsReplicas' || reason === 'InvalidSelector';
}

function annotatedConditions(object: KubeObject): readonly Condition[] {
  const text = object.metadata.annotations?.[CONDITIONS_ANNOTATION];
  if (typeof text !== 'string') return [];
  try {
    const list = JSON.parse(text) as JsonValue;
    return Array.isArray(list)
      ? (list as readonly JsonValue[]).filter((item) => isJsonObject(item)).map(asCondition)
      : [];
  } catch {
    return [];
  }
}
