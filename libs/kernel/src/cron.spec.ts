import { Cron } from 'croner';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCron, type CronSchedule } from './cron.js';
import { isTimeZone, nextOffsetChange, zoneOffsetMs } from './time-zone.js';

const schedule = (text: string): CronSchedule => {
  const parsed = parseCron(text);
  if ('problem' in parsed) throw new Error(parsed.problem);
  return parsed.schedule;
};
const at = (text: string): number => Date.parse(`${text}Z`);

describe('parseCron', () => {
  it.each<[string, string, string]>([
    ['0 22 * * *', '2026-03-01T22:00', '2026-03-02T22:00'],
    ['0 22 * * *', '2026-03-01T21:59:59.999', '2026-03-01T22:00'],
    ['*/20 * * * *', '2026-03-01T22:41', '2026-03-01T23:00'],
    ['5/15 * * * *', '2026-03-01T22:21', '2026-03-01T22:35'],
    ['0 0 29 2 *', '2026-03-01T00:00', '2028-02-29T00:00'],
    ['0 0 29 2 *', '2096-03-01T00:00', '2104-02-29T00:00'],
    ['0 9 * * MON-FRI', '2026-11-20T10:00', '2026-11-23T09:00'],
    ['0 9 ? jan sun', '2026-11-20T10:00', '2027-01-03T09:00'],
    // Both days restricted: either will do.
    ['0 0 13 * 5', '2026-11-01T00:00', '2026-11-06T00:00'],
    // A star with a step restricts, one with the step 1 does not.
    ['0 0 */2 * 1', '2026-11-01T00:00', '2026-11-02T00:00'],
    ['0 0 */1 * 1', '2026-11-03T00:00', '2026-11-09T00:00'],
  ])('%s: after %s comes %s', (text, after, next) => {
    expect(new Date(schedule(text).next(at(after))).toISOString()).toBe(new Date(at(next)).toISOString());
  });

  it.each(
    [
      '',
      '@daily',
      '* * * *',
      '* * * * * *',
      '60 * * * *',
      '* 24 * * *',
      '* * 0 * *',
      '* * * 13 *',
      '* * * * 7',
      '*/0 * * * *',
      '5-1 * * * *',
      '* * L * *',
      '* * * * 5#2',
      'TZ=UTC * * * * *',
      '0 0 31 2,4 *',
      '1,,2 * * * *',
    ].map((text): [string] => [text]),
  )('refuses "%s"', (text) => {
    expect(parseCron(text)).toHaveProperty('problem');
  });

  it('agrees with another implementation, both ways (property)', () => {
    const minute = fc.constantFrom('*', '0', '30', '*/7', '5-50/15', '1,2,59');
    const hour = fc.constantFrom('*', '0', '23', '*/5', '9-17', '1,13');
    const day = fc.constantFrom('*', '1', '15,31', '28-30');
    const month = fc.constantFrom('*', '1', '3-5', 'NOV,DEC');
    const weekday = fc.constantFrom('*', '0', 'MON-FRI', '2,6');
    const time = fc.integer({ min: at('2020-01-01T00:00'), max: at('2040-01-01T00:00') });
    fc.assert(
      fc.property(fc.tuple(minute, hour, day, month, weekday), time, (fields, ms) => {
        const text = fields.join(' ');
        const expected = new Cron(text, { timezone: 'UTC', mode: '5-part', paused: true }).nextRun(new Date(ms));
        const next = schedule(text).next(ms);
        expect(next).toBe(expected?.getTime());
        expect(schedule(text).previous(next + 1)).toBe(next);
        const previous = schedule(text).previous(ms);
        expect(previous).toBeLessThan(ms);
        expect(schedule(text).next(previous)).toBeGreaterThanOrEqual(ms);
      }),
    );
  });
});

describe('time zones', () => {
  it('knows those of the IANA tables, and no offsets', () => {
    expect(['UTC', 'Europe/Berlin', 'America/St_Johns', 'Etc/GMT+5'].every(isTimeZone)).toBe(true);
    expect(['', 'Mars/Olympus', '+01:00', 'Local', 'Europe/Berlin '].some(isTimeZone)).toBe(false);
  });

  it('tells their offset at an instant, and when it changes', () => {
    const hourMs = 3_600_000;
    expect(zoneOffsetMs('Europe/Berlin', at('2026-03-29T00:59:59.999'))).toBe(hourMs);
    expect(zoneOffsetMs('Europe/Berlin', at('2026-03-29T01:00'))).toBe(2 * hourMs);
    expect(zoneOffsetMs('America/St_Johns', at('2026-01-01T00:00'))).toBe(-3.5 * hourMs);
    expect(nextOffsetChange('Europe/Berlin', at('2026-01-01T00:00'), at('2027-01-01T00:00'))).toBe(
      at('2026-03-29T01:00'),
    );
    expect(nextOffsetChange('Europe/Berlin', at('2026-03-29T01:00'), at('2026-10-01T00:00'))).toBeUndefined();
    expect(nextOffsetChange('UTC', 0, at('2027-01-01T00:00'))).toBeUndefined();
  });
});
