// Upper and lower case of single letters, as the libraries behind Sprig change them.
import { lowerLetter, titleLetter, upperLetter } from '../letter-case.js';
import { encodeUtf8, runes } from '../utf8.js';

/** The characters that Go's `unicode.IsSpace` knows. */
const SPACE = /^[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]$/u;

export function isSpace(char: string): boolean {
  return SPACE.test(char);
}

export function trimSpace(text: string): string {
  return text.replace(/^[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/u, '').trimEnd();
}

/** The first letter of each word in title case; a word begins after whatever is no letter, digit, underscore or apostrophe. */
export function titleCase(text: string): string {
  let out = '';
  let before = ' ';
  for (const char of text) {
    out += isSeparator(before) ? titleLetter(char) : char;
    before = char;
  }
  return out;
}

function isSeparator(char: string): boolean {
  if ((char.codePointAt(0) ?? 0) < 0x80) return !/^[0-9A-Za-z_]$/.test(char);
  return !/^[\p{L}\p{Nd}]$/u.test(char) && isSpace(char);
}

/** The first letter of each word in lower case; words stand between white space. */
export function untitle(text: string): string {
  return eachChar(text, (char, first) => (first ? lowerLetter(char) : char));
}

/** Upper to lower case and back; the first letter of a word that is lower becomes title case. */
export function swapCase(text: string): string {
  return runes(text)
    .map((char) => {
      if (/^[\p{Lu}\p{Lt}]$/u.test(char)) return lowerLetter(char);
      return /^\p{Ll}$/u.test(char) ? upperLetter(char) : char;
    })
    .join('');
}

/** The first byte of each word. */
export function initials(text: string): string {
  let out = '';
  let gap = true;
  for (const byte of encodeUtf8(text)) {
    const char = String.fromCharCode(byte);
    if (isSpace(char)) gap = true;
    else {
      if (gap) out += char;
      gap = false;
    }
  }
  return out;
}

function eachChar(text: string, change: (char: string, first: boolean) => string): string {
  let first = true;
  let out = '';
  for (const char of text) {
    if (isSpace(char)) {
      out += char;
      first = true;
    } else {
      out += change(char, first);
      first = false;
    }
  }
  return out;
}
