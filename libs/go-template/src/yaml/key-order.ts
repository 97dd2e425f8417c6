// Two keys in, their order out: letters before by code point, digits by the number that they make up, and other characters before letters.
import { runes } from '../utf8.js';

const LETTER = /^\p{L}$/u;
const DIGIT = /^\p{Nd}$/u;

/** Negative where the first key comes first. */
export function compareKeys(left: string, right: string): number {
  if (left === right) return 0;
  const a = runes(left);
  const b = runes(right);
  const at = a.findIndex((char, index) => char !== b[index]);
  if (at < 0 || at >= b.length) return a.length - b.length;
  const charA = a[at] ?? '';
  const charB = b[at] ?? '';
  const letterA = LETTER.test(charA);
  const letterB = LETTER.test(charB);
  if (letterA && letterB) return byPoint(charA, charB);
  if (letterA || letterB) return letterB ? -1 : 1;
  return byNumber(numberAt(a, at, charB), numberAt(b, at, charA)) || byPoint(charA, charB);
}

interface NumberPart {
  readonly value: number;
  readonly end: number;
}

/** The number that begins here. Zeros count where digits that are not zero stand before them. */
function numberAt(chars: readonly string[], at: number, other: string): NumberPart {
  let value = 0;
  if (chars[at] === '0' || other === '0') {
    for (let i = at - 1; i >= 0 && DIGIT.test(chars[i] ?? ''); i -= 1) if (chars[i] !== '0') value = 1;
  }
  let end = at;
  while (end < chars.length && DIGIT.test(chars[end] ?? '')) {
    value = value * 10 + ((chars[end] ?? '0').codePointAt(0) ?? 48) - 48;
    end += 1;
  }
  return { value, end };
}

function byNumber(a: NumberPart, b: NumberPart): number {
  return a.value - b.value || a.end - b.end;
}

function byPoint(a: string, b: string): number {
  return (a.codePointAt(0) ?? 0) - (b.codePointAt(0) ?? 0);
}
