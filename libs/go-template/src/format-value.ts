// Any value and a verb in, its text as Go's fmt package prints it out.
import {
  formatBool,
  formatFloatVerb,
  formatInteger,
  formatText,
  NO_FLAGS,
  pad,
  type FormatFlags,
} from './format-scalar.js';
import { formatFloat } from './float-text.js';
import { limitError, type Budget } from './limits.js';
import {
  GoInstance,
  GoInt,
  GoSlice,
  GoTextMap,
  isDict,
  itemsOf,
  sortedKeys,
  typeName,
  type GoValue,
} from './values.js';

/** Deeper than this no text is made: a map that holds itself would never end. */
const DEEPEST = 500;

/** What an action prints: as `%v`, but no value is `<no value>`. */
export function formatOutput(value: GoValue, budget: Budget): string {
  if (typeof value === 'string') return value;
  return value === undefined ? '<no value>' : formatAny(value, budget);
}

/** The value as `%v` prints it. */
export function formatAny(value: GoValue, budget: Budget): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return formatFloat(value);
  return new Printer({ verb: 'v', flags: NO_FLAGS, budget }).value(value, 0);
}

/** The value as a verb of `printf` prints it, `%!d(string=x)` where the verb does not fit. */
export function formatVerb(value: GoValue, form: PrinterForm): string {
  const { verb, flags } = form;
  if (verb === 'T') return pad(cut(typeName(value), flags.precision), flags);
  if (value === undefined || value === null) return verb === 'v' ? pad('<nil>', flags) : `%!${verb}(<nil>)`;
  return new Printer(form).value(value, 0);
}

/** Texts one after the other as `print` writes them: a space between two of which neither is a string. */
export function formatSprint(values: readonly GoValue[], budget: Budget): string {
  const parts: string[] = [];
  for (const [index, value] of values.entries()) {
    if (index > 0 && typeof value !== 'string' && typeof values[index - 1] !== 'string') parts.push(' ');
    parts.push(formatAny(value, budget));
  }
  return parts.join('');
}

export interface PrinterForm {
  readonly verb: string;
  readonly flags: FormatFlags;
  readonly budget: Budget;
}

class Printer {
  readonly #form: PrinterForm;
  #chars = 0;

  constructor(form: PrinterForm) {
    this.#form = form;
  }

  value(value: GoValue, depth: number): string {
    const { flags, budget } = this.#form;
    budget.step();
    if (depth > DEEPEST) throw limitError(`to print values nested deeper than ${DEEPEST}`);
    if (value === undefined || value === null) return flags.goSyntax ? 'interface {}(nil)' : '<nil>';
    const text = this.#scalar(value);
    if (text === undefined) return this.#composite(value, depth) ?? this.#misfit(value, depth);
    // What nests is made of these: count them before they are copied into the outer texts.
    this.#chars += text.length;
    budget.text(this.#chars);
    budget.work(text.length * (depth + 1));
    return text;
  }

  #scalar(value: GoValue): string | undefined {
    const { verb, flags } = this.#form;
    if (typeof value === 'string') return formatText(value, verb, flags);
    if (typeof value === 'boolean') return formatBool(value, verb, flags);
    if (typeof value === 'number') return formatFloatVerb(value, verb, flags);
    if (value instanceof GoInt) {
      const unsigned = value.type === 'uint8' || value.type === 'uint64';
      const goSyntax = verb === 'v' && flags.goSyntax && unsigned;
      return formatInteger(value.value, goSyntax ? 'x' : verb, goSyntax ? { ...flags, sharp: true } : flags);
    }
    return value instanceof GoInstance ? formatText(value.text(), verb, flags) : undefined;
  }

  #composite(value: GoValue, depth: number): string | undefined {
    const { goSyntax } = this.#form.flags;
    const items = itemsOf(value);
    if (items !== undefined) {
      if (goSyntax && value instanceof GoSlice && value.absent) return `${value.type}(nil)`;
      const texts = items.map((item) => this.value(item ?? null, depth + 1));
      return goSyntax ? `${typeName(value)}{${texts.join(', ')}}` : `[${texts.join(' ')}]`;
    }
    const pairs = entriesOf(value);
    if (pairs === undefined) return undefined;
    const texts = pairs.map(([key, item]) => `${this.value(key, depth + 1)}:${this.value(item, depth + 1)}`);
    return goSyntax ? `${typeName(value)}{${texts.join(', ')}}` : `map[${texts.join(' ')}]`;
  }

  #misfit(value: GoValue, depth: number): string {
    const { verb, flags, budget } = this.#form;
    const text = new Printer({ verb: 'v', flags, budget }).value(value, depth);
    return `%!${verb}(${typeName(value)}=${text})`;
  }
}

/** The entries of a map in the order in which Go prints them, or `undefined` for anything else. */
export function entriesOf(value: GoValue): readonly (readonly [string, GoValue])[] | undefined {
  if (value instanceof GoTextMap) return [...value.entries].sort(([a], [b]) => (a < b ? -1 : 1));
  return isDict(value) ? sortedKeys(value).map((key) => [key, value[key]]) : undefined;
}

function cut(text: string, length: number | undefined): string {
  return length === undefined ? text : text.slice(0, length);
}
