import { Cron } from 'croner';
import fc from 'fast-check';
import type { AppProject, SyncWindow } from '@wheelwright/intent';
import { describe, expect, it } from 'vitest';
import { timesOf } from './window-times.js';
import { mayOverrun, relevantWindows, windowVerdict, windowVerdicts, type WindowSubject } from './windows.js';

const subject: WindowSubject = {
  application: 'web',
  namespace: 'team-a',
  cluster: 'prod-eu',
  server: 'https://eu.example:6443',
};
const project = (...syncWindows: readonly SyncWindow[]): AppProject => ({
  metadata: { name: 'shop', namespace: 'argocd', labels: {}, annotations: {}, finalizers: [] },
  spec: { syncWindows },
});
const window = (patch: Partial<SyncWindow> = {}): SyncWindow => ({
  kind: 'deny',
  schedule: '0 22 * * *',
  duration: '8h',
  applications: ['*'],
  ...patch,
});
const at = (text: string): number => Date.parse(`${text}Z`);
const iso = (ms: number | undefined): string =>
  ms === undefined ? '' : new Date(ms).toISOString().replace(/(:00)?\.000Z$/, '');
const stateOf = (one: SyncWindow, text: string): boolean => timesOf(one).isActive(at(text));

describe('which windows concern an Application', () => {
  it.each<[Partial<SyncWindow>, boolean]>([
    [{ applications: ['w*'] }, true],
    [{ applications: ['web-*'] }, false],
    [{ applications: ['!web'] }, false],
    [{ applications: [], namespaces: ['team-*'] }, true],
    [{ applications: [], clusters: ['prod-*'] }, true],
    [{ applications: [], clusters: ['https://eu.*'] }, true],
    [{ applications: [], clusters: ['https://us.*'] }, false],
    [{ applications: [] }, false],
    [{ applications: ['other'], namespaces: ['team-a'] }, true],
    [{ applications: ['other'], namespaces: ['team-a'], andOperator: true }, false],
    [{ applications: ['web'], namespaces: ['team-a'], andOperator: true }, true],
    [{ applications: ['web'], namespaces: ['team-a'], clusters: ['us'], andOperator: true }, false],
    [{ applications: ['['] }, true],
  ])('%j: %s', (patch, concerns) => {
    expect(relevantWindows(project(window(patch)), subject)).toHaveLength(concerns ? 1 : 0);
  });
});

describe('when a window is active', () => {
  it.each<[Partial<SyncWindow>, string, boolean, string]>([
    // Over midnight; not yet at the very moment, no longer at the last one.
    [{}, '2026-11-22T21:59', false, '2026-11-22T22:00:00.001Z'],
    [{}, '2026-11-22T22:00', false, '2026-11-22T22:00:00.001Z'],
    [{}, '2026-11-22T22:00:00.001', true, '2026-11-23T06:00'],
    [{}, '2026-11-23T05:59:59.999', true, '2026-11-23T06:00'],
    [{}, '2026-11-23T06:00', false, '2026-11-23T22:00:00.001Z'],
    // Zones, also behind UTC and with half hours.
    [{ timeZone: 'Asia/Kolkata' }, '2026-11-22T16:31', true, '2026-11-23T00:30'],
    [{ timeZone: 'America/New_York' }, '2026-11-23T02:59', false, '2026-11-23T03:00:00.001Z'],
    [{ timeZone: 'UTC' }, '2026-11-22T23:00', true, '2026-11-23T06:00'],
    // The clock goes forward at 01:00 UTC, from 02:00 to 03:00: what began at 02:30 ends at 03:30, half an hour later.
    [
      { schedule: '30 2 * * *', duration: '1h', timeZone: 'Europe/Berlin' },
      '2026-03-29T00:59',
      false,
      '2026-03-29T01:00',
    ],
    [
      { schedule: '30 2 * * *', duration: '1h', timeZone: 'Europe/Berlin' },
      '2026-03-29T01:00',
      true,
      '2026-03-29T01:30',
    ],
    // It goes back at 01:00 UTC, from 03:00 to 02:00: the window opens twice.
    [
      { schedule: '30 2 * * *', duration: '1h', timeZone: 'Europe/Berlin' },
      '2026-10-25T00:45',
      true,
      '2026-10-25T01:00',
    ],
    [
      { schedule: '30 2 * * *', duration: '1h', timeZone: 'Europe/Berlin' },
      '2026-10-25T01:00',
      false,
      '2026-10-25T01:30:00.001Z',
    ],
    [
      { schedule: '30 2 * * *', duration: '1h', timeZone: 'Europe/Berlin' },
      '2026-10-25T02:00',
      true,
      '2026-10-25T02:30',
    ],
    // A night that the clock goes back in lasts an hour longer.
    [{ timeZone: 'Europe/Berlin' }, '2026-10-24T21:00', true, '2026-10-25T01:00'],
    [{ schedule: '0 9 * * MON-FRI', duration: '8h' }, '2026-11-20T17:00', false, '2026-11-23T09:00:00.001Z'],
    // Overlapping and touching openings are one.
    [{ schedule: '0 9,10,11 * * *', duration: '90m' }, '2026-11-20T09:30', true, '2026-11-20T12:30'],
    [{ schedule: '0 9,10,11 * * *', duration: '1h' }, '2026-11-20T10:00', true, '2026-11-20T12:00'],
  ])('%j at %s: %s until %s', (...[patch, text, isActive, until]) => {
    const one = window(patch);
    expect(stateOf(one, text)).toBe(isActive);
    expect(iso(timesOf(one).nextChange(at(text), at(text) + 400 * 86_400_000))).toBe(until);
  });

  it('is what cron says of the time between (property)', () => {
    const schedule = fc.constantFrom('0 22 * * *', '*/7 3 * * *', '15 9 1,15 * MON', '0 0 1 1 *');
    const minutes = fc.integer({ min: 1, max: 3_000 });
    const time = fc.integer({ min: at('2024-01-01T00:00'), max: at('2028-01-01T00:00') });
    fc.assert(
      fc.property(schedule, minutes, time, (text, duration, ms) => {
        const durationMs = duration * 60_000;
        const next = new Cron(text, { timezone: 'UTC', mode: '5-part', paused: true }).nextRun(
          new Date(ms - durationMs),
        );
        const expected = next !== null && next.getTime() < ms;
        expect(timesOf(window({ schedule: text, duration: `${String(duration)}m` })).isActive(ms)).toBe(expected);
      }),
    );
  });

  it('blocks where it cannot be read', () => {
    const broken = { schedule: 'never' };
    for (const kind of ['allow', 'deny'] as const) {
      const verdict = windowVerdict(project(window({ ...broken, kind })), subject, { nowMs: 0, manual: false });
      expect(verdict.allowed).toBe(false);
    }
  });
});

