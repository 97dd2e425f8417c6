// A value in, its YAML out, in the layout of the library that Argo CD uses: keys in natural order, lists at the depth of their key, lines folded after 80 columns.
import { entriesOf } from '../format-value.js';
import { formatFloat } from '../float-text.js';
import { limitError, type Budget } from '../limits.js';
import { GoTime } from '../time/go-time.js';
import { byteLength, runes } from '../utf8.js';
import { GoCallError, GoInstance, GoInt, GoSlice, itemsOf, type GoValue } from '../values.js';
import { compareKeys } from './key-order.js';
import { escapeChar, scalarStyle } from './scalar.js';

const DEEPEST = 500;
const STEP = 2;
const WIDTH = 80;
/** A longer key is written as `? key`. */
const LONGEST_KEY = 128;
const UINT64_MAX = 2n ** 64n - 1n;

/** The YAML text, with a line feed at its end. Throws GoCallError for a number that JSON does not have. */
export function emitYaml(value: GoValue, budget: Budget): string {
  const writer = new YamlWriter(budget);
  writer.root(value);
  return writer.text();
}

class YamlWriter {
  readonly #budget: Budget;
  readonly #out: string[] = [];
  #chars = 0;
  #column = 0;
  #atLineStart = true;

  constructor(budget: Budget) {
    this.#budget = budget;
  }

  text(): string {
    return this.#out.join('');
  }

  root(value: GoValue): void {
    if (!this.#parts(value, { indent: 0, depth: 0, inline: true })) this.#scalar(value, 0);
    this.#line();
  }

  /** Writes a list or map that is not empty; false for anything else. */
  #parts(value: GoValue, place: Place): boolean {
    this.#budget.step();
    if (place.depth > DEEPEST) throw limitError(`to write values nested deeper than ${DEEPEST}`);
    const items = itemsOf(value);
    if (items !== undefined && items.length > 0) {
      for (const [index, item] of items.entries()) this.#item(item, { ...place, inline: place.inline && index === 0 });
      return true;
    }
    const pairs = entriesOf(value);
    if (pairs === undefined || pairs.length === 0) return false;
    for (const [index, [key, item]] of [...pairs].sort(([a], [b]) => compareKeys(a, b)).entries()) {
      this.#entry(key, item, { ...place, inline: place.inline && index === 0 });
    }
    return true;
  }

  #item(item: GoValue, { indent, depth, inline }: Place): void {
    this.#start(indent, inline);
    this.#put('- ');
    if (!this.#parts(item, { indent: indent + STEP, depth: depth + 1, inline: true })) this.#scalar(item, indent);
  }

  #entry(key: string, item: GoValue, { indent, depth, inline }: Place): void {
    this.#start(indent, inline);
    if (byteLength(key) > LONGEST_KEY || /[\n\r\u0085\u2028\u2029]/.test(key)) {
      this.#put('? ');
      this.#string(key, { indent, isKey: false });
      this.#line();
      this.#put(`${' '.repeat(indent)}: `);
      if (!this.#parts(item, { indent: indent + STEP, depth: depth + 1, inline: true })) this.#scalar(item, indent);
      return;
    }
    this.#string(key, { indent, isKey: true });
    this.#put(':');
    const nested = itemsOf(item) === undefined ? indent + STEP : indent;
    if (this.#parts(item, { indent: nested, depth: depth + 1, inline: false })) return;
    this.#put(' ');
    this.#scalar(item, indent);
  }

  #scalar(value: GoValue, indent: number): void {
    if (typeof value === 'string') {
      this.#string(value, { indent, isKey: false });
      return;
    }
    if (value instanceof GoTime) {
      this.#string(value.json(), { indent, isKey: false });
      return;
    }
    if (value instanceof GoInstance) {
      this.#string(value.text(), { indent, isKey: false });
      return;
    }
    this.#put(plainText(value));
  }

