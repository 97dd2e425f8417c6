// Any text in, a text that fits a Kubernetes name out: the two functions that ApplicationSet adds to Go's and Sprig's.
import { lowerText } from './letter-case.js';

const LONGEST = 253;
const SLUG_LENGTH = 50;

/** Lower case; every character outside `[-a-z0-9.]` becomes `-`; cut to 253; `-` and `.` trimmed at both ends. Normalising twice changes nothing more. */
export function normalizeName(text: string): string {
  const clean = lowerText(text)
    .replace(/[^-a-z0-9.]/gu, '-')
    .slice(0, LONGEST);
  return trimBoth(clean, '-.');
}

/** How `slugify` cuts: at most `maxLength` characters, and with `smart` at the last `-` before that. */
export interface SlugOptions {
  readonly maxLength?: number;
  readonly smart?: boolean;
}

/** A normalised name with runs of `-` and `.` joined to one `-`, cut to a length (50 unless told) at the end of a word (unless told). */
export function slugify(text: string, options: SlugOptions = {}): string {
  const maxLength = options.maxLength ?? SLUG_LENGTH;
  const smart = options.smart ?? true;
  let slug = normalizeName(text);
  if (!smart && slug.length >= maxLength) slug = slug.slice(0, maxLength);
  slug = trimBoth(slug.replace(/[^a-z0-9-]/g, '-').replace(/-+/g, '-'), '-');
  if (!smart || maxLength <= 0 || slug.length <= maxLength) return slug;
  const cut = slug.lastIndexOf('-', maxLength);
  return slug.slice(0, cut < 0 ? maxLength : cut);
}

function trimBoth(text: string, chars: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && chars.includes(text.charAt(start))) start += 1;
  while (end > start && chars.includes(text.charAt(end - 1))) end -= 1;
  return text.slice(start, end);
}
