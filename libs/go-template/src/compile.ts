// A text in, a template that can be executed any number of times out.
import type { JsonValue } from '@wheelwright/kernel';
import { executeTemplate } from './execute.js';
import { rootFields } from './fields.js';
import { FUNCTIONS } from './functions/table.js';
import type { GoTemplateEnvironment } from './functions.js';
import { Budget, DEFAULT_LIMITS, limitError, type GoTemplateLimits } from './limits.js';
import { parseTemplate } from './parser.js';

/** What a missing map key does: `default` and `invalid` print `<no value>`, `zero` gives the zero value, `error` stops. */
export type GoMissingKey = 'default' | 'zero' | 'error' | 'invalid';

export interface GoTemplateOptions {
  readonly missingKey?: GoMissingKey;
  readonly limits?: Partial<GoTemplateLimits>;
  /** The clock and the dice of functions such as `now` and `randAlpha`; without it those are refused. */
  readonly environment?: GoTemplateEnvironment;
}

/** A compiled template. */
export interface GoTemplate {
  /** The text for this data. Throws GoTemplateError (`execute` or `limit`). The data is never changed. */
  execute(data: JsonValue): string;
  /** Paths of the fields that the template reads from its root, such as `.path.basename`; for lint. */
  readonly fields: readonly string[];
}

/** Compiles a template. Throws GoTemplateError (`parse`, or `limit` where the text is too long or nests too deep). */
export function compileGoTemplate(text: string, options: GoTemplateOptions = {}): GoTemplate {
  const limits: GoTemplateLimits = { ...DEFAULT_LIMITS, ...options.limits };
  if (text.length > limits.textChars) throw limitError(`a text of more than ${limits.textChars} characters`);
  if (!text.includes('{{')) return { execute: () => printed(text, limits), fields: [] };
  let mutates = false;
  const hasFunction = (name: string): boolean => {
    const found = FUNCTIONS.get(name);
    mutates ||= found?.mutates ?? false;
    return found !== undefined;
  };
  const bodies = parseTemplate(text, { hasFunction, depth: limits.depth });
  const { missingKey = 'default', environment } = options;
  return {
    fields: rootFields(bodies),
    execute(data) {
      const context = { budget: new Budget(limits), environment };
      return executeTemplate(bodies, { text, missingKey, functions: FUNCTIONS, context, copies: mutates }, data);
    },
  };
}

function printed(text: string, limits: GoTemplateLimits): string {
  new Budget(limits).text(text.length);
  return text;
}
