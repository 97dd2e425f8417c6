// The text of a schedule in, the times that it names out. The dialect is the one of the five fields that Go's robfig/cron reads, which sync windows
// are written in: no zone of its own, no seconds, no `@daily`, no `L`, `W` or `#`, Sunday is 0 and not 7, and `5/15` means `5-59/15`.

/** When something begins, again and again. Times are milliseconds of a calendar without a zone, read as if it were UTC. */
export interface CronSchedule {
  /** The first time after this one; `Infinity` where there is none within nine years. */
  next(afterMs: number): number;
  /** The last time before this one; `-Infinity` where there is none within nine years. */
  previous(beforeMs: number): number;
}

/** What came of reading a schedule. */
export type ParsedCron = { readonly schedule: CronSchedule } | { readonly problem: string };

interface FieldRule {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  /** Names that stand for numbers, the first one for `min`. */
  readonly words?: readonly string[];
}

const FIELDS: readonly FieldRule[] = [
  { name: 'minute', min: 0, max: 59 },
  { name: 'hour', min: 0, max: 23 },
  { name: 'day of the month', min: 1, max: 31 },
  {
    name: 'month',
    min: 1,
    max: 12,
    words: ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'],
  },
  { name: 'day of the week', min: 0, max: 6, words: ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] },
];

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const DAY_MINUTES = 1_440;
/** The longest time between two 29ths of February is eight years. */
const SEARCH_DAYS = 9 * 366;
const DAYS_OF_MONTH = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const MAX_LENGTH = 1_024;

/** The values of one field. `any`: it was `*`, which leaves the other day field alone. */
interface Field {
  readonly values: ReadonlySet<number>;
  readonly any: boolean;
}

/** Reads five fields: minute, hour, day of the month, month, day of the week. Where both days are restricted, either will do. */
export function parseCron(text: string): ParsedCron {
  const parts = text.trim().split(/\s+/);
  if (text.length > MAX_LENGTH) return { problem: `is longer than ${String(MAX_LENGTH)} characters` };
  if (parts.length !== FIELDS.length)
    return { problem: 'must be five fields: minute, hour, day of the month, month, day of the week' };
  const fields: Field[] = [];
  for (const [index, rule] of FIELDS.entries()) {
    const field = parseField(parts[index] ?? '', rule);
    if ('problem' in field) return field;
    fields.push(field);
  }
  const [minute, hour, day, month, weekday] = fields;
  if (!minute || !hour || !day || !month || !weekday) return { problem: 'must be five fields' };
  if (weekday.any && !comes(day, month)) return { problem: 'names a day that no month has' };
  const minutes = [...hour.values]
    .flatMap((h) => [...minute.values].map((m) => h * 60 + m))
    .sort((left, right) => left - right);
  return { schedule: scheduleOf(minutes, dayTest(day, month, weekday)) };
}

function comes(day: Field, month: Field): boolean {
  return [...month.values].some((m) => [...day.values].some((d) => d <= (DAYS_OF_MONTH[m - 1] ?? 0)));
}

type DayTest = (day: number) => boolean;

/** Whether a day, counted from the epoch, is one of the schedule. */
function dayTest(day: Field, month: Field, weekday: Field): DayTest {
  return (index) => {
    const date = new Date(index * DAY_MS);
    if (!month.values.has(date.getUTCMonth() + 1)) return false;
    const [ofMonth, ofWeek] = [day.values.has(date.getUTCDate()), weekday.values.has(date.getUTCDay())];
    return day.any || weekday.any ? ofMonth && ofWeek : ofMonth || ofWeek;
  };
}

/** @param minutes minutes of the day, in order. */
function scheduleOf(minutes: readonly number[], isDay: DayTest): CronSchedule {
  return {
    next(afterMs) {
      const first = Math.floor(afterMs / MINUTE_MS) + 1;
      const firstDay = Math.floor(first / DAY_MINUTES);
      for (let day = firstDay; day < firstDay + SEARCH_DAYS; day += 1) {
        const minute = isDay(day) ? minutes[countBelow(minutes, first - day * DAY_MINUTES)] : undefined;
        if (minute !== undefined) return day * DAY_MS + minute * MINUTE_MS;
      }
      return Number.POSITIVE_INFINITY;
    },
    previous(beforeMs) {
      const end = Math.ceil(beforeMs / MINUTE_MS);
      const lastDay = Math.floor((end - 1) / DAY_MINUTES);
      for (let day = lastDay; day > lastDay - SEARCH_DAYS; day -= 1) {
        const minute = isDay(day) ? minutes[countBelow(minutes, end - day * DAY_MINUTES) - 1] : undefined;
        if (minute !== undefined) return day * DAY_MS + minute * MINUTE_MS;
      }
      return Number.NEGATIVE_INFINITY;
    },
  };
}

/** How many of a sorted list are below a limit. */
function countBelow(sorted: readonly number[], limit: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? limit) < limit) low = middle + 1;
    else high = middle;
  }
  return low;
}

function parseField(text: string, rule: FieldRule): Field | { readonly problem: string } {
  const values = new Set<number>();
  let any = false;
  for (const part of text.split(',')) {
    const range = parseRange(part, rule);
    if (range === undefined) {
      const words = rule.words === undefined ? '' : ` or names such as ${(rule.words[1] ?? '').toUpperCase()}`;
      return {
        problem: `has a ${rule.name} that cannot be read: "${part}"; take numbers from ${String(rule.min)} to ${String(rule.max)}${words}, ranges a-b, steps a-b/n and lists a,b`,
      };
    }
    for (let value = range.low; value <= range.high; value += range.step) values.add(value);
    any ||= range.any;
  }
  return { values, any };
}

interface Range {
  readonly low: number;
  readonly high: number;
  readonly step: number;
  readonly any: boolean;
}

function parseRange(text: string, rule: FieldRule): Range | undefined {
  const match = /^(?:(\*|\?)|([0-9a-z]+)(?:-([0-9a-z]+))?)(?:\/(\d{1,4}))?$/i.exec(text);
  if (match === null) return undefined;
  const [, star, from, to, stepText] = match;
  const step = stepText === undefined ? 1 : Number(stepText);
  if (step === 0) return undefined;
  if (star !== undefined) return { low: rule.min, high: rule.max, step, any: step === 1 };
  const low = valueOf(from ?? '', rule);
  const high = to === undefined ? (stepText === undefined ? low : rule.max) : valueOf(to, rule);
  if (low === undefined || high === undefined || low > high) return undefined;
  return { low, high, step, any: false };
}

function valueOf(text: string, rule: FieldRule): number | undefined {
  const word = rule.words?.indexOf(text.toLowerCase()) ?? -1;
  const value = word >= 0 ? rule.min + word : /^\d{1,2}$/.test(text) ? Number(text) : undefined;
  return value !== undefined && value >= rule.min && value <= rule.max ? value : undefined;
}
