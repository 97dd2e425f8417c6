// JSON of values as Go's encoder writes it, and back.
import { asText, fn, type CallContext, type FunctionTable } from '../functions.js';
import { entriesOf } from '../format-value.js';
import { limitError, type Budget } from '../limits.js';
import { GoTime } from '../time/go-time.js';
import { GoCallError, GoInstance, GoInt, GoSlice, itemsOf, newDict, type GoValue } from '../values.js';

const DEEPEST = 500;

export const JSON_FUNCTIONS: FunctionTable = {
  toJson: fn('any', ([value], { budget }) => toJson(value, { escapeHtml: true, budget }) ?? ''),
  mustToJson: fn('any', ([value], { budget }) => must(toJson(value, { escapeHtml: true, budget }))),
  toRawJson: fn('any', ([value], { budget }) => must(toJson(value, { escapeHtml: false, budget }))),
  mustToRawJson: fn('any', ([value], { budget }) => must(toJson(value, { escapeHtml: false, budget }))),
  toPrettyJson: fn('any', ([value], { budget }) => toJson(value, { escapeHtml: true, indent: '  ', budget }) ?? ''),
  mustToPrettyJson: fn('any', ([value], { budget }) => must(toJson(value, { escapeHtml: true, indent: '  ', budget }))),
  fromJson: fn('string', ([text], context) => parseJson(asText(text), context) ?? null),
  mustFromJson: fn('string', ([text], context) => mustParse(asText(text), context)),
};

export interface JsonStyle {
  readonly escapeHtml: boolean;
  readonly indent?: string;
  readonly budget: Budget;
}

function must(text: string | undefined): string {
  if (text === undefined) throw new GoCallError('json: unsupported value: NaN or infinity');
  return text;
}

/** The JSON text; `undefined` where a number is none that JSON has. */
export function toJson(value: GoValue, style: JsonStyle): string | undefined {
  const writer = new JsonWriter(style);
  return writer.write(value ?? null, 0) ? writer.text() : undefined;
}

class JsonWriter {
  readonly #style: JsonStyle;
  readonly #out: string[] = [];
  #chars = 0;

  constructor(style: JsonStyle) {
    this.#style = style;
  }

  text(): string {
    return this.#out.join('');
  }

  write(value: GoValue, depth: number): boolean {
    this.#style.budget.step();
    if (depth > DEEPEST) throw limitError(`to write values nested deeper than ${DEEPEST}`);
    const scalar = this.#scalar(value);
    if (scalar === undefined) return false;
    if (scalar !== null) {
      this.#put(scalar);
      return true;
    }
    const items = itemsOf(value);
    if (items !== undefined) return this.#list(items, depth);
    return this.#map(entriesOf(value) ?? [], depth);
  }

  /** The text of a value without parts, null for one with parts, `undefined` for a number that JSON does not have. */
  #scalar(value: GoValue): string | null | undefined {
    if (value === null || value === undefined) return 'null';
    if (typeof value === 'string') return this.#string(value);
    if (typeof value === 'boolean') return String(value);
    if (typeof value === 'number') return Number.isFinite(value) ? jsonNumber(value) : undefined;
    if (value instanceof GoInt) return value.value.toString();
    if (value instanceof GoTime) return this.#string(value.json());
    if (value instanceof GoInstance) return this.#string(value.text());
    return value instanceof GoSlice && value.absent ? 'null' : null;
  }

  #list(items: readonly GoValue[], depth: number): boolean {
    this.#put('[');
    for (const [index, item] of items.entries()) {
      this.#put(this.#gap(index, depth + 1));
      if (!this.write(item ?? null, depth + 1)) return false;
    }
    this.#put(items.length > 0 ? this.#line(depth) : '');
    this.#put(']');
    return true;
  }

  #map(pairs: readonly (readonly [string, GoValue])[], depth: number): boolean {
    this.#put('{');
    for (const [index, [key, item]] of pairs.entries()) {
      this.#put(this.#gap(index, depth + 1));
      this.#put(`${this.#string(key)}:${this.#style.indent === undefined ? '' : ' '}`);
      if (!this.write(item ?? null, depth + 1)) return false;
    }
    this.#put(pairs.length > 0 ? this.#line(depth) : '');
    this.#put('}');
    return true;
  }

  #gap(index: number, depth: number): string {
    return (index === 0 ? '' : ',') + this.#line(depth);
  }

  #line(depth: number): string {
    return this.#style.indent === undefined ? '' : `\n${this.#style.indent.repeat(depth)}`;
  }

  #string(text: string): string {
    const quoted = JSON.stringify(text.replace(/\p{Cs}/gu, '\ufffd')).replace(
      /[\u2028\u2029]/g,
      (char) => `\\u${char.charCodeAt(0).toString(16)}`,
    );
    return this.#style.escapeHtml
      ? quoted.replace(/[<>&]/g, (char) => `\\u00${char.charCodeAt(0).toString(16)}`)
      : quoted;
  }

  #put(text: string): void {
    this.#chars += text.length;
    this.#style.budget.text(this.#chars);
    if (text !== '') this.#out.push(text);
  }
}

/** A float as JSON: JavaScript and Go write the same but for the sign of zero. */
function jsonNumber(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value);
}

/** The value of a JSON text, or `undefined` where it is none. Numbers are float64. */
export function parseJson(text: string, { budget }: CallContext): GoValue {
  budget.work(text.length * 4);
  try {
    return plainValue(JSON.parse(text), budget, 0);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function mustParse(text: string, context: CallContext): GoValue {
  const value = parseJson(text, context);
  if (value === undefined)
    throw new GoCallError(text.trim() === '' ? 'unexpected end of JSON input' : 'the text is no JSON');
  return value;
}

/** What a parser made, with maps that have no prototype. */
export function plainValue(value: unknown, budget: Budget, depth: number): GoValue {
  budget.step();
  if (depth > DEEPEST) throw limitError(`to read values nested deeper than ${DEEPEST}`);
  if (value === null || typeof value === 'string' || typeof value === 'boolean' || typeof value === 'number')
    return value;
  if (Array.isArray(value)) return value.map((item) => plainValue(item, budget, depth + 1));
  const map = newDict();
  if (typeof value === 'object')
    for (const [key, item] of Object.entries(value)) map[key] = plainValue(item, budget, depth + 1);
  return map;
}
