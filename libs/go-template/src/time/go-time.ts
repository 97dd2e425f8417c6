// A point in time with a zone, as Go's time.Time: what `toDate` and `now` give, with its methods and its text.
import { asText } from '../functions.js';
import { GoInstance, int, int64, type GoMethod, type GoValue } from '../values.js';
import { layoutParts, type LayoutPart } from './layout.js';
import { UTC, type Zone } from './zones.js';

export const MONTHS = 'January February March April May June July August September October November December'.split(
  ' ',
);
export const DAYS = 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday'.split(' ');
const DEFAULT_LAYOUT = '2006-01-02 15:04:05.999999999 -0700 MST';
const RFC3339 = '2006-01-02T15:04:05.999999999Z07:00';
const DAY_MS = 86_400_000;
/** The first moment of the year 1: Go's zero time. */
export const ZERO_SECONDS = -62_135_596_800;

export class GoTime extends GoInstance {
  readonly type = 'time.Time';
  readonly kind = 'struct';
  /** Whole seconds since 1970, and nanoseconds beyond them. */
  readonly seconds: number;
  readonly nanos: number;
  readonly zone: Zone;

  constructor(seconds: number, nanos: number, zone: Zone = UTC) {
    super();
    this.seconds = seconds;
    this.nanos = nanos;
    this.zone = zone;
  }

  text(): string {
    return this.format(DEFAULT_LAYOUT);
  }

  /** As JSON has it. */
  json(): string {
    return this.format(RFC3339);
  }

  format(layout: string): string {
    const local = new Date((this.seconds + this.zone.offset) * 1000);
    return layoutParts(layout)
      .map((part) => this.#part(part, local))
      .join('');
  }

  method(name: string): GoMethod | undefined {
    if (name === 'Format') return { params: ['string'], call: ([layout]) => this.format(asText(layout)) };
    const result = this.#getter(name);
    return result === undefined ? undefined : { params: [], call: () => result };
  }

  #getter(name: string): GoValue {
    const local = new Date((this.seconds + this.zone.offset) * 1000);
    switch (name) {
      case 'String':
        return this.text();
      case 'Unix':
        return int64(BigInt(this.seconds));
      case 'Year':
        return int(local.getUTCFullYear());
      case 'Month':
        return MONTHS[local.getUTCMonth()];
      case 'Weekday':
        return DAYS[local.getUTCDay()];
      case 'Day':
        return int(local.getUTCDate());
      case 'Hour':
        return int(local.getUTCHours());
      case 'Minute':
        return int(local.getUTCMinutes());
      case 'Second':
        return int(local.getUTCSeconds());
      case 'YearDay':
        return int(yearDay(local));
      case 'IsZero':
        return this.seconds === ZERO_SECONDS && this.nanos === 0;
      case 'UTC':
        return new GoTime(this.seconds, this.nanos);
      default:
        return undefined;
    }
  }

  #part(part: LayoutPart, local: Date): string {
    switch (part.kind) {
      case 'text':
        return part.text;
      case 'longYear':
        return String(local.getUTCFullYear()).padStart(4, '0');
      case 'year':
        return filled(local.getUTCFullYear() % 100, '0', 2);
      case 'longMonth':
        return MONTHS[local.getUTCMonth()] ?? '';
      case 'month':
        return (MONTHS[local.getUTCMonth()] ?? '').slice(0, 3);
      case 'numMonth':
        return filled(local.getUTCMonth() + 1, part.fill, 2);
      case 'longWeekDay':
        return DAYS[local.getUTCDay()] ?? '';
      case 'weekDay':
        return (DAYS[local.getUTCDay()] ?? '').slice(0, 3);
      case 'day':
        return filled(local.getUTCDate(), part.fill, 2);
      case 'yearDay':
        return filled(yearDay(local), part.fill, 3);
      case 'hour':
        return filled(local.getUTCHours(), '0', 2);
      case 'hour12':
        return filled(local.getUTCHours() % 12 === 0 ? 12 : local.getUTCHours() % 12, part.fill, 2);
      case 'minute':
        return filled(local.getUTCMinutes(), part.fill, 2);
      case 'second':
        return filled(local.getUTCSeconds(), part.fill, 2);
      case 'upperNoon':
        return local.getUTCHours() >= 12 ? 'PM' : 'AM';
      case 'lowerNoon':
        return local.getUTCHours() >= 12 ? 'pm' : 'am';
      case 'zoneName':
        return this.zone.name === '' ? offsetText(this.zone.offset, '-0700') : this.zone.name;
      case 'offset':
        return offsetText(this.zone.offset, part.text);
      case 'fraction':
        return fractionText(this.nanos, part.text);
    }
  }
}

function filled(value: number, fill: LayoutPart['fill'], width: number): string {
  return fill === '' ? String(value) : String(value).padStart(width, fill === '0' ? '0' : ' ');
}

function yearDay(local: Date): number {
  return (
    Math.round(
      (Date.UTC(local.getUTCFullYear(), local.getUTCMonth(), local.getUTCDate()) - startOfYear(local)) / DAY_MS,
    ) + 1
  );
}

function startOfYear(local: Date): number {
  const start = new Date(0);
  start.setUTCFullYear(local.getUTCFullYear(), 0, 1);
  return start.getTime();
}

/** An offset in the shape of a layout such as `-07:00`; with `Z`, UTC is `Z`. */
function offsetText(offset: number, layout: string): string {
  if (offset === 0 && layout.startsWith('Z')) return 'Z';
  const size = Math.abs(offset);
  const parts = [Math.floor(size / 3600), Math.floor((size % 3600) / 60), size % 60].map((part) =>
    filled(part, '0', 2),
  );
  const digits = layout.slice(1).replaceAll(':', '').length / 2;
  return (offset < 0 ? '-' : '+') + parts.slice(0, digits).join(layout.includes(':') ? ':' : '');
}

function fractionText(nanos: number, layout: string): string {
  const digits = String(nanos)
    .padStart(9, '0')
    .slice(0, layout.length - 1)
    .padEnd(Math.min(layout.length - 1, 9), '0');
  if (!layout.includes('9')) return layout.charAt(0) + digits;
  const short = digits.replace(/0+$/, '');
  return short === '' ? '' : layout.charAt(0) + short;
}
