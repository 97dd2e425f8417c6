// The pullRequest generator: the pull requests of a repository in, one set of parameters for each that passes the filters out.
import type { PullRequestGenerator } from '@wheelwright/intent';
import { branchSlug } from './branch-slug.js';
import type { PullRequestFact, PullRequestsRequest } from './facts.js';
import { valueNames, withValues } from './generator-values.js';
import { nothingYet, type GeneratorContext, type Params, type Produced, type Vocabulary } from './params.js';
import { compilePullRequestFilters } from './scm-filters.js';

const NAMES = [
  'number',
  'title',
  'branch',
  'branch_slug',
  'target_branch',
  'target_branch_slug',
  'head_sha',
  'head_short_sha',
  'head_short_sha_7',
  'author',
];

/** One set for each pull request, in the order of the answer. Labels are a list, which only Go templates can read: flat ones have none. */
export function generatePullRequest(generator: PullRequestGenerator, context: GeneratorContext): Produced {
  const vocabulary = pullRequestVocabulary(generator, context.mode);
  const passes = compilePullRequestFilters(generator.filters, context.pointer);
  const answer = context.facts.read(pullRequestsRequest(generator, context.set.namespace));
  if (answer === undefined) return nothingYet(vocabulary);
  const sets = answer.pullRequests.filter(passes).map((fact) => {
    const params = paramsOf(fact);
    return withValues(context.mode === 'go' ? { ...params, labels: fact.labels } : params, generator.values, context);
  });
  return { sets, issues: [], vocabulary };
}

/** What is asked: equal for generators that differ in their filters only. */
export function pullRequestsRequest(generator: PullRequestGenerator, namespace: string): PullRequestsRequest {
  const {
    values: _values,
    template: _template,
    filters: _filters,
    requeueAfterSeconds: _requeue,
    ...asked
  } = generator;
  return { kind: 'pullRequests', namespace, generator: asked };
}

function paramsOf(fact: PullRequestFact): Params {
  return {
    number: String(fact.number),
    title: fact.title,
    branch: fact.branch,
    branch_slug: branchSlug(fact.branch),
    target_branch: fact.targetBranch,
    target_branch_slug: branchSlug(fact.targetBranch),
    head_sha: fact.headSha,
    head_short_sha: fact.headSha.slice(0, 8),
    head_short_sha_7: fact.headSha.slice(0, 7),
    author: fact.author,
  };
}

/** The names that the generator produces. */
export function pullRequestVocabulary(generator: PullRequestGenerator, mode: 'flat' | 'go'): Vocabulary {
  const names = [...NAMES, ...(mode === 'go' ? ['labels'] : []), ...valueNames(generator.values)];
  return { generator: 'a pullRequest generator', names, produces: (name) => names.includes(name) };
}
