// The git generator of directories: patterns and a tree in, one set of parameters for each matching directory out.
import type { GitGenerator } from '@wheelwright/intent';
import { withValues } from './generator-values.js';
import { gitPathNames, gitPathParams, revisionOf } from './git-params.js';
import { lintPattern, lintSpelling } from './lint-pattern.js';
import { failedAt, nothingYet, type GeneratorContext, type Produced, type Vocabulary } from './params.js';
import { compilePathPattern } from './path-match.js';

interface Pattern {
  readonly text: string;
  readonly exclude: boolean;
  readonly pointer: string;
  readonly matches: (path: string) => boolean;
}

/**
 * Directories in lexical order: those that some pattern matches and no excluding one does. The root and whatever lies in a hidden directory
 * are never among them. Asks for the directories of the revision. Throws ExpandFailed where a pattern cannot be read.
 */
export function generateGitDirectories(git: GitGenerator, context: GeneratorContext): Produced {
  const patterns = (git.directories ?? []).map((item, index): Pattern => {
    const pointer = `${context.pointer}/directories/${String(index)}/path`;
    return { text: item.path, exclude: item.exclude === true, pointer, matches: compile(item.path, pointer) };
  });
  const vocabulary: Vocabulary = { generator: 'a git generator', ...gitPathNames(git, 'directories', context.mode) };
  const answer = context.facts.read({ kind: 'directories', repoURL: git.repoURL, revision: revisionOf(git) });
  if (answer === undefined) return { ...nothingYet(vocabulary), issues: patterns.flatMap(lintSpelling) };
  const candidates = answer.directories.filter(isCandidate);
  const included = patterns.filter(({ exclude }) => !exclude);
  const excluded = patterns.filter(({ exclude }) => exclude);
  const chosen = candidates.filter(
    (path) => included.some(({ matches }) => matches(path)) && !excluded.some(({ matches }) => matches(path)),
  );
  return {
    sets: [...new Set(chosen)]
      .sort()
      .map((directory) => withValues(gitPathParams({ directory }, git, context.mode), git.values, context)),
    issues: patterns.flatMap((pattern) => lintPattern(pattern, candidates)),
    vocabulary,
  };
}

function isCandidate(path: string): boolean {
  return path !== '' && !path.startsWith('.') && !path.includes('/.');
}

function compile(pattern: string, pointer: string): (path: string) => boolean {
  const compiled = compilePathPattern(pattern);
  if ('matches' in compiled) return compiled.matches;
  // Argo CD passes over such a pattern, and then deletes what it used to match.
  throw failedAt(pointer, `"${pattern}" is not a pattern: ${compiled.problem}`);
}
