// JSON values or bytes in, their SHA-256 out. The one file of the kernel that needs the platform: hashing in JavaScript costs 20 times more.
import { createHash } from 'node:crypto';
import { canonicalJson, type JsonValue } from './json.js';

/** Lower-case hexadecimal SHA-256 of the canonical JSON of a value. Equal values have equal digests. */
export function digestOf(value: JsonValue): string {
  return digestText(canonicalJson(value));
}

/** Lower-case hexadecimal SHA-256 of a text (UTF-8) or of bytes. */
export function digestText(text: string | Uint8Array): string {
  return createHash('sha256').update(text).digest('hex');
}
