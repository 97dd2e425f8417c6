// The files of a revision and the patterns of a git generator in, the files that it reads out. Pure, so that the gatherer and the generator agree.
import type { PathPattern as PatternItem } from '@wheelwright/intent';
import { failedAt } from './params.js';
import type { PathPattern } from './path-match.js';
import { compileDoublestar, compilePathspec } from './pathspec.js';

/**
 * How file patterns are read. `pathspec` is what Argo CD does unless told otherwise: `git ls-files <pattern>`, whose `*` crosses directories.
 * `doublestar` is its opt-in: `*` stays within a directory, `**` does not.
 */
export type Globbing = 'pathspec' | 'doublestar';

/**
 * The paths that some pattern matches and no excluding one does, sorted, each once. Throws ExpandFailed where a pattern cannot be read:
 * to pass over it would delete what it used to match.
 */
export function chooseFiles(
  paths: readonly string[],
  patterns: readonly PatternItem[],
  globbing: Globbing = 'pathspec',
): readonly string[] {
  const compiled = patterns.map(({ path, exclude }, index) => ({
    exclude: exclude === true,
    matches: compileFilePattern(path, `/files/${String(index)}/path`, globbing),
  }));
  const included = compiled.filter(({ exclude }) => !exclude);
  const excluded = compiled.filter(({ exclude }) => exclude);
  const chosen = paths.filter(
    (path) => included.some(({ matches }) => matches(path)) && !excluded.some(({ matches }) => matches(path)),
  );
  return [...new Set(chosen)].sort();
}

/** A matcher of one file pattern. Throws ExpandFailed at `pointer` where it is none. */
export function compileFilePattern(text: string, pointer: string, globbing: Globbing): (path: string) => boolean {
  const compiled: PathPattern = globbing === 'doublestar' ? compileDoublestar(text) : compilePathspec(text);
  if ('matches' in compiled) return compiled.matches;
  throw failedAt(pointer, `"${text}" is not a pattern: ${compiled.problem}`);
}
