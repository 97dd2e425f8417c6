// PersistentVolumeClaim: bound to a volume.
import { textAt } from '../read.js';
import type { HealthRule } from '../types.js';
import { degraded, healthy, progressing, unknown } from '../verdict.js';

export const persistentVolumeClaim: HealthRule = {
  group: '',
  kind: 'PersistentVolumeClaim',
  verdicts: ['Healthy', 'Progressing', 'Degraded', 'Unknown'],
  says: ['`status.phase` Bound: Healthy; Pending: Progressing; Lost: Degraded; others: Unknown'],
  judge: (object) => {
    const phase = textAt(object, 'status', 'phase');
    switch (phase) {
      case 'Bound':
        return healthy();
      case 'Pending':
        return progressing('it waits for a volume');
      case 'Lost':
        return degraded('its volume is lost');
      default:
        return unknown(`the phase is "${phase}"`);
    }
  },
};
