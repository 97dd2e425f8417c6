// A path of a repository in, the parameters that describe it out: the same for directories and for files.
import type { GitGenerator } from '@wheelwright/intent';
import { normalizeName } from '@wheelwright/go-template';
import type { JsonValue } from '@wheelwright/kernel';
import { valueNames } from './generator-values.js';
import type { GeneratorContext, Params } from './params.js';

/** A directory, and for files the name of the file in it. The root is `.`, as Go has it. */
export interface GitPath {
  readonly directory: string;
  readonly filename?: string;
}

/** `path` and what belongs to it: dotted names in flat mode, a map in go mode; with `pathParamPrefix: p` under `p.path`. */
export function gitPathParams(path: GitPath, git: GitGenerator, mode: GeneratorContext['mode']): Params {
  const { directory, filename } = path;
  const segments = directory.split('/');
  const basename = segments.at(-1) ?? '';
  const parts = {
    basename,
    ...(filename === undefined ? {} : { filename }),
    basenameNormalized: normalizeName(basename),
    ...(filename === undefined ? {} : { filenameNormalized: normalizeName(filename) }),
  };
  const { pathParamPrefix = '' } = git;
  if (mode === 'go') {
    const described = { path: { path: directory, ...parts, segments } };
    return pathParamPrefix === '' ? described : { [pathParamPrefix]: described };
  }
  const prefix = flatPrefix(git);
  const params: Record<string, JsonValue> = { [prefix]: directory };
  for (const [key, value] of Object.entries(parts)) params[`${prefix}.${key}`] = value;
  for (const [index, segment] of segments.entries()) {
    if (segment !== '') params[`${prefix}[${String(index)}]`] = segment;
  }
  return params;
}

/** The names that {@link gitPathParams} and `values` give, whatever the repository holds. */
export function gitPathNames(
  git: GitGenerator,
  kind: 'directories' | 'files',
  mode: GeneratorContext['mode'],
): { readonly names: readonly string[]; readonly produces: (name: string) => boolean } {
  const prefix = flatPrefix(git);
  const parts = ['basename', 'basenameNormalized', ...(kind === 'files' ? ['filename', 'filenameNormalized'] : [])];
  const dotted = parts.map((part) => `${prefix}.${part}`);
  const values = valueNames(git.values);
  if (mode === 'go') {
    const names = [`${prefix}.path`, ...dotted, `${prefix}.segments`, ...values];
    return { names, produces: (name) => names.includes(name) };
  }
  const names = [prefix, ...dotted, ...values];
  const isSegment = (name: string): boolean =>
    name.startsWith(`${prefix}[`) && /^\d+\]$/.test(name.slice(prefix.length + 1));
  return { names: [...names, `${prefix}[n]`], produces: (name) => names.includes(name) || isSegment(name) };
}

/** The revision to read: `HEAD` where none is given. */
export function revisionOf(git: GitGenerator): string {
  return git.revision === '' ? 'HEAD' : git.revision;
}

function flatPrefix({ pathParamPrefix = '' }: GitGenerator): string {
  return pathParamPrefix === '' ? 'path' : `${pathParamPrefix}.path`;
}
