// What one execution may cost. A template is text from a stranger: it may neither run for ever nor fill the memory.
import { GoTemplateError } from './errors.js';

/** Steps executed, characters of output (and of any text on the way), depth of nesting and of calls, characters of the template's text. */
export interface GoTemplateLimits {
  readonly steps: number;
  readonly outputChars: number;
  readonly depth: number;
  readonly textChars: number;
}

export const DEFAULT_LIMITS: GoTemplateLimits = {
  steps: 200_000,
  outputChars: 1024 * 1024,
  depth: 100,
  textChars: 256 * 1024,
};

/** So many characters or list items that a function touches cost as much as one step. */
const UNITS_PER_STEP = 64;

/** The purse of one execution: every step, text and nesting is paid from it, before it is made. */
export class Budget {
  readonly limits: GoTemplateLimits;
  #steps = 0;
  #units = 0;

  constructor(limits: GoTemplateLimits) {
    this.limits = limits;
  }

  /** Pays for one evaluation. */
  step(): void {
    this.#steps += 1;
    if (this.#steps > this.limits.steps) throw limitError(`more than ${this.limits.steps} steps`);
  }

  /** Pays for characters or items that are read or made. */
  work(units: number): void {
    this.#units += units;
    if (this.#units < UNITS_PER_STEP) return;
    this.#steps += Math.floor(this.#units / UNITS_PER_STEP);
    this.#units %= UNITS_PER_STEP;
    if (this.#steps > this.limits.steps) throw limitError(`more than ${this.limits.steps} steps`);
  }

  /** Refuses a text of so many characters, before it is made. */
  text(chars: number): void {
    if (!(chars <= this.limits.outputChars)) throw limitError(`more than ${this.limits.outputChars} characters`);
  }

  /** Refuses a list of so many items, before it is made: each item costs a step. */
  items(count: number): void {
    this.#steps += count;
    if (!(this.#steps <= this.limits.steps)) throw limitError(`more than ${this.limits.steps} steps`);
  }
}

export function limitError(what: string): GoTemplateError {
  return new GoTemplateError('limit', `template: the template needs ${what}, which is the limit`);
}
