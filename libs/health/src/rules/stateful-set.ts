// apps/StatefulSet: all replicas ready, and all (or those above the partition) of the newest revision.
import type { KubeObject } from '@wheelwright/kernel';
import { isJsonObject } from '@wheelwright/kernel';
import { isBehind, numberAt, textAt, valueAt } from '../read.js';
import type { Health, HealthRule } from '../types.js';
import { healthy, progressing } from '../verdict.js';

export const statefulSet: HealthRule = {
  group: 'apps',
  kind: 'StatefulSet',
  verdicts: ['Healthy', 'Progressing'],
  says: [
    'newest spec not observed, or fewer ready replicas than wanted: Progressing',
    'updates on deletion only: Healthy',
    'replicas above the partition, or all, that are not of the newest revision: Progressing',
    'otherwise: Healthy',
  ],
  judge: (object) => {
    if ((numberAt(object, 'status', 'observedGeneration') ?? 0) === 0 || isBehind(object)) {
      return progressing('the newest spec has not been observed yet');
    }
    const wanted = numberAt(object, 'spec', 'replicas');
    const ready = numberAt(object, 'status', 'readyReplicas') ?? 0;
    if (wanted !== undefined && ready < wanted)
      return progressing(`${String(ready)} of ${String(wanted)} replicas are ready`);
    const strategy = textAt(object, 'spec', 'updateStrategy', 'type');
    if (strategy === 'OnDelete') return healthy(`${String(ready)} replicas are ready; updates wait for deletions`);
    return strategy === 'RollingUpdate' && isJsonObject(valueAt(object, 'spec', 'updateStrategy', 'rollingUpdate'))
      ? judgePartition(object, wanted)
      : judgeRevision(object);
  },
};

function judgePartition(object: KubeObject, wanted: number | undefined): Health {
  const partition = numberAt(object, 'spec', 'updateStrategy', 'rollingUpdate', 'partition');
  const updated = numberAt(object, 'status', 'updatedReplicas') ?? 0;
  if (wanted !== undefined && partition !== undefined && updated < wanted - partition) {
    return progressing(`${String(updated)} of ${String(wanted - partition)} replicas above the partition are updated`);
  }
  return healthy();
}

function judgeRevision(object: KubeObject): Health {
  const isRolledOut = textAt(object, 'status', 'updateRevision') === textAt(object, 'status', 'currentRevision');
  return isRolledOut
    ? healthy()
    : progressing(`the roll out of ${textAt(object, 'status', 'updateRevision')} is under way`);
}