describe('whether a sync may begin', () => {
  const NIGHT = '2026-11-22T23:00';
  const DAY = '2026-11-22T12:00';
  const allow = window({ kind: 'allow' });
  const deny = window();
  const always = window({ kind: 'allow', schedule: '* * * * *', duration: '1h' });
  it.each<[string, readonly SyncWindow[], string, boolean, boolean]>([
    ['no window', [], NIGHT, true, true],
    ['another window', [window({ applications: ['x'] })], NIGHT, true, true],
    ['an active denial', [deny], NIGHT, false, false],
    ['an inactive denial', [deny], DAY, true, true],
    ['an active allowance', [allow], NIGHT, true, true],
    ['an inactive allowance', [allow], DAY, false, false],
    ['a denial wins', [always, deny], NIGHT, false, false],
    ['one allowance of two', [allow, always], DAY, true, true],
    ['people pass a denial', [window({ manualSync: true })], NIGHT, false, true],
    ['people pass all denials or none', [deny, window({ manualSync: true, duration: '7h' })], NIGHT, false, false],
    ['people pass inactive allowances', [window({ kind: 'allow', manualSync: true })], DAY, false, true],
    ['people pass all allowances or none', [allow, window({ kind: 'allow', manualSync: true })], DAY, false, false],
    // The denial decides alone: that the allowance has no manualSync does not matter.
    [
      'a denial hides an allowance',
      [window({ manualSync: true }), window({ kind: 'allow', schedule: '0 12 * * *' })],
      NIGHT,
      false,
      true,
    ],
  ])('%s', (...[, windows, text, automated, manual]) => {
    const verdict = (isManual: boolean): boolean =>
      windowVerdict(project(...windows), subject, { nowMs: at(text), manual: isManual }).allowed;
    expect([verdict(false), verdict(true)]).toEqual([automated, manual]);
  });

  it('says which window is in the way, and until when', () => {
    const night = window({ timeZone: 'Europe/Berlin', description: 'the night' });
    expect(windowVerdict(project(night), subject, { nowMs: at(NIGHT), manual: false })).toEqual({
      allowed: false,
      reason:
        'project shop: the deny window "0 22 * * *" for 8h (Europe/Berlin): the night is active, until 2026-11-23T05:00:00.000Z',
      untilMs: at('2026-11-23T05:00'),
    });
    expect(windowVerdict(project(allow), subject, { nowMs: at(DAY), manual: true })).toEqual({
      allowed: false,
      reason:
        'project shop: no allow window is active, such as "0 22 * * *" for 8h (UTC), until 2026-11-22T22:00:00.001Z',
      untilMs: at('2026-11-22T22:00:00.001'),
    });
    expect(windowVerdict(project(), subject, { nowMs: 0, manual: false })).toEqual({ allowed: true });
  });

  it('looks past changes that leave the verdict as it is', () => {
    const both = project(window({ duration: '4h' }), window({ schedule: '0 1 * * *', duration: '4h' }));
    expect(windowVerdict(both, subject, { nowMs: at(NIGHT), manual: false })).toMatchObject({
      untilMs: at('2026-11-23T05:00'),
    });
  });

  it('ends its search where a window never closes', () => {
    const verdict = windowVerdict(project(window({ schedule: '* * * * *', duration: '1m' })), subject, {
      nowMs: at(NIGHT),
      manual: false,
    });
    expect(verdict).toMatchObject({ allowed: false, reason: expect.not.stringContaining('until') });
    expect(verdict.untilMs).toBeGreaterThan(at(NIGHT) + 86_400_000);
  });

  const windows = fc.array(
    fc.record({
      kind: fc.constantFrom('allow' as const, 'deny' as const),
      schedule: fc.constantFrom(
        '0 22 * * *',
        '*/20 * * * *',
        '30 2 * * *',
        '0 9 * * MON-FRI',
        '0 0 1 * *',
        '0 * * * *',
      ),
      duration: fc.constantFrom('10m', '1h', '90m', '8h', '25h', '400h'),
      timeZone: fc.constantFrom(
        '',
        'UTC',
        'Europe/Berlin',
        'America/New_York',
        'Australia/Lord_Howe',
        'Africa/Casablanca',
      ),
      manualSync: fc.boolean(),
      applications: fc.constant(['*']),
    }),
    { minLength: 1, maxLength: 4 },
  );
  const time = fc.oneof(
    fc.integer({ min: at('2025-01-01T00:00'), max: at('2027-01-01T00:00') }),
    fc.integer({ min: at('2026-03-28T20:00'), max: at('2026-03-29T06:00') }),
    fc.integer({ min: at('2026-10-24T20:00'), max: at('2026-10-25T06:00') }),
  );

  it('does not change before it says so, and then does (property)', () => {
    fc.assert(
      fc.property(
        windows,
        time,
        fc.boolean(),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (...[list, nowMs, manual, part]) => {
          const verdictAt = (ms: number): ReturnType<typeof windowVerdict> =>
            windowVerdict(project(...list), subject, { nowMs: ms, manual });
          const verdict = verdictAt(nowMs);
          const untilMs = verdict.untilMs ?? 0;
          expect(untilMs).toBeGreaterThan(nowMs);
          expect(verdictAt(untilMs - 1).allowed).toBe(verdict.allowed);
          expect(verdictAt(Math.floor(nowMs + part * (untilMs - 1 - nowMs))).allowed).toBe(verdict.allowed);
          if (!verdict.allowed && verdict.reason.includes(', until ')) expect(verdictAt(untilMs).allowed).toBe(true);
        },
      ),
    );
  });
});

