// Upper, lower and title case letter by letter, as Go changes them: one letter stays one letter.
import { isAscii, runes } from './utf8.js';

/** Letters that are two in one have a title case of their own. */
const TITLES: ReadonlyMap<string, string> = new Map([
  ...['Ǆ', 'ǅ', 'ǆ'].map((char): [string, string] => [char, 'ǅ']),
  ...['Ǉ', 'ǈ', 'ǉ'].map((char): [string, string] => [char, 'ǈ']),
  ...['Ǌ', 'ǋ', 'ǌ'].map((char): [string, string] => [char, 'ǋ']),
  ...['Ǳ', 'ǲ', 'ǳ'].map((char): [string, string] => [char, 'ǲ']),
]);

export function upperText(text: string): string {
  return isAscii(text) ? text.toUpperCase() : runes(text).map(upperLetter).join('');
}

export function lowerText(text: string): string {
  return isAscii(text) ? text.toLowerCase() : runes(text).map(lowerLetter).join('');
}

/** The letter in upper case; what would become two letters (ß) stays. */
export function upperLetter(char: string): string {
  const changed = char.toUpperCase();
  return runes(changed).length === 1 ? changed : char;
}

export function lowerLetter(char: string): string {
  if (char === 'İ') return 'i';
  const changed = char.toLowerCase();
  return runes(changed).length === 1 ? changed : char;
}

export function titleLetter(char: string): string {
  return TITLES.get(char) ?? upperLetter(char);
}
