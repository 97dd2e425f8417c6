// The patterns of a project in, tests out. A leading `!` denies; `!*` and patterns that cannot be read are faults, never silent.
import { AppError, compileGlob, type GlobOptions } from '@wheelwright/kernel';

/** One pattern of a list, compiled. */
export interface Pattern {
  readonly denies: boolean;
  matches(text: string): boolean;
}

/** What came of compiling a pattern: the pattern, or why it is none. */
export type Compiled = { readonly pattern: Pattern } | { readonly problem: string };

/** Compiles a pattern with an optional leading `!`. `*` alone matches everything, whatever the separators. */
export function compilePattern(
  text: string,
  options: GlobOptions & { readonly normalise?: (text: string) => string } = {},
): Compiled {
  const denies = text.startsWith('!');
  const glob = denies ? text.slice(1) : text;
  if (denies && glob === '*') return { problem: '"!*" denies everything and is not valid' };
  if (glob === '*') return { pattern: { denies, matches: () => true } };
  try {
    return { pattern: { denies, matches: compileGlob(options.normalise?.(glob) ?? glob, options) } };
  } catch (error) {
    if (error instanceof AppError) return { problem: error.message };
    throw error;
  }
}

/** Splits patterns from the problems of those that are none. */
export function compileAll(compiled: readonly Compiled[]): {
  readonly patterns: readonly Pattern[];
  readonly problems: readonly string[];
} {
  return {
    patterns: compiled.flatMap((one) => ('pattern' in one ? [one.pattern] : [])),
    problems: compiled.flatMap((one) => ('problem' in one ? [one.problem] : [])),
  };
}

/**
 * Whether some glob of a list matches, where a list knows no negation. Globs are checked when they are applied; one that cannot be read all the same
 * counts as `unreadable` says: it must be what restricts.
 */
export function matchesAny(globs: readonly string[], text: string, unreadable: boolean): boolean {
  return globs.some((glob) => globTest(glob, unreadable)(text));
}

/** {@link matchesAny} of one glob, read once for many texts. */
export function globTest(glob: string, unreadable: boolean): (text: string) => boolean {
  if (glob === '*') return () => true;
  try {
    return compileGlob(glob);
  } catch (error) {
    if (error instanceof AppError) return () => unreadable;
    throw error;
  }
}
