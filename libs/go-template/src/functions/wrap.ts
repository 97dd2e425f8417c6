// A text in, the same text with line breaks at a width out. Widths count bytes.
import type { Budget } from '../limits.js';
import { decodeUtf8, encodeUtf8 } from '../utf8.js';

export interface WrapOptions {
  readonly width: number;
  /** What stands between lines; nothing is a line feed. */
  readonly separator: string;
  /** Whether a word that is longer than a line is cut. */
  readonly long: boolean;
  readonly budget: Budget;
}

const SPACE = 0x20;

/** Breaks at the last space inside each line; spaces at the start of a line go. */
export function wrapText(text: string, options: WrapOptions): string {
  const width = Math.max(options.width, 1);
  const separator = options.separator === '' ? '\n' : options.separator;
  const bytes = encodeUtf8(text);
  options.budget.text(text.length + (Math.floor(bytes.length / width) + 1) * separator.length);
  const lines: Uint8Array[] = [];
  let offset = 0;
  while (bytes.length - offset > width) {
    if (bytes[offset] === SPACE) {
      offset += 1;
      continue;
    }
    const end = lineEnd(bytes, { offset, width, long: options.long });
    lines.push(bytes.subarray(offset, end.at));
    if (end.at === bytes.length && !end.space) return lines.map(decodeUtf8).join(separator);
    offset = end.at + (end.space ? 1 : 0);
  }
  lines.push(bytes.subarray(offset));
  return lines.map(decodeUtf8).join(separator);
}

interface Line {
  readonly offset: number;
  readonly width: number;
  readonly long: boolean;
}

function lineEnd(bytes: Uint8Array, { offset, width, long }: Line): { readonly at: number; readonly space: boolean } {
  const before = bytes.subarray(offset, offset + width + 1).lastIndexOf(SPACE);
  if (before >= 0) return { at: offset + before, space: true };
  if (long) return { at: offset + width, space: false };
  const after = bytes.indexOf(SPACE, offset + width);
  return after < 0 ? { at: bytes.length, space: false } : { at: after, space: true };
}
