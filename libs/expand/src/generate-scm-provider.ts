// The scmProvider generator: the branches of an organisation's repositories that its filters let pass in, one set of parameters for each out.
import { normalizeName } from '@wheelwright/go-template';
import type { ScmProviderGenerator } from '@wheelwright/intent';
import type { RepositoriesRequest, ScmBranchFact } from './facts.js';
import { valueNames, withValues } from './generator-values.js';
import { nothingYet, type GeneratorContext, type Params, type Produced, type Vocabulary } from './params.js';

const NAMES = [
  'organization',
  'repository',
  'repository_id',
  'url',
  'branch',
  'sha',
  'short_sha',
  'short_sha_7',
  'labels',
  'branchNormalized',
];

/** One set for each branch, in the order of the answer. Asks for the repositories; the filters are applied where they are gathered. */
export function generateScmProvider(generator: ScmProviderGenerator, context: GeneratorContext): Produced {
  const vocabulary = scmProviderVocabulary(generator);
  const answer = context.facts.read(repositoriesRequest(generator, context.set.namespace));
  if (answer === undefined) return nothingYet(vocabulary);
  const sets = answer.repositories.map((fact) => withValues(paramsOf(fact), generator.values, context));
  return { sets, issues: [], vocabulary };
}

/** What is asked: everything that decides which branches there are. */
export function repositoriesRequest(generator: ScmProviderGenerator, namespace: string): RepositoriesRequest {
  const { values: _values, template: _template, requeueAfterSeconds: _requeue, ...asked } = generator;
  return { kind: 'repositories', namespace, generator: asked };
}

function paramsOf(fact: ScmBranchFact): Params {
  return {
    organization: fact.organization,
    repository: fact.repository,
    repository_id: fact.repositoryId,
    url: fact.url,
    branch: fact.branch,
    sha: fact.sha,
    short_sha: fact.sha.slice(0, 8),
    short_sha_7: fact.sha.slice(0, 7),
    labels: fact.labels.join(','),
    branchNormalized: normalizeName(fact.branch),
  };
}

/** The names that the generator produces. */
export function scmProviderVocabulary(generator: ScmProviderGenerator): Vocabulary {
  const names = [...NAMES, ...valueNames(generator.values)];
  return { generator: 'an scmProvider generator', names, produces: (name) => names.includes(name) };
}
