// The name of a time zone and an instant in, its offset to UTC out: a function of the zone tables that the runtime carries.

const formats = new Map<string, Intl.DateTimeFormat>();
/** More zones than there are: names are taken in any case, so that the memory must be bounded by something else. */
const MAX_FORMATS = 1_000;
const SECOND_MS = 1_000;

/** Whether a text names a zone of the IANA tables, such as `Europe/Berlin` or `UTC`. Offsets such as `+01:00` are no zones. */
export function isTimeZone(zone: string): boolean {
  return formatOf(zone) !== undefined;
}

/** Milliseconds to add to UTC for the time on the wall of a zone at an instant; 0 where the zone is unknown or is UTC. */
export function zoneOffsetMs(zone: string, atMs: number): number {
  const format = zone === '' || zone === 'UTC' ? undefined : formatOf(zone);
  if (format === undefined) return 0;
  const parts = new Map(format.formatToParts(atMs).map(({ type, value }) => [type, Number(value)]));
  const part = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? 0;
  const wallMs = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'));
  return wallMs - Math.floor(atMs / SECOND_MS) * SECOND_MS;
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

const WEEK_MS = 7 * 86_400_000;

function firstOther(zone: string, offset: number, range: { readonly from: number; readonly to: number }): number {
  let { from, to } = range;
  while (to - from > 1) {
    const middle = Math.floor((from + to) / 2);
    if (zoneOffsetMs(zone, middle) === offset) from = middle;
    else to = middle;
  }
  return to;
}

function formatOf(zone: string): Intl.DateTimeFormat | undefined {
  const known = formats.get(zone);
  if (known !== undefined) return known;
  if (!/^[A-Za-z]/.test(zone)) return undefined;
  try {
    const format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    if (formats.size >= MAX_FORMATS) formats.clear();
    formats.set(zone, format);
    return format;
  } catch {
    return undefined;
  }
}
