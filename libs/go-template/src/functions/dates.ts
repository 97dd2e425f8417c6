// Sprig's functions on dates. The local zone is UTC, as in a container; what needs the time of day is refused without an environment.
import { asText, fn, type CallContext, type FunctionTable } from '../functions.js';
import { formatDuration, parseDuration } from '../time/duration.js';
import { GoTime, ZERO_SECONDS } from '../time/go-time.js';
import { parseTime } from '../time/parse.js';
import { UTC, zoneAt } from '../time/zones.js';
import { GoCallError, GoInt, type GoValue } from '../values.js';
import { environmentOf } from './environment.js';

const SECOND = 1_000_000_000n;
const HTML_DATE = '2006-01-02';

export const DATES: FunctionTable = {
  now: fn('', (_args, context) => now('now', context)),
  date: fn('string any', ([layout, date], context) =>
    inZone('date', { layout: asText(layout), date, zone: 'Local' }, context),
  ),
  dateInZone: fn('string any string', ([layout, date, zone], context) =>
    inZone('dateInZone', { layout: asText(layout), date, zone: asText(zone) }, context),
  ),
  date_in_zone: fn('string any string', ([layout, date, zone], context) =>
    inZone('date_in_zone', { layout: asText(layout), date, zone: asText(zone) }, context),
  ),
  htmlDate: fn('any', ([date], context) => inZone('htmlDate', { layout: HTML_DATE, date, zone: 'Local' }, context)),
  htmlDateInZone: fn('any string', ([date, zone], context) =>
    inZone('htmlDateInZone', { layout: HTML_DATE, date, zone: asText(zone) }, context),
  ),
  toDate: fn(
    'string string',
    ([layout, text]) => parseTime(asText(layout), asText(text)) ?? new GoTime(ZERO_SECONDS, 0),
  ),
  mustToDate: fn('string string', ([layout, text]) => mustParse(asText(layout), asText(text))),
  dateModify: fn('string time', ([change, date]) => modify(asText(change), date) ?? date),
  date_modify: fn('string time', ([change, date]) => modify(asText(change), date) ?? date),
  mustDateModify: fn('string time', ([change, date]) => mustModify(asText(change), date)),
  must_date_modify: fn('string time', ([change, date]) => mustModify(asText(change), date)),
  unixEpoch: fn('time', ([date]) => String(asTime(date).seconds)),
  ago: fn('any', ([date], context) => ago(date, context)),
  duration: fn('any', ([seconds]) => formatDuration(BigInt.asIntN(64, wholeSeconds(seconds) * SECOND))),
  durationRound: fn('any', ([duration], context) => roundDuration(nanosOf(duration, context))),
};

function now(name: string, context: CallContext): GoTime {
  const { nowMs } = environmentOf(name, context);
  const seconds = Math.floor(nowMs / 1000);
  return new GoTime(seconds, Math.round((nowMs - seconds * 1000) * 1e6));
}

function asTime(value: GoValue): GoTime {
  if (value instanceof GoTime) return value;
  throw new GoCallError('a time is expected');
}

/** The time that Sprig takes a value for: a time, or seconds since 1970 as an integer; for anything else it takes the time of day. */
function timeOf(name: string, value: GoValue, context: CallContext): GoTime {
  if (value instanceof GoTime) return value;
  if (value instanceof GoInt && value.type.startsWith('int')) return new GoTime(Number(value.value), 0);
  return now(name, context);
}

interface DateInZone {
  readonly layout: string;
  readonly date: GoValue;
  readonly zone: string;
}

function inZone(name: string, { layout, date, zone }: DateInZone, context: CallContext): string {
  const time = timeOf(name, date, context);
  context.budget.work(layout.length * 8 + 512);
  return new GoTime(time.seconds, time.nanos, zoneAt(zone, time.seconds) ?? UTC).format(layout);
}

function mustParse(layout: string, text: string): GoTime {
  const time = parseTime(layout, text);
  if (time !== undefined) return time;
  throw new GoCallError(`parsing time ${JSON.stringify(text)} as ${JSON.stringify(layout)}: cannot parse it`);
}

function modify(change: string, date: GoValue): GoTime | undefined {
  const nanos = parseDuration(change);
  if (nanos === undefined) return undefined;
  const time = asTime(date);
  const total = BigInt(time.nanos) + nanos;
  const rest = ((total % SECOND) + SECOND) % SECOND;
  return new GoTime(time.seconds + Number((total - rest) / SECOND), Number(rest), time.zone);
}

function mustModify(change: string, date: GoValue): GoTime {
  const time = modify(change, date);
  if (time === undefined) throw new GoCallError(`time: invalid duration ${JSON.stringify(change)}`);
  return time;
}

function ago(date: GoValue, context: CallContext): string {
  const then = timeOf('ago', date, context);
  const present = now('ago', context);
  const nanos = BigInt(present.seconds - then.seconds) * SECOND + BigInt(present.nanos - then.nanos);
  const half = nanos < 0n ? -SECOND / 2n : SECOND / 2n;
  return formatDuration(((nanos + half) / SECOND) * SECOND);
}

function wholeSeconds(value: GoValue): bigint {
  if (value instanceof GoInt && value.type === 'int64') return value.value;
  return typeof value === 'string' && /^[+-]?[0-9]{1,19}$/.test(value)
    ? BigInt.asIntN(64, BigInt(value.replace('+', '')))
    : 0n;
}

function nanosOf(value: GoValue, context: CallContext): bigint {
  if (typeof value === 'string') return parseDuration(value) ?? 0n;
  if (value instanceof GoInt && value.type === 'int64') return value.value;
  if (!(value instanceof GoTime)) return 0n;
  const present = now('durationRound', context);
  return BigInt(present.seconds - value.seconds) * SECOND + BigInt(present.nanos - value.nanos);
}

const ROUNDINGS: readonly (readonly [string, bigint])[] = [
  ['y', 365n * 24n * 3600n * SECOND],
  ['mo', 30n * 24n * 3600n * SECOND],
  ['d', 24n * 3600n * SECOND],
  ['h', 3600n * SECOND],
  ['m', 60n * SECOND],
  ['s', SECOND],
];

/** The largest unit that the duration has more than one of, the sign left out. */
function roundDuration(nanos: bigint): string {
  const size = nanos < 0n ? -nanos : nanos;
  const found = ROUNDINGS.find(([, unit]) => size > unit);
  return found === undefined ? '0s' : `${size / found[1]}${found[0]}`;
}
