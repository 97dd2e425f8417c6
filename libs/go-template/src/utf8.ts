// Text in, its UTF-8 bytes out, and back. Go counts and cuts texts by bytes.

/** The characters of a text as Go counts them: its code points. */
export function runes(text: string): string[] {
  return Array.from(text);
}

/** How many bytes the text has in UTF-8. */
export function byteLength(text: string): number {
  let length = text.length;
  for (let i = 0; i < text.length; i += 1) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) continue;
    if (unit < 0x800) length += 1;
    else if (isPair(text, i)) {
      length += 2;
      i += 1;
    } else length += 2;
  }
  return length;
}

/** Whether bytes and UTF-16 units are the same thing in this text. */
export function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i += 1) if (text.charCodeAt(i) >= 0x80) return false;
  return true;
}

/** The bytes of a text. A lone surrogate becomes U+FFFD, as when JSON is decoded. */
export function encodeUtf8(text: string): Uint8Array {
  const bytes = new Uint8Array(byteLength(text));
  let at = 0;
  for (const char of text) {
    const whole = char.codePointAt(0) ?? 0;
    const point = whole >= 0xd800 && whole <= 0xdfff ? 0xfffd : whole;
    if (point < 0x80) {
      bytes[at++] = point;
      continue;
    }
    if (point < 0x800) bytes[at++] = 0xc0 | (point >> 6);
    else {
      if (point < 0x10000) bytes[at++] = 0xe0 | (point >> 12);
      else {
        bytes[at++] = 0xf0 | (point >> 18);
        bytes[at++] = 0x80 | ((point >> 12) & 0x3f);
      }
      bytes[at++] = 0x80 | ((point >> 6) & 0x3f);
    }
    bytes[at++] = 0x80 | (point & 0x3f);
  }
  return bytes;
}

/** The text of the bytes; each byte that is no part of a character becomes one U+FFFD, as Go reads it. */
export function decodeUtf8(bytes: Uint8Array): string {
  const parts: string[] = [];
  let i = 0;
  while (i < bytes.length) {
    const { point, size } = decodeRune(bytes, i);
    parts.push(String.fromCodePoint(point));
    i += size;
  }
  return parts.join('');
}

/** The bytes `start` up to `end` of the text, as text. Bounds are inside the text. */
export function byteSlice(text: string, start: number, end: number): string {
  if (isAscii(text)) return text.slice(start, end);
  return decodeUtf8(encodeUtf8(text).subarray(start, end));
}

const WRONG = { point: 0xfffd, size: 1 };
const SMALLEST = [0, 0, 0x80, 0x800, 0x10000];

function decodeRune(bytes: Uint8Array, start: number): { readonly point: number; readonly size: number } {
  const first = bytes[start] ?? 0;
  if (first < 0x80) return { point: first, size: 1 };
  const size =
    first >= 0xf0 && first < 0xf5 ? 4 : first >= 0xe0 && first < 0xf0 ? 3 : first >= 0xc2 && first < 0xe0 ? 2 : 0;
  if (size === 0 || start + size > bytes.length) return WRONG;
  let point = first & (0xff >> (size + 1));
  for (let k = 1; k < size; k += 1) {
    const next = bytes[start + k] ?? 0;
    if ((next & 0xc0) !== 0x80) return WRONG;
    point = (point << 6) | (next & 0x3f);
  }
  const valid = point >= (SMALLEST[size] ?? 0) && point <= 0x10ffff && !(point >= 0xd800 && point <= 0xdfff);
  return valid ? { point, size } : WRONG;
}

function isPair(text: string, at: number): boolean {
  const high = text.charCodeAt(at);
  const low = text.charCodeAt(at + 1);
  return high >= 0xd800 && high <= 0xdbff && low >= 0xdc00 && low <= 0xdfff;
}
