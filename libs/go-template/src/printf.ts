// A format and its arguments in, the text as Go's `Sprintf` makes it out, complaints such as `%!d(string=x)` and `%!(EXTRA int=1)` included.
import type { FormatFlags } from './format-scalar.js';
import { formatAny, formatVerb } from './format-value.js';
import type { Budget } from './limits.js';
import { GoInt, typeName, type GoValue } from './values.js';

/** Go knows no larger width or precision. */
const LARGEST = 1_000_000;

/** The formatted text. Widths and precisions are paid for before the text is made. */
export function sprintf(format: string, args: readonly GoValue[], budget: Budget): string {
  return new Formatter(format, args, budget).run();
}

class Formatter {
  readonly #format: string;
  readonly #args: readonly GoValue[];
  readonly #budget: Budget;
  readonly #out: string[] = [];
  #chars = 0;
  #pos = 0;
  #arg = 0;
  #reordered = false;
  #goodIndex = true;
  #afterIndex = false;

  constructor(format: string, args: readonly GoValue[], budget: Budget) {
    this.#format = format;
    this.#args = args;
    this.#budget = budget;
  }

  run(): string {
    while (this.#pos < this.#format.length) {
      const percent = this.#format.indexOf('%', this.#pos);
      const end = percent < 0 ? this.#format.length : percent;
      if (end > this.#pos) this.#write(this.#format.slice(this.#pos, end));
      this.#pos = end + 1;
      if (percent >= 0 && !this.#verb()) break;
    }
    if (!this.#reordered && this.#arg < this.#args.length) this.#extra();
    return this.#out.join('');
  }

  #write(text: string): void {
    this.#chars += text.length;
    this.#budget.text(this.#chars);
    this.#out.push(text);
  }

  /** Prints one directive; false where the format ends inside it. */
  #verb(): boolean {
    const flags = this.#flags();
    const verb = this.#char();
    if (verb === '') {
      this.#write('%!(NOVERB)');
      return false;
    }
    this.#pos += verb.length;
    if (verb === '%') this.#write('%');
    else if (!this.#goodIndex) this.#write(`%!${verb}(BADINDEX)`);
    else if (this.#arg >= this.#args.length) this.#write(`%!${verb}(MISSING)`);
    else this.#print(verb, flags);
    return true;
  }

  #print(verb: string, flags: FormatFlags): void {
    const value = this.#args[this.#arg];
    this.#arg += 1;
    this.#budget.text((flags.width ?? 0) + (flags.precision ?? 0));
    this.#budget.work((flags.width ?? 0) + (flags.precision ?? 0));
    const form = verb === 'v' || verb === 'w' ? { ...flags, goSyntax: flags.sharp, sharp: false, plus: false } : flags;
    this.#write(formatVerb(value, { verb, flags: form, budget: this.#budget }));
  }

  #flags(): FormatFlags {
    this.#goodIndex = true;
    const simple = this.#simpleFlags();
    this.#index();
    const width = this.#width(simple);
    const precision = this.#precision();
    if (!this.#afterIndex) this.#index();
    return { ...simple, ...width, precision, goSyntax: false };
  }

  #simpleFlags(): Record<'sharp' | 'zero' | 'plus' | 'minus' | 'space', boolean> {
    const start = this.#pos;
    while (this.#pos < this.#format.length && '#0+- '.includes(this.#format.charAt(this.#pos))) this.#pos += 1;
    const flags = this.#format.slice(start, this.#pos);
    return {
      sharp: flags.includes('#'),
      zero: flags.includes('0'),
      plus: flags.includes('+'),
      minus: flags.includes('-'),
      space: flags.includes(' '),
    };
  }

  #width(simple: { readonly zero: boolean; readonly minus: boolean }): Pick<FormatFlags, 'width' | 'minus' | 'zero'> {
    if (this.#format.charAt(this.#pos) === '*') {
      this.#pos += 1;
      this.#afterIndex = false;
      const width = this.#intArgument();
      if (width === undefined) this.#write('%!(BADWIDTH)');
      return width !== undefined && width < 0 ? { width: -width, minus: true, zero: false } : { ...simple, width };
    }
    const width = this.#number();
    if (this.#afterIndex && width !== undefined) this.#goodIndex = false;
    return { ...simple, width };
  }

  #precision(): number | undefined {
    if (this.#format.charAt(this.#pos) !== '.' || this.#pos + 1 >= this.#format.length) return undefined;
    this.#pos += 1;
    if (this.#afterIndex) this.#goodIndex = false;
    this.#index();
    if (this.#format.charAt(this.#pos) !== '*') return this.#number() ?? 0;
    this.#pos += 1;
    this.#afterIndex = false;
    const precision = this.#intArgument();
    if (precision === undefined || precision < 0) {
      this.#write('%!(BADPREC)');
      return undefined;
    }
    return precision;
  }

  /** `[3]`: which argument comes next. */
  #index(): void {
    this.#afterIndex = false;
    if (this.#format.charAt(this.#pos) !== '[') return;
    this.#reordered = true;
    const close = this.#format.indexOf(']', this.#pos);
    const digits = close < 0 ? '' : this.#format.slice(this.#pos + 1, close);
    this.#pos = close < 0 ? this.#pos + 1 : close + 1;
    const index = /^[0-9]+$/.test(digits) ? Number(digits) - 1 : -1;
    if (index >= 0 && index < this.#args.length) {
      this.#arg = index;
      this.#afterIndex = true;
      return;
    }
    this.#goodIndex = false;
    this.#afterIndex = close >= 0 && /^[0-9]+$/.test(digits);
  }

  #intArgument(): number | undefined {
    if (this.#arg >= this.#args.length) return undefined;
    const value = this.#args[this.#arg];
    this.#arg += 1;
    const number = value instanceof GoInt ? Number(value.value) : undefined;
    return number === undefined || Math.abs(number) > LARGEST ? undefined : number;
  }

  #number(): number | undefined {
    const start = this.#pos;
    while (/^[0-9]$/.test(this.#format.charAt(this.#pos))) this.#pos += 1;
    if (this.#pos === start) return undefined;
    const value = Number(this.#format.slice(start, this.#pos));
    if (Math.floor(value / 10) <= LARGEST) return value;
    // Go gives up on the directive here, and prints the rest as it comes.
    this.#pos = this.#format.length;
    return undefined;
  }

  #char(): string {
    const point = this.#format.codePointAt(this.#pos);
    return point === undefined ? '' : String.fromCodePoint(point);
  }

  #extra(): void {
    const rest = this.#args.slice(this.#arg).map((value) => {
      if (value === undefined || value === null) return '<nil>';
      return `${typeName(value)}=${formatAny(value, this.#budget)}`;
    });
    this.#write(`%!(EXTRA ${rest.join(', ')})`);
  }
}
