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

/** The values that Go prints inside an error of `eq` are left out, and so is what a crash inside a library says of that library's code. */
function essence(error: string): string {
  return error
    .replace(/(non-comparable types?) .*/s, '$1')
    .replace(/(interface conversion: interface \{\} is [^,]+), not .*/, '$1');
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
