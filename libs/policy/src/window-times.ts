// One sync window in, when it is active out. Like Argo CD, a schedule is read in the time on the wall that the zone's offset of the moment asked
// about gives: a window is active iff next(now - duration) < now in that time. So a change of the offset may cut a window short, or open it twice.
import type { SyncWindow } from '@wheelwright/intent';
import { nextOffsetChange, parseCron, parseDurationMs, zoneOffsetMs, type CronSchedule } from '@wheelwright/kernel';

/** When a window is active. Times are milliseconds since the epoch. */
export interface WindowTimes {
  isActive(atMs: number): boolean;
  /** The first moment after one, and not after another one, at which it may be otherwise; `undefined` where there is none. */
  nextChange(afterMs: number, untilMs: number): number | undefined;
}

interface Opening {
  readonly schedule: CronSchedule;
  readonly durationMs: number;
  readonly zone: string;
}

/** Reads a window. One that cannot be read, which an apply refuses, is for ever as it blocks: a denying one active, an allowing one not. */
export function timesOf(window: SyncWindow): WindowTimes {
  const parsed = parseCron(window.schedule);
  const durationMs = parseDurationMs(window.duration);
  if ('problem' in parsed || durationMs === undefined)
    return { isActive: () => window.kind === 'deny', nextChange: () => undefined };
  const opening: Opening = {
    schedule: parsed.schedule,
    durationMs: Math.ceil(durationMs),
    zone: window.timeZone ?? '',
  };
  return {
    isActive: (atMs) => isActive(opening, atMs + zoneOffsetMs(opening.zone, atMs)),
    nextChange: (afterMs, untilMs) => nextChange(opening, afterMs, untilMs),
  };
}

/**
 * Whether the window is active at a time on the wall. It is not yet at the very millisecond at which it opens, and no longer at the one at which it
 * closes; only where it opens again as it closes there is no gap, so that nothing slips through.
 */
function isActive({ schedule, durationMs }: Opening, wallMs: number): boolean {
  const opened = schedule.next(wallMs - durationMs);
  if (opened !== wallMs) return opened < wallMs;
  return schedule.previous(wallMs - durationMs + 1) === wallMs - durationMs;
}

function nextChange(opening: Opening, afterMs: number, untilMs: number): number | undefined {
  const offsetMs = zoneOffsetMs(opening.zone, afterMs);
  const wallMs = afterMs + offsetMs;
  const changeMs = isActive(opening, wallMs)
    ? closing(opening, wallMs, untilMs + offsetMs) - offsetMs
    : opening.schedule.next(wallMs - 1) + 1 - offsetMs;
  const shiftMs = nextOffsetChange(opening.zone, afterMs, Math.min(changeMs, untilMs));
  const first = Math.min(changeMs, shiftMs ?? Number.POSITIVE_INFINITY);
  return first <= untilMs ? first : undefined;
}

/** Openings that are followed while they overlap or touch: behind so many, a window that never closes is looked at again. */
const MAX_OPENINGS = 200;

/** When a window that is active closes, on the wall, as far as that is told before `untilMs`: openings that overlap or touch are one. */
function closing({ schedule, durationMs }: Opening, wallMs: number, untilMs: number): number {
  let opened = schedule.previous(wallMs);
  for (let count = 0; count < MAX_OPENINGS && opened + durationMs <= untilMs; count += 1) {
    const later = schedule.previous(opened + durationMs + 1);
    if (later <= opened) break;
    opened = later;
  }
  return opened + durationMs;
}
