// What a generator hands to the template, and what it can say about that.
import { AppError, type JsonObject } from '@wheelwright/kernel';
import type { FactReader } from './facts.js';
import type { ExpandIssue } from './types.js';

/**
 * One set of parameters. For flat templates a flat map of dotted names (`path.basename`), of which only texts are put into templates; for Go
 * templates any JSON, nested (`.path.basename`). Made with `Object.fromEntries` and read with `Object.hasOwn`: names are hostile.
 */
export type Params = JsonObject;

/** Which names a generator can produce at all, for messages to the author of a template. */
export interface Vocabulary {
  /** With its article, such as `a git generator`. */
  readonly generator: string;
  /** The names, as a person reads them. Empty: it produces anything. */
  readonly names: readonly string[];
  /** In dotted form, whatever the mode. */
  produces(name: string): boolean;
}

/** Everything that came out of one generator. */
export interface Produced {
  readonly sets: readonly Params[];
  readonly issues: readonly ExpandIssue[];
  readonly vocabulary: Vocabulary;
}

/** Where a generator stands, and what it may read. */
export interface GeneratorContext {
  /** JSON pointer of the generator, such as `/spec/generators/0/git`. */
  readonly pointer: string;
  /** The set that is expanded. */
  readonly set: { readonly name: string; readonly namespace: string };
  /** Whether templates are flat (`goTemplate: false`) or Go's. */
  readonly mode: 'flat' | 'go';
  readonly facts: FactReader;
  /** Renders a text in the mode of the set: for `values`, and for the second generator of a matrix. Throws ExpandFailed. */
  readonly render: (text: string, params: Params) => string;
}

/** What a generator gives while an answer is missing: nothing yet, but what it could give is known. */
export function nothingYet(vocabulary: Vocabulary): Produced {
  return { sets: [], issues: [], vocabulary };
}

/** The vocabulary of a generator whose names are those of an answer that is not there yet: it may produce anything. */
export function anythingFrom(generator: string): Vocabulary {
  return { generator, names: [], produces: () => true };
}

/** A failure of the whole expansion, at a place of the set. */
export function failedAt(pointer: string, message: string, cause?: unknown): AppError {
  return new AppError('ExpandFailed', `${pointer}: ${message}`, {
    details: { pointer },
    faults: [{ pointer, message }],
    ...(cause === undefined ? {} : { cause }),
  });
}

/** A warning for the author of a set. */
export function warning(code: string, pointer: string, message: string): ExpandIssue {
  return { severity: 'warning', code, message, pointer };
}

/** Escapes one key for a JSON pointer (RFC 6901). */
export function pointerKey(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}
