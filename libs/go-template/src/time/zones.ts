// The name of a time zone and a moment in, the offset and the short name that hold there out. The data is the JavaScript engine's own.

/** A place's clock at one moment: the seconds east of UTC, and what Go prints for `MST`. */
export interface Zone {
  readonly name: string;
  readonly offset: number;
}

export const UTC: Zone = { name: 'UTC', offset: 0 };

/** The short names that the engine does not know by their letters, by offset in hours; Go takes them from the same zone data. */
const EUROPE: Readonly<Record<string, string>> = { '0': 'GMT', '1': 'CET', '2': 'CEST', '3': 'EEST' };
const BY_ZONE: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'Europe/London': { '0': 'GMT', '1': 'BST' },
  'Europe/Dublin': { '0': 'GMT', '1': 'IST' },
  'Europe/Lisbon': { '0': 'WET', '1': 'WEST' },
  'Europe/Athens': { '2': 'EET', '3': 'EEST' },
  'Europe/Helsinki': { '2': 'EET', '3': 'EEST' },
  'Europe/Kyiv': { '2': 'EET', '3': 'EEST' },
  'Europe/Bucharest': { '2': 'EET', '3': 'EEST' },
  'Europe/Sofia': { '2': 'EET', '3': 'EEST' },
  'Europe/Moscow': { '3': 'MSK' },
  'Asia/Tokyo': { '9': 'JST' },
  'Asia/Seoul': { '9': 'KST' },
  'Asia/Shanghai': { '8': 'CST' },
  'Asia/Hong_Kong': { '8': 'HKT' },
  'Asia/Kolkata': { '5.5': 'IST' },
  'Asia/Jerusalem': { '2': 'IST', '3': 'IDT' },
  'Australia/Sydney': { '10': 'AEST', '11': 'AEDT' },
  'Australia/Melbourne': { '10': 'AEST', '11': 'AEDT' },
  'Pacific/Auckland': { '12': 'NZST', '13': 'NZDT' },
  'Africa/Johannesburg': { '2': 'SAST' },
  'Africa/Lagos': { '1': 'WAT' },
  'Africa/Nairobi': { '3': 'EAT' },
};

/** The zone at a moment (seconds since 1970); `undefined` for a name that there is none of. */
export function zoneAt(name: string, seconds: number): Zone | undefined {
  if (name === '' || name === 'UTC' || name === 'Local') return UTC;
  const parts = partsAt(name, seconds);
  if (parts === undefined) return undefined;
  const get = (type: string): string => parts.find((part) => part.type === type)?.value ?? '0';
  const local = Date.UTC(
    Number(get('year')),
    Number(get('month')) - 1,
    Number(get('day')),
    Number(get('hour')) % 24,
    Number(get('minute')),
    Number(get('second')),
  );
  const offset = Math.round(local / 1000 - Math.floor(seconds));
  return { name: shortName(name, offset, get('timeZoneName')), offset };
}

/** Formats by zone: making one costs a thousand times more than using it. */
const FORMATS = new Map<string, Intl.DateTimeFormat>();
const MOST_FORMATS = 100;

function partsAt(name: string, seconds: number): readonly Intl.DateTimeFormatPart[] | undefined {
  try {
    return formatFor(name).formatToParts(new Date(seconds * 1000));
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function formatFor(name: string): Intl.DateTimeFormat {
  const known = FORMATS.get(name);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat('en-US', {
    timeZone: name,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
    timeZoneName: 'short',
  });
  if (FORMATS.size >= MOST_FORMATS) FORMATS.clear();
  FORMATS.set(name, made);
  return made;
}

function shortName(zone: string, offset: number, engine: string): string {
  const known = BY_ZONE[zone]?.[String(offset / 3600)];
  if (known !== undefined) return known;
  if (zone.startsWith('Europe/')) return EUROPE[String(offset / 3600)] ?? numeric(offset);
  return /^[A-Z]{3,5}$/.test(engine) ? engine : numeric(offset);
}

/** What zones without letters are called: `+03`, `-0330`. */
function numeric(offset: number): string {
  const size = Math.abs(offset);
  const hours = String(Math.floor(size / 3600)).padStart(2, '0');
  const minutes = Math.floor((size % 3600) / 60);
  return `${offset < 0 ? '-' : '+'}${hours}${minutes === 0 ? '' : String(minutes).padStart(2, '0')}`;
}
