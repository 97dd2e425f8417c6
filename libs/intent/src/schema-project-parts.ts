// Building blocks of the schema of projects: patterns that can be compiled, and lists without doubles.
import { AppError, compileGlob } from '@wheelwright/kernel';
import { RE2JS, RE2JSSyntaxException } from 're2js';
import type { z } from 'zod';
import { text } from './schema-parts.js';

const MAX_EXPRESSION = 1_024;

/** A glob of the dialect of projects. `!` at its begin is a character like any other. */
export const glob = text.superRefine((value, context) => addProblem(context, globProblem(value)));

/** A glob that a leading `!` turns into a denial. `!*` would deny everything and allow nothing: upstream refuses it too. */
export const deniableGlob = text.superRefine((value, context) =>
  addProblem(context, value === '!*' ? '"!*" denies everything: remove it' : globProblem(value.replace(/^!/, ''))),
);

/** A glob, or a regular expression between slashes, of a namespace. */
export const namespacePattern = text.superRefine((value, context) =>
  addProblem(context, isExpression(value) ? expressionProblem(value.slice(1, -1)) : globProblem(value)),
);

/** Whether the text is a regular expression between slashes. */
function isExpression(value: string): boolean {
  return value.length > 2 && value.startsWith('/') && value.endsWith('/');
}

function globProblem(value: string): string | undefined {
  try {
    compileGlob(value);
    return undefined;
  } catch (error) {
    if (error instanceof AppError) return `cannot be matched: ${error.message}`;
    throw error;
  }
}

function expressionProblem(source: string): string | undefined {
  if (source.length > MAX_EXPRESSION) return `is longer than ${String(MAX_EXPRESSION)} characters`;
  try {
    RE2JS.compile(source);
    return undefined;
  } catch (error) {
    if (error instanceof RE2JSSyntaxException) return `is no regular expression of Go: ${error.message}`;
    throw error;
  }
}

function addProblem(context: z.core.$RefinementCtx, problem: string | undefined): void {
  if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
}

/** Refuses every item of a list whose key an earlier item has. */
export function refuseDoubles(
  context: z.core.$RefinementCtx,
  keys: readonly string[],
  message: (key: string) => string,
): void {
  const seen = new Set<string>();
  for (const [index, key] of keys.entries()) {
    if (seen.has(key)) context.addIssue({ code: 'custom', path: [index], message: message(key) });
    seen.add(key);
  }
}
