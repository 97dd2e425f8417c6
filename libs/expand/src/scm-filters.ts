// The filters of scmProvider and pullRequest: facts of a Git host in, whether they pass out. Pure; what has to be asked first is an answer too.
import type { PullRequestFilter, ScmProviderFilter } from '@wheelwright/intent';
import { RE2JS } from 're2js';
import { failedAt } from './params.js';

/** Patterns are found anywhere in a text, in linear time. */
type Match = (text: string) => boolean;

interface CompiledFilter {
  readonly repository?: Match;
  readonly label?: Match;
  readonly branch?: Match;
  readonly exist: readonly string[];
  readonly notExist: readonly string[];
}

/** Filters in their two phases, compiled. */
export interface ScmFilters {
  /** With conditions on repositories only: OR-ed. */
  readonly ofRepositories: readonly CompiledFilter[];
  /** With a condition on branches, and perhaps on repositories too: OR-ed, after the others. */
  readonly ofBranches: readonly CompiledFilter[];
}

/** What the first phase looks at. */
export interface RepositoryFacts {
  readonly repository: string;
  readonly labels: readonly string[];
}

/** `ask`: whether the branch holds the path has to be known first. */
export type BranchVerdict = 'passes' | 'fails' | { readonly ask: string };

/** Compiles filters. Throws ExpandFailed for a pattern that Go would not read. */
export function compileScmFilters(filters: readonly ScmProviderFilter[] | undefined, pointer: string): ScmFilters {
  const compiled = (filters ?? []).map((filter, index) => {
    const at = `${pointer}/filters/${String(index)}`;
    const { repositoryMatch, labelMatch, branchMatch, pathsExist, pathsDoNotExist } = filter;
    return {
      isOfBranches: branchMatch !== undefined || pathsExist !== undefined || pathsDoNotExist !== undefined,
      isOfRepositories: repositoryMatch !== undefined || labelMatch !== undefined,
      filter: {
        ...match('repository', repositoryMatch, `${at}/repositoryMatch`),
        ...match('label', labelMatch, `${at}/labelMatch`),
        ...match('branch', branchMatch, `${at}/branchMatch`),
        exist: (pathsExist ?? []).map(withoutSlash),
        notExist: (pathsDoNotExist ?? []).map(withoutSlash),
      },
    };
  });
  return {
    ofRepositories: compiled.filter((each) => each.isOfRepositories && !each.isOfBranches).map(({ filter }) => filter),
    ofBranches: compiled.filter((each) => each.isOfBranches).map(({ filter }) => filter),
  };
}

/** Whether any branch of a repository can pass: the branches of others need not be asked for. */
export function repositoryPhase(filters: ScmFilters, facts: RepositoryFacts): boolean {
  const { ofRepositories, ofBranches } = filters;
  const passes = ofRepositories.length === 0 || ofRepositories.some((filter) => matchesRepository(filter, facts));
  return passes && (ofBranches.length === 0 || ofBranches.some((filter) => matchesRepository(filter, facts)));
}

/**
 * Whether a branch of a repository that passed the first phase passes the second one. `paths` holds what is known of the branch. Paths are
 * asked for one at a time, and only where the answer can still change the verdict.
 */
export function branchPhase(
  filters: ScmFilters,
  facts: RepositoryFacts & { readonly branch: string },
  paths: ReadonlyMap<string, boolean>,
): BranchVerdict {
  if (filters.ofBranches.length === 0) return 'passes';
  let open: BranchVerdict = 'fails';
  for (const filter of filters.ofBranches) {
    if (!matchesRepository(filter, facts)) continue;
    if (filter.branch !== undefined && !filter.branch(facts.branch)) continue;
    const verdict = pathsVerdict(filter, paths);
    if (verdict === 'passes') return verdict;
    if (open === 'fails') open = verdict;
  }
  return open;
}

/** Compiles the filters of pull requests: true where one of them matches in all of its conditions, or where there is none. */
export function compilePullRequestFilters(
  filters: readonly PullRequestFilter[] | undefined,
  pointer: string,
): (facts: { readonly branch: string; readonly targetBranch: string; readonly title: string }) => boolean {
  const compiled = (filters ?? []).map((filter, index) => {
    const at = `${pointer}/filters/${String(index)}`;
    return {
      ...match('branch', filter.branchMatch, `${at}/branchMatch`),
      ...match('targetBranch', filter.targetBranchMatch, `${at}/targetBranchMatch`),
      ...match('title', filter.titleMatch, `${at}/titleMatch`),
    };
  });
  if (compiled.length === 0) return () => true;
  return (facts) =>
    compiled.some(
      ({ branch, targetBranch, title }) =>
        branch?.(facts.branch) !== false &&
        targetBranch?.(facts.targetBranch) !== false &&
        title?.(facts.title) !== false,
    );
}

function matchesRepository({ repository, label }: CompiledFilter, facts: RepositoryFacts): boolean {
  if (repository?.(facts.repository) === false) return false;
  return label === undefined || facts.labels.some(label);
}

function pathsVerdict({ exist, notExist }: CompiledFilter, paths: ReadonlyMap<string, boolean>): BranchVerdict {
  if (exist.some((path) => paths.get(path) === false) || notExist.some((path) => paths.get(path) === true))
    return 'fails';
  const unknown = [...exist, ...notExist].find((path) => !paths.has(path));
  return unknown === undefined ? 'passes' : { ask: unknown };
}

function match<K extends string>(key: K, text: string | undefined, pointer: string): { readonly [P in K]?: Match } {
  if (text === undefined) return {};
  const pattern = compile(text, pointer);
  const matcher: Match = (value) => pattern.matcher(value).find();
  // A computed key of a generic type is a plain string to the compiler.
  return { [key]: matcher } as { readonly [P in K]?: Match };
}

function compile(text: string, pointer: string): RE2JS {
  try {
    return RE2JS.compile(text);
  } catch (cause) {
    throw failedAt(pointer, 'it is not a regular expression that Go reads', cause);
  }
}

function withoutSlash(path: string): string {
  return path.replace(/\/+$/, '');
}
