// A layout of Go's time package in, its parts out: `2006-01-02T15:04` is year, text, month and so on.

/** What a part of a layout stands for; `text` is copied. */
export interface LayoutPart {
  readonly kind:
    | 'text'
    | 'longMonth'
    | 'month'
    | 'numMonth'
    | 'longWeekDay'
    | 'weekDay'
    | 'day'
    | 'yearDay'
    | 'hour'
    | 'hour12'
    | 'minute'
    | 'second'
    | 'longYear'
    | 'year'
    | 'upperNoon'
    | 'lowerNoon'
    | 'zoneName'
    | 'offset'
    | 'fraction';
  /** The characters of the layout. */
  readonly text: string;
  /** How a number is filled: with nothing, a zero or a space. */
  readonly fill: '' | '0' | '_';
}

// The order matters: of two that match at one place, Go takes the one that it tries first.
const KNOWN: readonly (readonly [string, LayoutPart['kind'], LayoutPart['fill']])[] = [
  ['January', 'longMonth', ''],
  ['Jan', 'month', ''],
  ['Monday', 'longWeekDay', ''],
  ['Mon', 'weekDay', ''],
  ['MST', 'zoneName', ''],
  ['002', 'yearDay', '0'],
  ['01', 'numMonth', '0'],
  ['02', 'day', '0'],
  ['03', 'hour12', '0'],
  ['04', 'minute', '0'],
  ['05', 'second', '0'],
  ['06', 'year', '0'],
  ['15', 'hour', '0'],
  ['2006', 'longYear', ''],
  ['_2006', 'text', ''],
  ['__2', 'yearDay', '_'],
  ['_2', 'day', '_'],
  ['1', 'numMonth', ''],
  ['2', 'day', ''],
  ['3', 'hour12', ''],
  ['4', 'minute', ''],
  ['5', 'second', ''],
  ['PM', 'upperNoon', ''],
  ['pm', 'lowerNoon', ''],
  ['-07:00:00', 'offset', ''],
  ['-070000', 'offset', ''],
  ['-07:00', 'offset', ''],
  ['-0700', 'offset', ''],
  ['-07', 'offset', ''],
  ['Z07:00:00', 'offset', ''],
  ['Z070000', 'offset', ''],
  ['Z07:00', 'offset', ''],
  ['Z0700', 'offset', ''],
  ['Z07', 'offset', ''],
];
const FRACTION = /^[.,](?:0+|9+)(?![0-9])/;

/** The parts of a layout in order. */
export function layoutParts(layout: string): readonly LayoutPart[] {
  const parts: LayoutPart[] = [];
  let text = '';
  for (let at = 0; at < layout.length;) {
    const part = partAt(layout, at);
    if (part === undefined) {
      text += layout.charAt(at);
      at += 1;
      continue;
    }
    if (part.kind === 'text') {
      // `_2006` is an underscore and a year.
      text += '_';
      at += 1;
      continue;
    }
    if (text !== '') parts.push({ kind: 'text', text, fill: '' });
    text = '';
    parts.push(part);
    at += part.text.length;
  }
  if (text !== '') parts.push({ kind: 'text', text, fill: '' });
  return parts;
}

function partAt(layout: string, at: number): LayoutPart | undefined {
  const char = layout.charAt(at);
  if (char === '.' || char === ',') {
    const fraction = FRACTION.exec(layout.slice(at, at + 40))?.[0];
    return fraction === undefined ? undefined : { kind: 'fraction', text: fraction, fill: '' };
  }
  const found = KNOWN.find(([name, kind]) => layout.startsWith(name, at) && fits(layout, at + name.length, kind));
  return found === undefined ? undefined : { kind: found[1], text: found[0], fill: found[2] };
}

/** `Jan` is no month where small letters follow (`Janet`). */
function fits(layout: string, end: number, kind: LayoutPart['kind']): boolean {
  return (kind !== 'month' && kind !== 'weekDay') || !/^[a-z]/.test(layout.charAt(end));
}
