// The git generator of directories: patterns and a tree in, one set of parameters for each matching directory out.
import type { GitGenerator } from '@wheelwright/intent';
import { AppError, type JsonValue } from '@wheelwright/kernel';
import { valueNames, withValues } from './generator-values.js';
import { lintPattern } from './lint-pattern.js';
import { normaliseName } from './normalise-name.js';
import type { GeneratorContext, Params, Produced, Vocabulary } from './params.js';
import { compilePathPattern } from './path-match.js';
import { repoTreeKey } from './tree-key.js';

interface Pattern {
  readonly text: string;
  readonly exclude: boolean;
  readonly pointer: string;
  readonly matches: (path: string) => boolean;
}

/**
 * Directories in lexical order: those that some pattern matches and no excluding one does. The root and whatever lies in a hidden directory
 * are never among them. Throws ExpandFailed where the tree is not among the facts, or a pattern cannot be read.
 */
export function generateGitDirectories(git: GitGenerator, context: GeneratorContext): Produced {
  const tree = context.facts.trees[repoTreeKey(git.repoURL, git.revision)];
  if (tree === undefined)
    throw new AppError('ExpandFailed', `${context.pointer}: the repository has not been read yet`);
  const patterns = (git.directories ?? []).map((item, index): Pattern => {
    const pointer = `${context.pointer}/directories/${String(index)}/path`;
    return { text: item.path, exclude: item.exclude === true, pointer, matches: compile(item.path, pointer) };
  });
  const candidates = tree.directories.filter(isCandidate);
  const included = patterns.filter(({ exclude }) => !exclude);
  const excluded = patterns.filter(({ exclude }) => exclude);
  const chosen = candidates.filter(
    (path) => included.some(({ matches }) => matches(path)) && !excluded.some(({ matches }) => matches(path)),
  );
  const prefix = prefixOf(git);
  return {
    sets: [...new Set(chosen)].sort().map((path) => withValues(paramsOf(path, prefix), git.values)),
    issues: patterns.flatMap((pattern) => lintPattern(pattern, candidates)),
    vocabulary: gitVocabulary(git),
  };
}

function isCandidate(path: string): boolean {
  return path !== '' && path.split('/').every((segment) => !segment.startsWith('.'));
}

function compile(pattern: string, pointer: string): (path: string) => boolean {
  const compiled = compilePathPattern(pattern);
  if ('matches' in compiled) return compiled.matches;
  // Argo CD passes over such a pattern, and then deletes what it used to match.
  throw new AppError('ExpandFailed', `${pointer}: "${pattern}" is not a pattern: ${compiled.problem}`, {
    details: { pointer },
    faults: [{ pointer, message: compiled.problem }],
  });
}

function paramsOf(path: string, prefix: string): Params {
  const segments = path.split('/');
  const basename = segments.at(-1) ?? '';
  return new Map<string, JsonValue>([
    [prefix, path],
    [`${prefix}.basename`, basename],
    [`${prefix}.basenameNormalized`, normaliseName(basename)],
    ...segments.map((segment, index) => [`${prefix}[${String(index)}]`, segment] as const),
  ]);
}

function prefixOf({ pathParamPrefix }: GitGenerator): string {
  return pathParamPrefix === undefined || pathParamPrefix === '' ? 'path' : `${pathParamPrefix}.path`;
}

/** The names that the generator produces for each directory, whatever the repository holds. */
export function gitVocabulary(git: GitGenerator): Vocabulary {
  const prefix = prefixOf(git);
  const names = [prefix, `${prefix}.basename`, `${prefix}.basenameNormalized`, ...valueNames(git.values)];
  const isSegment = (name: string): boolean =>
    name.startsWith(`${prefix}[`) && /^\d+\]$/.test(name.slice(prefix.length + 1));
  return {
    generator: 'a git generator',
    names: [...names, `${prefix}[n]`],
    produces: (name) => names.includes(name) || isSegment(name),
  };
}
