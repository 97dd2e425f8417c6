// The golden corpus: what Go's own text/template, with the function map of an ApplicationSet, made of each case (tools/go-template-golden writes it).
// Outputs are equal byte for byte. Of an error the whole text is compared, but for what only Go can say of itself: see `essence`.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JsonValue } from '@wheelwright/kernel';
import { describe, expect, it } from 'vitest';
import { compileGoTemplate, GoTemplateError, type GoMissingKey } from './index.js';

interface GoldenCase {
  readonly name?: string;
  readonly template: string;
  readonly data?: JsonValue;
  readonly missingKey?: GoMissingKey;
  readonly output?: string;
  readonly error?: string;
}

interface GoldenFamily {
  readonly data?: JsonValue;
  readonly cases: readonly GoldenCase[];
}

const FIXTURES = join(import.meta.dirname, '..', 'fixtures');

/**
 * What a user needs of an error: the place, the expression, the function, and what is wrong in the words of text/template or Sprig.
 * Left out is what a parser behind a function says of the text that it was given (JSON, YAML, dates: the parsers differ), the name of the
 * argument in an error of `call`, and the second half of a failed type assertion.
 */
function essence(error: string): string {
  return error
    .replace(/(error calling (?:mustFromJson|mustToDate):) .*/s, '$1')
    .replace(/(error converting YAML to JSON:) .*/s, '$1')
    .replace(/(interface conversion: interface \{\} is [^,]+), not .*/, '$1')
    .replace(/non-function \S+ of/, 'non-function of');
}

function run(one: GoldenCase, shared: JsonValue | undefined): { readonly output?: string; readonly error?: string } {
  const options = one.missingKey === undefined ? {} : { missingKey: one.missingKey };
  try {
    return { output: compileGoTemplate(one.template, options).execute(one.data ?? shared ?? {}) };
  } catch (error) {
    if (error instanceof GoTemplateError) return { error: essence(error.message) };
    throw error;
  }
}

for (const file of readdirSync(FIXTURES).sort()) {
  const family = JSON.parse(readFileSync(join(FIXTURES, file), 'utf8')) as GoldenFamily;
  describe(`golden ${file}`, () => {
    for (const [index, one] of family.cases.entries()) {
      it(`${index} ${one.name ?? one.template} ${one.missingKey ?? ''}`, () => {
        const expected = one.error === undefined ? { output: one.output } : { error: essence(one.error) };
        expect(run(one, family.data)).toEqual(expected);
      });
    }
  });
}
