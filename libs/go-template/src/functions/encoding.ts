// Base64 and base32 of texts. What decodes to bytes that are no text becomes text with U+FFFD for each such byte.
import { asText, fn, type FunctionTable } from '../functions.js';
import { decodeUtf8, encodeUtf8 } from '../utf8.js';

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

export const ENCODING: FunctionTable = {
  b64enc: fn('string', ([text]) => encodeBase64(encodeUtf8(asText(text)))),
  b64dec: fn('string', ([text]) => decode(asText(text), { alphabet: BASE64, bits: 6, group: 4, name: 'base64' })),
  b32enc: fn('string', ([text]) =>
    encode(encodeUtf8(asText(text)), { alphabet: BASE32, bits: 5, group: 8, name: 'base32' }),
  ),
  b32dec: fn('string', ([text]) => decode(asText(text), { alphabet: BASE32, bits: 5, group: 8, name: 'base32' })),
};

interface Code {
  readonly alphabet: string;
  readonly bits: number;
  /** So many characters make a whole number of bytes. */
  readonly group: number;
  readonly name: string;
}

/** The bytes in standard base64 with padding. */
export function encodeBase64(bytes: Uint8Array): string {
  return encode(bytes, { alphabet: BASE64, bits: 6, group: 4, name: 'base64' });
}

function encode(bytes: Uint8Array, { alphabet, bits, group }: Code): string {
  const out: string[] = [];
  let buffer = 0;
  let held = 0;
  for (const byte of bytes) {
    buffer = (buffer << 8) | byte;
    held += 8;
    while (held >= bits) {
      held -= bits;
      out.push(alphabet.charAt((buffer >> held) & ((1 << bits) - 1)));
    }
    buffer &= (1 << held) - 1;
  }
  if (held > 0) out.push(alphabet.charAt((buffer << (bits - held)) & ((1 << bits) - 1)));
  while (out.length % group !== 0) out.push('=');
  return out.join('');
}

/** The decoded text; where it cannot be decoded, Sprig gives Go's error as the text. */
function decode(text: string, code: Code): string {
  // Line breaks inside are skipped, and counted for the place of an error.
  const clean = text.replace(/[\r\n]/g, '');
  const bytes: number[] = [];
  let buffer = 0;
  let held = 0;
  let end = clean.length;
  while (end > 0 && clean.charAt(end - 1) === '=') end -= 1;
  const body = clean.slice(0, end);
  for (let i = 0; i < body.length; i += 1) {
    const value = code.alphabet.indexOf(body.charAt(i));
    if (value < 0) return illegal(code, i);
    buffer = (buffer << code.bits) | value;
    held += code.bits;
    if (held >= 8) {
      held -= 8;
      bytes.push((buffer >> held) & 0xff);
    }
    buffer &= (1 << held) - 1;
  }
  const padding = clean.length - body.length;
  const rest = body.length % code.group;
  const wanted = rest === 0 ? 0 : code.group - rest;
  const whole = held < code.bits;
  if (padding === wanted && whole) return decodeUtf8(Uint8Array.from(bytes));
  return illegal(
    code,
    wrongPlace({ body: body.length, padding, wanted, whole, group: code.group, rest, base64: code.bits === 6 }),
  );
}

interface Ending {
  readonly body: number;
  readonly padding: number;
  readonly wanted: number;
  readonly whole: boolean;
  readonly group: number;
  readonly rest: number;
  readonly base64: boolean;
}

/** Where Go says that the input is wrong: at the group that is not whole, or at the padding that is too much. */
function wrongPlace({ body, padding, wanted, rest, base64, whole }: Ending): number {
  if (padding > wanted) return whole ? body + wanted : body;
  if (!base64) return padding === 0 ? body - rest : body + padding;
  return padding === 0 ? body - rest : body + padding;
}

function illegal({ name }: Code, place: number): string {
  return `illegal ${name} data at input byte ${place}`;
}
