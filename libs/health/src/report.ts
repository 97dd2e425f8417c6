// The health of each object in, the health of the whole out (`compatibility.md` 2.5).
import type { ResourceKey } from '@wheelwright/kernel';
import { HEALTH_ORDER, type Health, type HealthReport, type HealthStatus } from './types.js';

/** One object of an Application, as far as the whole is concerned. */
export interface JudgedObject {
  readonly key: ResourceKey;
  /** Whether it is on the spoke. */
  readonly live: boolean;
  /** Absent: its kind has no rule. */
  readonly health?: Health;
  /** Asks not to count (see `ignoresHealth`). */
  readonly ignored?: boolean;
}

/** The worst of some statuses; of none: Healthy. */
export function worstOf(statuses: readonly HealthStatus[]): HealthStatus {
  return statuses.reduce<HealthStatus>((worst, status) => (rank(status) > rank(worst) ? status : worst), 'Healthy');
}

function rank(status: HealthStatus): number {
  return HEALTH_ORDER.indexOf(status);
}

/**
 * The health of the whole: the worst of its live objects, and Missing only if none of its objects is live. A single missing object does not
 * worsen it (that is a matter of sync). The message names the object that decides.
 */
export function reportOf(objects: readonly JudgedObject[]): HealthReport {
  const judged = objects.flatMap(({ key, live, health }): HealthReport['objects'] => {
    if (!live) return [{ key, health: { status: 'Missing', message: 'it is not on the spoke' } }];
    return health === undefined ? [] : [{ key, health }];
  });
  return { whole: wholeOf(objects), objects: judged };
}

function wholeOf(objects: readonly JudgedObject[]): Health {
  const isCounted = ({ ignored }: JudgedObject): boolean => ignored !== true;
  if (objects.length > 0 && objects.every(({ live }) => !live)) {
    return { status: 'Missing', message: 'none of its objects is on the spoke' };
  }
  const counted = objects.filter((object) => object.live && isCounted(object));
  const status = worstOf(counted.flatMap(({ health }) => health?.status ?? []));
  if (status === 'Healthy') return { status, message: '' };
  const deciding = counted.find(({ health }) => health?.status === status);
  if (deciding?.health === undefined) return { status, message: '' };
  const { kind, namespace, name } = deciding.key;
  const subject = `${kind} ${namespace === '' ? name : `${namespace}/${name}`}`;
  return { status, message: deciding.health.message === '' ? subject : `${subject}: ${deciding.health.message}` };
}
