// What a generator hands to the template, and what it can say about that.
import type { JsonValue } from '@wheelwright/kernel';
import type { ExpandFacts, ExpandIssue } from './types.js';

/** One set of parameters in flat form: dotted names to values. Only texts are put into templates. */
export type Params = ReadonlyMap<string, JsonValue>;

/** Which names a generator can produce at all, for messages to the author of a template. */
export interface Vocabulary {
  /** With its article, such as `a git generator`. */
  readonly generator: string;
  /** The names, as a person reads them. */
  readonly names: readonly string[];
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
  readonly facts: ExpandFacts;
}

/** A warning for the author of a set. */
export function warning(code: string, pointer: string, message: string): ExpandIssue {
  return { severity: 'warning', code, message, pointer };
}

/** Escapes one key for a JSON pointer (RFC 6901). */
export function pointerKey(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}
