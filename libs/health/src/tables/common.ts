// Checks and verdicts that many kinds share.
import type { HealthStatus } from '../types.js';
import { behind, condition, field, type Check } from '../table.js';

/** A condition that is True when all is well. */
export const GOOD = { True: 'Healthy', False: 'Degraded', Unknown: 'Progressing' } as const;
/** The same, of controllers that say False while they still work on it. */
export const PATIENT = { True: 'Healthy', False: 'Progressing', Unknown: 'Progressing' } as const;
/** A condition that is True when something went wrong. */
export const BAD = { True: 'Degraded' } as const;

export const SUSPENDED: Check = field('spec.suspend', { true: 'Suspended' }, '');
export const PAUSED: Check = field('spec.paused', { true: 'Suspended' }, '');

/** What conditions have seen, of controllers that keep it there. */
export const CONDITIONS_BEHIND: Check = behind('status.conditions.observedGeneration');

/** `Ready` decides. */
export const READY: readonly Check[] = [behind(), condition('Ready', GOOD)];

/** The conventions of kstatus: first what stalled, then what is under way, then `Ready`. */
export const KSTATUS: readonly Check[] = [
  behind(),
  condition('Stalled', BAD),
  condition('Reconciling', { True: 'Progressing' }),
  condition('Ready', GOOD),
];

/** Verdict of all these texts. */
export function all(verdict: HealthStatus, ...texts: readonly string[]): Readonly<Record<string, HealthStatus>> {
  return Object.fromEntries(texts.map((text) => [text, verdict]));
}

export function waiting(message = 'its controller has not reported yet'): {
  readonly status: 'Progressing';
  readonly message: string;
} {
  return { status: 'Progressing', message };
}

export const FINE = { status: 'Healthy', message: '' } as const;
