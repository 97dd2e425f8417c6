import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { reportOf, worstOf, type JudgedObject } from './report.js';
import { HEALTH_ORDER, type HealthStatus } from './types.js';

function object(name: string, status?: HealthStatus, rest: Partial<JudgedObject> = {}): JudgedObject {
  const key = { group: 'apps', kind: 'Deployment', namespace: 'shop', name };
  return { key, live: true, ...(status === undefined ? {} : { health: { status, message: `${name} says` } }), ...rest };
}

describe('the health of the whole', () => {
  it('is the worst of its objects, and says whose it is', () => {
    const report = reportOf([object('a', 'Healthy'), object('b', 'Degraded'), object('c', 'Progressing'), object('d')]);
    expect(report.whole).toEqual({ status: 'Degraded', message: 'Deployment shop/b: b says' });
    expect(report.objects.map(({ key }) => key.name)).toEqual(['a', 'b', 'c']);
  });

  it('is Healthy without objects, and without opinions', () => {
    expect(reportOf([]).whole.status).toBe('Healthy');
    expect(reportOf([object('a'), object('b')]).whole).toEqual({ status: 'Healthy', message: '' });
  });

  it('is not worsened by a single missing object, and Missing where none is live', () => {
    const missing = object('gone', undefined, { live: false });
    const report = reportOf([object('a', 'Healthy'), missing]);
    expect(report.whole.status).toBe('Healthy');
    expect(report.objects.at(-1)?.health.status).toBe('Missing');
    expect(reportOf([missing]).whole.status).toBe('Missing');
  });

  it('leaves out objects that ask not to count', () => {
    expect(reportOf([object('a', 'Degraded', { ignored: true }), object('b', 'Progressing')]).whole.status).toBe(
      'Progressing',
    );
  });

  it('does not depend on the order of objects (property)', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([...HEALTH_ORDER]), (statuses) => {
        const ranks = statuses.map((status) => HEALTH_ORDER.indexOf(status));
        expect(worstOf(statuses)).toBe(HEALTH_ORDER[Math.max(0, ...ranks)]);
      }),
    );
  });
});
