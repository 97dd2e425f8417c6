// The git generator of files: patterns and the files that they choose in, one set of parameters for each object in them out.
import type { GitGenerator } from '@wheelwright/intent';
import { isJsonObject, type JsonObject } from '@wheelwright/kernel';
import { compileFilePattern } from './choose-files.js';
import type { FilesAnswer } from './facts.js';
import { withValues } from './generator-values.js';
import { gitPathNames, gitPathParams, revisionOf } from './git-params.js';
import { flattenToTexts } from './go-json.js';
import {
  anythingFrom,
  failedAt,
  nothingYet,
  warning,
  type GeneratorContext,
  type Params,
  type Produced,
  type Vocabulary,
} from './params.js';
import { parseYaml } from './parse-yaml.js';
import type { ExpandIssue } from './types.js';

/**
 * Files in order of path, and the objects of each in their order: a file holds one object, a list of objects, or nothing (one set with the path
 * alone). Flat mode gets the object flattened and printed, go mode as it is. Asks for the files that the patterns choose. Throws
 * ExpandFailed that names the file where one cannot be read: to pass over it would delete what it stands for.
 */
export function generateGitFiles(git: GitGenerator, context: GeneratorContext): Produced {
  const patterns = git.files ?? [];
  const matchers = patterns.map(({ path, exclude }, index): Matcher => {
    const pointer = `${context.pointer}/files/${String(index)}/path`;
    return { text: path, exclude: exclude === true, pointer, matches: compileFilePattern(path, pointer, 'pathspec') };
  });
  const answer = context.facts.read({ kind: 'files', repoURL: git.repoURL, revision: revisionOf(git), patterns });
  const own = gitPathNames(git, 'files', context.mode);
  if (answer === undefined) return nothingYet(anythingFrom('a git generator'));
  const files = [...answer.files].sort((a, b) => (a.path < b.path ? -1 : 1));
  const keys = new Set<string>();
  const sets = files.flatMap((file) =>
    readObjects(file, `${context.pointer}/files`).map((object): Params => {
      const slash = file.path.lastIndexOf('/');
      const path = { directory: slash < 0 ? '.' : file.path.slice(0, slash), filename: file.path.slice(slash + 1) };
      const content = context.mode === 'go' ? object : flattenToTexts(object);
      for (const key of Object.keys(content)) keys.add(key);
      return withValues({ ...content, ...gitPathParams(path, git, context.mode) }, git.values, context);
    }),
  );
  const vocabulary: Vocabulary = {
    generator: 'a git generator',
    names: [...own.names, ...[...keys].sort()],
    produces: (name) => own.produces(name) || keys.has(name),
  };
  return { sets, issues: lintFiles(matchers, files), vocabulary };
}

type File = FilesAnswer['files'][number];

/** Files that were parsed before: an answer is asked again with, more than once. */
const parsedFiles = new WeakMap<File, readonly JsonObject[]>();

/** The objects that a file holds. */
function readObjects(file: File, pointer: string): readonly JsonObject[] {
  const known = parsedFiles.get(file);
  if (known !== undefined) return known;
  const what = `unable to process file '${file.path}': it`;
  const parsed = parseYaml(file.content, pointer, what);
  const list: readonly unknown[] = Array.isArray(parsed) ? parsed : [parsed];
  const objects = list.map((item) => {
    if (item === null || item === undefined) return {};
    if (!isJsonObject(item)) throw failedAt(pointer, `${what} must hold a map or a list of maps`);
    return item;
  });
  parsedFiles.set(file, objects);
  return objects;
}

interface Matcher {
  readonly text: string;
  readonly exclude: boolean;
  readonly pointer: string;
  readonly matches: (path: string) => boolean;
}

/** Files that are excluded are not among the answers, so nothing can be said about excluding patterns. */
function lintFiles(matchers: readonly Matcher[], files: readonly { readonly path: string }[]): readonly ExpandIssue[] {
  return matchers.flatMap(({ text, exclude, pointer, matches }) => {
    if (exclude || files.some(({ path }) => matches(path))) return [];
    const message = `"${text}" gives no file: a pattern is relative to the root of the repository, and what another pattern excludes is left out`;
    return [warning('NoMatch', pointer, message)];
  });
}
