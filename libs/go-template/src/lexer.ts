// The text of a template in, its tokens out: text between actions, and the words of actions.
import { isPrint, quoteGo } from './quote.js';
import { runes } from './utf8.js';

export type TokenKind =
  | 'text'
  | 'leftDelim'
  | 'rightDelim'
  | 'space'
  | 'assign'
  | 'declare'
  | 'pipe'
  | 'string'
  | 'rawString'
  | 'variable'
  | 'charConstant'
  | 'complex'
  | 'number'
  | 'field'
  | 'dot'
  | 'identifier'
  | 'bool'
  | 'nil'
  | 'keyword'
  | 'leftParen'
  | 'rightParen'
  | 'char'
  | 'error'
  | 'EOF';

export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  readonly pos: number;
  readonly line: number;
}

const KEYWORDS: ReadonlySet<string> = new Set([
  'block',
  'break',
  'continue',
  'define',
  'else',
  'end',
  'if',
  'range',
  'template',
  'with',
]);
const SPACES = ' \t\r\n';
const WORD = /[\p{L}\p{Nd}_]+/uy;
const WORD_CHAR = /^[\p{L}\p{Nd}_]$/u;
const TERMINATORS = '.,|:)(';
const NUMBER = [
  /[+-]?0[xX][0-9a-fA-F_]*(?:\.[0-9a-fA-F_]*)?(?:[pP][+-]?[0-9_]*)?i?/y,
  /[+-]?0[oO][0-7_]*(?:\.[0-7_]*)?i?/y,
  /[+-]?0[bB][01_]*(?:\.[01_]*)?i?/y,
  /[+-]?[0-9_]*(?:\.[0-9_]*)?(?:[eE][+-]?[0-9_]*)?i?/y,
] as const;

/** All tokens of the text; the last is `EOF` or, where the text is wrong, `error` with Go's words. */
export function tokenize(text: string): readonly Token[] {
  return new Lexer(text).run();
}

class Lexer {
  readonly #text: string;
  readonly #tokens: Token[] = [];
  #pos = 0;
  #start = 0;
  #line = 1;
  #startLine = 1;
  #parens = 0;
  #failed = false;

  constructor(text: string) {
    this.#text = text;
  }

