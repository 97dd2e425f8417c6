// The name of a time zone and an instant in, its offset to UTC out: a function of the zone tables that the runtime carries.

/** A zone that was asked about, and its offsets at minutes that were. */
interface Zone {
  readonly format: Intl.DateTimeFormat;
  readonly offsetsMs: Map<number, number>;
}

const zones = new Map<string, Zone>();
/** More zones than there are: names are taken in any case, so that the memory must be bounded by something else. */
const MAX_ZONES = 1_000;
const MAX_OFFSETS = 1_000;
const MINUTE_MS = 60_000;
const WEEK_MS = 7 * 86_400_000;

/** Whether a text names a zone of the IANA tables, such as `Europe/Berlin` or `UTC`. Offsets such as `+01:00` are no zones. */
export function isTimeZone(zone: string): boolean {
  return zoneOf(zone) !== undefined;
}

/** Milliseconds to add to UTC for the time on the wall of a zone at an instant; 0 where the zone is unknown or is UTC. */
export function zoneOffsetMs(zone: string, atMs: number): number {
  const known = zone === '' || zone === 'UTC' ? undefined : zoneOf(zone);
  if (known === undefined) return 0;
  // Offsets change at whole minutes.
  const minuteMs = Math.floor(atMs / MINUTE_MS) * MINUTE_MS;
  const offsetMs = known.offsetsMs.get(minuteMs) ?? wallMs(known.format, minuteMs) - minuteMs;
  if (known.offsetsMs.size >= MAX_OFFSETS) known.offsetsMs.clear();
  known.offsetsMs.set(minuteMs, offsetMs);
  return offsetMs;
}

function wallMs(format: Intl.DateTimeFormat, atMs: number): number {
  const parts = new Map(format.formatToParts(atMs).map(({ type, value }) => [type, Number(value)]));
  const part = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? 0;
  return Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'));
}

/**
 * The first instant after `afterMs` and not after `untilMs` at which the offset of a zone is another one; `undefined` where there is none.
 * Two changes within a week that undo each other are not seen: no zone has such.
 */
export function nextOffsetChange(zone: string, afterMs: number, untilMs: number): number | undefined {
  if (zone === '' || zone === 'UTC') return undefined;
  const before = zoneOffsetMs(zone, afterMs);
  for (let from = afterMs; from < untilMs; from += WEEK_MS) {
    const to = Math.min(from + WEEK_MS, untilMs);
    if (zoneOffsetMs(zone, to) !== before) return firstOther(zone, before, { from, to });
  }
  return undefined;
}

function firstOther(zone: string, offsetMs: number, range: { readonly from: number; readonly to: number }): number {
  let { from, to } = range;
  while (to - from > 1) {
    const middle = Math.floor((from + to) / 2);
    if (zoneOffsetMs(zone, middle) === offsetMs) from = middle;
    else to = middle;
  }
  return to;
}

function zoneOf(name: string): Zone | undefined {
  const known = zones.get(name);
  if (known !== undefined) return known;
  if (!/^[A-Za-z]/.test(name)) return undefined;
  try {
    const format = new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    const zone = { format, offsetsMs: new Map<number, number>() };
    if (zones.size >= MAX_ZONES) zones.clear();
    zones.set(name, zone);
    return zone;
  } catch {
    return undefined;
  }
}