describe('a sync that runs', () => {
  const running = (text: string): { readonly startedAtMs: number; readonly automated: boolean } => ({
    startedAtMs: at(text),
    automated: true,
  });
  const over = (syncOverrun: boolean, patch: Partial<SyncWindow> = {}): SyncWindow => window({ syncOverrun, ...patch });
  it.each<[string, readonly SyncWindow[], string, string, boolean]>([
    ['goes on into a denial', [over(true)], '2026-11-22T21:00', '2026-11-22T23:00', true],
    ['stops at a denial without it', [over(false)], '2026-11-22T21:00', '2026-11-22T23:00', false],
    ['needs it of every window in the way', [over(true), over(false)], '2026-11-22T21:00', '2026-11-22T23:00', false],
    [
      'needs it of no other window',
      [over(true), over(false, { schedule: '0 1 * * *', duration: '1h' })],
      '2026-11-22T21:00',
      '2026-11-22T23:00',
      true,
    ],
    ['goes on after an allowance', [over(true, { kind: 'allow' })], '2026-11-22T23:00', '2026-11-23T07:00', true],
    [
      'stops after an allowance without it',
      [over(false, { kind: 'allow' })],
      '2026-11-22T23:00',
      '2026-11-23T07:00',
      false,
    ],
    ['must have been allowed to begin', [over(true)], '2026-11-22T22:30', '2026-11-22T23:00', false],
    [
      'is not stopped by an allowance behind a denial',
      [over(true), over(false, { kind: 'allow', schedule: '0 21 * * *', duration: '30m' })],
      '2026-11-22T21:10',
      '2026-11-22T23:00',
      false,
    ],
  ])('%s', (...[, windows, started, now, expected]) => {
    const input = { nowMs: at(now), running: running(started) };
    expect(mayOverrun(project(...windows), subject, input)).toBe(expected);
    expect(windowVerdicts(project(...windows), subject, input)?.mayOverrun).toBe(expected);
  });

  it('counts as who began it', () => {
    const manual = { startedAtMs: at('2026-11-22T22:30'), automated: false };
    const windows = project(over(true, { manualSync: true }));
    expect(mayOverrun(windows, subject, { nowMs: at('2026-11-22T23:00'), running: manual })).toBe(true);
    expect(windowVerdicts(project(), subject, { nowMs: 0 })).toBeUndefined();
    expect(windowVerdicts(windows, subject, { nowMs: at('2026-11-22T23:00') })).toMatchObject({
      automated: { allowed: false },
      manual: { allowed: true },
      mayOverrun: false,
    });
  });
});