  run(): readonly Token[] {
    while (this.#outside()) while (this.#inside());
    return this.#tokens;
  }

  /** Reads up to and over the next `{{` that is no comment; false at the end of the text, or where it is wrong. */
  #outside(): boolean {
    for (;;) {
      const open = this.#text.indexOf('{{', this.#pos);
      const end = open < 0 ? this.#text.length : open;
      const trims = open >= 0 && this.#trimMarkerAfter(open + 2);
      this.#pos = end;
      if (trims) while (this.#pos > this.#start && SPACES.includes(this.#text.charAt(this.#pos - 1))) this.#pos -= 1;
      if (this.#pos > this.#start) this.#emit('text');
      this.#pos = end;
      this.#ignore();
      if (open < 0) break;
      this.#pos += 2;
      if (!this.#text.startsWith('/*', this.#pos + (trims ? 2 : 0))) {
        this.#open(trims);
        return true;
      }
      this.#pos += trims ? 2 : 0;
      if (!this.#comment()) return false;
    }
    this.#emit('EOF');
    return false;
  }

  #open(trims: boolean): void {
    this.#emit('leftDelim');
    if (trims) this.#pos += 2;
    this.#ignore();
    this.#parens = 0;
  }

  #comment(): boolean {
    this.#ignore();
    const close = this.#text.indexOf('*/', this.#pos + 2);
    if (close < 0) return this.#error('unclosed comment');
    this.#pos = close + 2;
    const delim = this.#rightDelim();
    if (delim === 0) return this.#error('comment ends before closing delimiter');
    this.#pos += delim;
    if (delim === 4) this.#skipSpaces();
    this.#ignore();
    return true;
  }

  /** Reads one token inside an action; false after its end, or where it is wrong. */
  #inside(): boolean {
    const delim = this.#rightDelim();
    if (delim > 0) {
      if (this.#parens > 0) return this.#error('unclosed left paren');
      return this.#close(delim);
    }
    const char = this.#text.charAt(this.#pos);
    if (char === '') return this.#error('unclosed action');
    if (SPACES.includes(char)) return this.#space();
    const next = this.#text.charAt(this.#pos + 1);
    if (char === '.' && !(next >= '0' && next <= '9') && next !== '') return this.#name('field');
    if ((char >= '0' && char <= '9') || '+-.'.includes(char)) return this.#number();
    if (WORD_CHAR.test(this.#char())) return this.#name('identifier');
    return this.#punctuation(char, next);
  }

  #punctuation(char: string, next: string): boolean {
    this.#pos += 1;
    switch (char) {
      case '=':
        return this.#emit('assign');
      case ':':
        this.#pos += 1;
        return next === '=' ? this.#emit('declare') : this.#error('expected :=');
      case '|':
        return this.#emit('pipe');
      case '"':
        return this.#quoted('"', 'string', 'unterminated quoted string');
      case "'":
        return this.#quoted("'", 'charConstant', 'unterminated character constant');
      case '`':
        return this.#rawQuoted();
      case '$':
        this.#pos -= 1;
        return this.#name('variable');
      case '(':
        this.#parens += 1;
        return this.#emit('leftParen');
      case ')':
        this.#parens -= 1;
        return this.#parens < 0 ? this.#error('unexpected right paren') : this.#emit('rightParen');
      default:
        this.#pos -= 1;
        return this.#otherChar();
    }
  }

  #otherChar(): boolean {
    const char = this.#char();
    this.#pos += char.length;
    if (char.charCodeAt(0) < 0x80 && isPrint(char)) return this.#emit('char');
    return this.#error(`unrecognized character in action: ${unicodeName(char)}`);
  }

  #space(): boolean {
    const start = this.#pos;
    this.#skipSpaces();
    // The last space may belong to a trim marker.
    if (this.#text.startsWith('-}}', this.#pos)) {
      this.#pos -= 1;
      if (this.#pos === start) return this.#close(4);
    }
    return this.#emit('space');
  }

  #close(delim: number): boolean {
    if (delim === 4) {
      this.#pos += 2;
      this.#ignore();
    }
    this.#pos += 2;
    this.#emit('rightDelim');
    if (delim === 4) {
      this.#skipSpaces();
      this.#ignore();
    }
    return false;
  }

  #name(kind: 'field' | 'variable' | 'identifier'): boolean {
    if (kind !== 'identifier') this.#pos += 1;
    WORD.lastIndex = this.#pos;
    const word = WORD.exec(this.#text)?.[0] ?? '';
    if (word === '' && this.#atTerminator()) return this.#emit(kind === 'field' ? 'dot' : 'variable');
    this.#pos += word.length;
    if (!this.#atTerminator()) return this.#error(`bad character ${unicodeName(this.#char())}`);
    if (kind !== 'identifier') return this.#emit(kind);
    if (KEYWORDS.has(word)) return this.#emit('keyword');
    if (word === 'nil') return this.#emit('nil');
    return this.#emit(word === 'true' || word === 'false' ? 'bool' : 'identifier');
  }

  #number(): boolean {
    if (!this.#scanNumber())
      return this.#error(`bad number syntax: ${quoteGo(this.#text.slice(this.#start, this.#pos))}`);
    const sign = this.#text.charAt(this.#pos);
    if (sign !== '+' && sign !== '-') return this.#emit('number');
    if (this.#scanNumber() && this.#text.charAt(this.#pos - 1) === 'i') return this.#emit('complex');
    return this.#error(`bad number syntax: ${quoteGo(this.#text.slice(this.#start, this.#pos))}`);
  }

  #scanNumber(): boolean {
    const pattern = NUMBER.find((candidate, index) => {
      candidate.lastIndex = this.#pos;
      const found = candidate.exec(this.#text);
      return found !== null && (index === NUMBER.length - 1 || found[0] !== '');
    });
    if (pattern !== undefined) this.#pos = pattern.lastIndex;
    const next = this.#char();
    if (!WORD_CHAR.test(next)) return true;
    this.#pos += next.length;
    return false;
  }

  #quoted(quote: string, kind: 'string' | 'charConstant', message: string): boolean {
    for (;;) {
      const char = this.#text.charAt(this.#pos);
      this.#pos += 1;
      if (char === '' || char === '\n') return this.#error(message);
      if (char === quote) return this.#emit(kind);
      if (char !== '\\') continue;
      const escaped = this.#text.charAt(this.#pos);
      if (escaped === '' || escaped === '\n') return this.#error(message);
      this.#pos += 1;
    }
  }

  #rawQuoted(): boolean {
    const close = this.#text.indexOf('`', this.#pos);
    if (close < 0) return this.#error('unterminated raw quoted string');
    this.#pos = close + 1;
    return this.#emit('rawString');
  }

  #atTerminator(): boolean {
    const char = this.#text.charAt(this.#pos);
    return char === '' || SPACES.includes(char) || TERMINATORS.includes(char) || this.#text.startsWith('}}', this.#pos);
  }

