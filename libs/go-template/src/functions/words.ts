// A text in, its words joined in another case out: snake_case, kebab-case, PascalCase, with the word borders that Sprig's library sees.
import { runes } from '../utf8.js';
import { lowerLetter as lower, upperLetter as upper } from '../letter-case.js';
import { isSpace } from './letters.js';

type WordKind = 'none' | 'number' | 'upper' | 'letters' | 'connector' | 'punctuation' | 'other';

interface Word {
  readonly kind: WordKind;
  readonly text: string;
}

const isUpper = (char: string): boolean => /^\p{Lu}$/u.test(char);
const isLetter = (char: string): boolean => /^\p{L}$/u.test(char);
const isNumber = (char: string): boolean => /^\p{N}$/u.test(char);
const isPunctuation = (char: string): boolean => /^\p{P}$/u.test(char);
const isConnector = (char: string): boolean => char === '-' || char === '_' || isSpace(char);

/** Words by connectors in PascalCase: `some_words` is `SomeWords`. Connectors at the start, and all but one of several, stay. */
export function pascalCase(text: string): string {
  const chars = runes(text);
  let at = 0;
  let out = '';
  while (at < chars.length && isConnector(chars[at] ?? '')) out += chars[at++] ?? '';
  const first = chars[at];
  // With nothing but connectors, the library writes the last one twice.
  if (first === undefined) return out + (chars.at(-1) ?? '');
  let previous = upper(first);
  let startedUpper = isUpper(first);
  for (let char of chars.slice(at + 1)) {
    if (isConnector(previous)) {
      if (isConnector(char)) out += previous;
      else {
        startedUpper = isUpper(char);
        char = upper(char);
      }
    } else {
      if (startedUpper && isUpper(char)) char = lower(char);
      else startedUpper = false;
      out += previous;
    }
    previous = char;
  }
  return out + previous;
}

/** Words in lower case with a connector between them: `HTTPServer` is `http_server`. */
export function caseWords(text: string, connector: string): string {
  const words = splitWords(text);
  let out = '';
  let at = 0;
  const kindAt = (index: number): WordKind => words[index]?.kind ?? 'none';
  const put = (index: number): void => {
    const word = words[index];
    if (word !== undefined) out += lowerWord(word, connector);
  };
  const breakBefore = (index: number): void => {
    const kind = kindAt(index);
    if (kind !== 'none' && kind !== 'connector' && kind !== 'punctuation') out += connector;
  };
  const putLettersAndNumbers = (start: number): number => {
    let index = start;
    while (kindAt(index) === 'letters' || kindAt(index) === 'number') put(index++);
    return index;
  };
  while (at < words.length) {
    put(at);
    const kind = kindAt(at);
    at += 1;
    if (at >= words.length) break;
    if (kind === 'connector' || kind === 'punctuation') continue;
    if (kind === 'number') {
      at = putLettersAndNumbers(at);
      breakBefore(at);
    } else if (kindAt(at) !== 'number') breakBefore(at);
    else if (at + 1 >= words.length) continue;
    else if (kindAt(at + 1) !== 'letters') {
      // A number with no letters after it belongs to the word before.
      put(at);
      at += 1;
      breakBefore(at);
    } else {
      out += connector;
      put(at);
      at = putLettersAndNumbers(at + 1);
      breakBefore(at);
    }
  }
  return out;
}

function lowerWord(word: Word, connector: string): string {
  if (word.kind === 'connector')
    return runes(word.text)
      .map(() => connector)
      .join('');
  return word.kind === 'upper' || word.kind === 'letters' ? runes(word.text).map(lower).join('') : word.text;
}

function splitWords(text: string): readonly Word[] {
  const chars = runes(text);
  const words: Word[] = [];
  let at = 0;
  while (at < chars.length) {
    const { kind, end } = wordAt(chars, at);
    words.push({ kind, text: chars.slice(at, end).join('') });
    at = end;
  }
  return words;
}

function wordAt(chars: readonly string[], start: number): { readonly kind: WordKind; readonly end: number } {
  const first = chars[start] ?? '';
  const run = (from: number, belongs: (char: string) => boolean): number => {
    let end = from;
    while (end < chars.length && belongs(chars[end] ?? '')) end += 1;
    return end;
  };
  if (isConnector(first)) return { kind: 'connector', end: run(start, isConnector) };
  if (isPunctuation(first)) return { kind: 'punctuation', end: run(start, isPunctuation) };
  const lowers = (char: string): boolean => isLetter(char) && !isUpper(char);
  if (isUpper(first)) {
    const ups = run(start, isUpper);
    if (ups === start + 1) return { kind: 'upper', end: run(ups, lowers) };
    // The last capital of several begins the word that follows: HTTPStatus is HTTP and Status.
    return { kind: 'upper', end: ups < chars.length && isLetter(chars[ups] ?? '') ? ups - 1 : ups };
  }
  if (isLetter(first)) return { kind: 'letters', end: run(start, lowers) };
  if (isNumber(first)) return { kind: 'number', end: run(start, isNumber) };
  const known = (char: string): boolean => isConnector(char) || isLetter(char) || isNumber(char) || isPunctuation(char);
  return { kind: 'other', end: run(start, (char) => !known(char)) };
}