  #string(text: string, form: { readonly indent: number; readonly isKey: boolean }): void {
    const style = scalarStyle(text, form.isKey);
    const indent = form.indent + STEP;
    if (style === 'literal') {
      this.#literal(text, indent);
      return;
    }
    if (style === 'double') {
      this.#doubleQuoted(text, form.isKey ? undefined : indent);
      return;
    }
    const quote = style === 'single' ? "'" : '';
    this.#put(quote);
    this.#folded(
      style === 'single' ? text.replaceAll("'", "''") : text,
      form.isKey ? undefined : indent,
      style === 'single',
    );
    this.#put(quote);
  }

  /** Breaks the line at single spaces beyond the width. */
  #folded(text: string, indent: number | undefined, quoted: boolean): void {
    const words = text.split(' ');
    for (const [index, word] of words.entries()) {
      if (index > 0) {
        const alone = words[index - 1] !== '' && word !== '';
        const inside = !quoted || (index > 0 && index < words.length);
        if (indent !== undefined && alone && inside && this.#column > WIDTH) this.#break(indent);
        else this.#put(' ');
      }
      this.#put(word);
    }
  }

  #doubleQuoted(text: string, indent: number | undefined): void {
    this.#put('"');
    const chars = runes(text);
    let spaces = false;
    for (const [index, char] of chars.entries()) {
      if (char !== ' ') {
        this.#put(escapeChar(char) ?? char);
        spaces = false;
        continue;
      }
      const folds = indent !== undefined && !spaces && this.#column > WIDTH && index > 0 && index < chars.length - 1;
      if (folds) {
        this.#break(indent);
        if (chars[index + 1] === ' ') this.#put('\\');
      } else this.#put(' ');
      spaces = true;
    }
    this.#put('"');
  }

  #literal(text: string, indent: number): void {
    const hint = /^[ \n]/.test(text) ? String(STEP) : '';
    const chomp = !text.endsWith('\n') ? '-' : text === '\n' || text.endsWith('\n\n') ? '+' : '';
    this.#put(`|${hint}${chomp}\n`);
    const lines = text.split('\n');
    for (const [index, line] of lines.entries()) {
      const last = index === lines.length - 1;
      if (line !== '') this.#put(' '.repeat(indent) + line);
      if (!last) this.#put('\n');
    }
  }

  #start(indent: number, inline: boolean): void {
    if (inline) return;
    this.#line();
    this.#put(' '.repeat(indent));
  }

  #break(indent: number): void {
    this.#put(`\n${' '.repeat(indent)}`);
  }

  #line(): void {
    if (!this.#atLineStart) this.#put('\n');
  }

  #put(text: string): void {
    if (text === '') return;
    this.#chars += text.length;
    this.#budget.text(this.#chars);
    this.#out.push(text);
    const lineFeed = text.lastIndexOf('\n');
    const after = runes(text.slice(lineFeed + 1)).length;
    this.#column = lineFeed < 0 ? this.#column + after : after;
    this.#atLineStart = text.endsWith('\n');
  }
}

interface Place {
  readonly indent: number;
  readonly depth: number;
  /** It begins on the line that is open. */
  readonly inline: boolean;
}

function plainText(value: GoValue): string {
  if (value === null || value === undefined || (value instanceof GoSlice && value.absent)) return 'null';
  if (typeof value === 'boolean') return String(value);
  if (value instanceof GoInt) return value.value.toString();
  if (typeof value === 'number') return numberText(value);
  return itemsOf(value) === undefined ? '{}' : '[]';
}

/** A float that is whole is an integer on its way through JSON. */
function numberText(value: number): string {
  if (!Number.isFinite(value)) {
    throw new GoCallError(`error marshaling into JSON: json: unsupported value: ${formatFloat(value)}`);
  }
  if (!Number.isInteger(value) || Math.abs(value) >= 1e21) return formatFloat(value);
  const whole = BigInt(value);
  return whole >= -(2n ** 63n) && whole <= UINT64_MAX ? whole.toString() : formatFloat(value);
}