  /** The length of the closing delimiter here: 2, with a trim marker 4, or 0 where there is none. */
  #rightDelim(): number {
    const char = this.#text.charAt(this.#pos);
    if (char !== '' && SPACES.includes(char) && this.#text.startsWith('-}}', this.#pos + 1)) return 4;
    return this.#text.startsWith('}}', this.#pos) ? 2 : 0;
  }

  #trimMarkerAfter(at: number): boolean {
    const space = this.#text.charAt(at + 1);
    return this.#text.charAt(at) === '-' && space !== '' && SPACES.includes(space);
  }

  #skipSpaces(): void {
    while (this.#pos < this.#text.length && SPACES.includes(this.#text.charAt(this.#pos))) this.#pos += 1;
  }

  /** The whole character here, be it one unit or two. */
  #char(): string {
    const point = this.#text.codePointAt(this.#pos);
    return point === undefined ? '' : String.fromCodePoint(point);
  }

  #emit(kind: TokenKind): boolean {
    const text = kind === 'EOF' ? 'EOF' : this.#text.slice(this.#start, this.#pos);
    this.#tokens.push({ kind, text, pos: this.#start, line: this.#startLine });
    this.#ignore();
    return true;
  }

  #ignore(): void {
    for (let i = this.#start; i < this.#pos; i += 1) if (this.#text.charCodeAt(i) === 10) this.#line += 1;
    this.#start = this.#pos;
    this.#startLine = this.#line;
  }

  /** Puts an error at the end of the tokens. Everything stops: the rest of the text is not read. */
  #error(message: string): boolean {
    if (this.#failed) return false;
    this.#failed = true;
    this.#tokens.push({ kind: 'error', text: message, pos: this.#start, line: this.#startLine });
    this.#tokens.push({ kind: 'EOF', text: 'EOF', pos: this.#start, line: this.#startLine });
    this.#pos = this.#text.length;
    this.#start = this.#pos;
    return false;
  }
}

function unicodeName(char: string): string {
  if (char === '') return 'U+FFFFFFFFFFFFFFFF';
  const point = char.codePointAt(0) ?? 0;
  const code = `U+${point.toString(16).toUpperCase().padStart(4, '0')}`;
  return isPrint(char) ? `${code} '${char}'` : code;
}

const QUOTED_LENGTH = 10;

/** The token as Go's errors name it. */
export function tokenText(token: Token): string {
  if (token.kind === 'EOF' || token.kind === 'error') return token.text;
  if (token.kind === 'keyword' || token.kind === 'dot' || token.kind === 'nil') return `<${token.text}>`;
  const chars = runes(token.text);
  return chars.length > QUOTED_LENGTH ? `${quoteGo(chars.slice(0, QUOTED_LENGTH).join(''))}...` : quoteGo(token.text);
}
