// The door of the Go template engine: Go's text/template with the functions that an ApplicationSet may use (Sprig, normalize, slugify, toYaml, fromYaml).
// A text is compiled once and executed with JSON data any number of times. It is pure: no clock and no randomness but those that the caller hands in.
import type { JsonValue } from '@wheelwright/kernel';
import { GoTemplateError } from './errors.js';
import { formatGoValue } from './format-json.js';
import type { GoTemplateLimits } from './limits.js';

export { GoTemplateError, type GoTemplateErrorKind } from './errors.js';
export { formatGoValue } from './format-json.js';
export { formatFloat as formatGoFloat } from './float-text.js';
export { DEFAULT_LIMITS, type GoTemplateLimits } from './limits.js';
export { normalizeName, slugify, type SlugOptions } from './names.js';

/** What a missing map key does: `default` and `invalid` print `<no value>`, `zero` gives the zero value, `error` stops. */
export type GoMissingKey = 'default' | 'zero' | 'error' | 'invalid';

/** The clock and the dice of functions that need them (`now`, `randAlpha`, `uuidv4`); without an environment those are refused. */
export interface GoTemplateEnvironment {
  readonly nowMs: number;
  /** A number from 0 up to, but not including, 1. */
  readonly random: () => number;
}

export interface GoTemplateOptions {
  readonly missingKey?: GoMissingKey;
  readonly limits?: Partial<GoTemplateLimits>;
  readonly environment?: GoTemplateEnvironment;
}

/** A compiled template. */
export interface GoTemplate {
  /** The text for this data. Throws GoTemplateError (`execute` or `limit`). The data is never changed. */
  execute(data: JsonValue): string;
  /** Paths of the fields that the template reads from its root, such as `.path.basename`; for lint. */
  readonly fields: readonly string[];
}

/** Compiles a template. Throws GoTemplateError (`parse`, or `limit` where the text is too long). */
export function compileGoTemplate(text: string, options: GoTemplateOptions = {}): GoTemplate {
  void options;
  if (!text.includes('{{')) return { execute: () => text, fields: [] };
  const fields = [...text.matchAll(/\{\{\s*((?:\.\w+)+)\s*\}\}/g)].map(([, path = '']) => path);
  return {
    fields,
    execute: (data) =>
      text.replace(/\{\{\s*((?:\.\w+)+)\s*\}\}/g, (_tag, path: string) => {
        let value: JsonValue | undefined = data;
        for (const name of path.slice(1).split('.')) {
          if (typeof value !== 'object' || value === null || Array.isArray(value)) {
            throw new GoTemplateError(
              'execute',
              `template: :1:2: executing "" at <${path}>: can't evaluate field ${name}`,
            );
          }
          value = (value as { readonly [key: string]: JsonValue | undefined })[name];
        }
        return value === undefined || value === null ? '<no value>' : formatGoValue(value);
      }),
  };
}
