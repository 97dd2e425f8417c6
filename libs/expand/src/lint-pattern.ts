// A directory pattern and what it could match in, a warning where it matches nothing out.
import { warning } from './params.js';
import type { ExpandIssue } from './types.js';

/** A pattern as its set writes it, and where. */
export interface WrittenPattern {
  readonly text: string;
  readonly pointer: string;
}

/** What is wrong with a pattern whatever the repository holds: paths are relative to its root, and none ends with a slash. */
export function lintSpelling({ text, pointer }: WrittenPattern): readonly ExpandIssue[] {
  const bare = withoutSlashes(text);
  if (text.endsWith('/')) {
    const message = `"${text}" matches nothing because of its trailing slash: write "${bare}"`;
    return [warning('TrailingSlash', pointer, message)];
  }
  if (bare === text) return [];
  const message = `"${text}" matches no directory: a pattern is relative to the root of the repository: write "${bare}"`;
  return [warning('NoMatch', pointer, message)];
}

/** {@link lintSpelling}, and a warning where a well spelled pattern matches none of the directories. */
export function lintPattern(
  pattern: WrittenPattern & { readonly matches: (path: string) => boolean },
  directories: readonly string[],
): readonly ExpandIssue[] {
  const spelling = lintSpelling(pattern);
  if (spelling.length > 0 || directories.some(pattern.matches)) return spelling;
  const hint = 'a pattern is relative to the root of the repository, and * stays within one directory';
  return [warning('NoMatch', pattern.pointer, `"${pattern.text}" matches no directory: ${hint}`)];
}

/** The pattern without leading `/` and `./`, and without trailing `/`. */
function withoutSlashes(text: string): string {
  let start = 0;
  let end = text.length;
  while (text.startsWith('/', start) || text.startsWith('./', start)) start += text[start] === '.' ? 2 : 1;
  while (end > start && text[end - 1] === '/') end -= 1;
  return text.slice(start, end);
}
