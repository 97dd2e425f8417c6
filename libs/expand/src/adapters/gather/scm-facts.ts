// Requests for repositories and pull requests in, what the Git host answers out: everything, or a failure.
import { AppError } from '@wheelwright/kernel';
import { mapBounded } from '@wheelwright/platform-kube';
import type { CloneProtocol, ScmBranch, ScmPullRequest, ScmRepository } from '@wheelwright/platform-scm';
import type {
  PullRequestFact,
  PullRequestsAnswer,
  PullRequestsRequest,
  RepositoriesAnswer,
  RepositoriesRequest,
  ScmBranchFact,
} from '../../facts.js';
import { branchPhase, compileScmFilters, repositoryPhase } from '../../scm-filters.js';
import type { GathererParts } from './parts.js';
import { InputTexts } from './scm-credentials.js';
import { pullRequestTarget, scmProviderTarget, type ScmProviderTarget } from './scm-hosts.js';

/** Calls of one request that are under way at the same time. */
const PARALLEL = 8;

type ScmParts = Pick<GathererParts, 'inputs' | 'scm' | 'settings'>;

/**
 * Branches that pass the filters, by organisation, repository and name. Branches are asked for only of repositories that pass the first phase,
 * paths only where they decide. Throws ExpandFailed, SourceFailed, and Unavailable where the host asks for fewer requests.
 */
export async function scmFacts(parts: ScmParts, request: RepositoriesRequest): Promise<RepositoriesAnswer> {
  assertAllowed(parts);
  const { generator, namespace } = request;
  const filters = compileScmFilters(generator.filters, '/scmProvider');
  const cloneProtocol = protocolOf(generator.cloneProtocol);
  const target = await scmProviderTarget(generator, new InputTexts(parts.inputs, namespace));
  return withSourceFailed(async () => {
    const listed = await parts.scm.repositories(target.host, cloneProtocol === undefined ? {} : { cloneProtocol });
    const candidates = listed.filter((repository) => repositoryPhase(filters, repository));
    const branches = await mapBounded(candidates, PARALLEL, async (repository) => {
      const found = await parts.scm.branches(target.host, repository, { all: target.allBranches });
      return found.map((branch) => ({ repository, branch }));
    });
    const judged = await mapBounded(branches.flat(), PARALLEL, async (at) => {
      const facts = { ...at.repository, branch: at.branch.name };
      const paths = new Map<string, boolean>();
      for (;;) {
        const verdict = branchPhase(filters, facts, paths);
        if (verdict === 'passes') return [factOf(at)];
        if (verdict === 'fails') return [];
        paths.set(verdict.ask, await hasPath(parts, { ...at, target, path: verdict.ask }));
      }
    });
    return { repositories: judged.flat().sort(inOrder) };
  });
}

/**
 * Pull requests by number. Throws as {@link scmFacts} does; a repository that is not there is no pull requests where the generator says
 * `continueOnRepoNotFoundError`.
 */
export async function pullRequestFacts(parts: ScmParts, request: PullRequestsRequest): Promise<PullRequestsAnswer> {
  assertAllowed(parts);
  const { generator, namespace } = request;
  const { host, query } = await pullRequestTarget(generator, new InputTexts(parts.inputs, namespace));
  try {
    const found = await withSourceFailed(() => parts.scm.pullRequests(host, query));
    return { pullRequests: found.map(pullRequestOf).sort((a, b) => a.number - b.number) };
  } catch (error) {
    const isGone = error instanceof AppError && error.details['reason'] === 'NotFound';
    if (isGone && generator.continueOnRepoNotFoundError === true) return { pullRequests: [] };
    throw error;
  }
}

function assertAllowed({ settings }: ScmParts): void {
  if (settings.scmProviders) return;
  const message = 'Generators may not ask Git hosts in this installation: its setting WHEELWRIGHT_SCM_PROVIDERS is off';
  throw new AppError('ExpandFailed', message);
}

function protocolOf(text: string | undefined): CloneProtocol | undefined {
  if (text === undefined || text === '') return undefined;
  if (text === 'ssh' || text === 'https') return text;
  throw new AppError('ExpandFailed', `unknown clone protocol ${JSON.stringify(text)}: write ssh or https`);
}

interface BranchOf {
  readonly repository: ScmRepository;
  readonly branch: ScmBranch;
}

async function hasPath(
  { scm }: ScmParts,
  at: BranchOf & { readonly target: ScmProviderTarget; readonly path: string },
): Promise<boolean> {
  // The root is always there, and no host is asked for it.
  if (at.path === '' || at.path === '.') return true;
  return scm.pathExists(at.target.host, at.repository, { branch: at.branch, path: at.path });
}

function factOf({ repository, branch }: BranchOf): ScmBranchFact {
  return {
    organization: repository.organization,
    repository: repository.repository,
    repositoryId: String(repository.repositoryId),
    url: repository.url,
    branch: branch.name,
    sha: branch.sha,
    labels: repository.labels,
  };
}

function pullRequestOf(found: ScmPullRequest): PullRequestFact {
  const { number, title, branch, targetBranch, headSha, author, labels } = found;
  return { number, title, branch, targetBranch, headSha, author, labels };
}

/** Hosts list by what changed last; one order makes equal answers equal. */
function inOrder(a: ScmBranchFact, b: ScmBranchFact): number {
  for (const key of ['organization', 'repository', 'repositoryId', 'branch'] as const) {
    if (a[key] !== b[key]) return a[key] < b[key] ? -1 : 1;
  }
  return 0;
}

/** Whatever a host does not have is a source that failed, and no missing thing of the hub. */
export async function withSourceFailed<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'NotFound') throw error;
    throw new AppError('SourceFailed', error.message, { details: error.details, cause: error });
  }
}
