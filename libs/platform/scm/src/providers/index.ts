// Which provider a host is of, and its functions with the host filled in.
import { assertUnreachable } from '@wheelwright/kernel';
import type { Call } from '../call.js';
import type {
  CloneProtocol,
  PullRequestQuery,
  ScmBranch,
  ScmConnection,
  ScmHost,
  ScmPullRequest,
  ScmPullRequestHost,
  ScmRepository,
} from '../types.js';
import { azureDevOps } from './azure-devops.js';
import { bitbucketServer } from './bitbucket-server.js';
import { bitbucket } from './bitbucket.js';
import { gitea } from './gitea.js';
import { github } from './github.js';
import { gitlab } from './gitlab.js';
import type { Address, BranchQuery, PathQuery, Provider } from './provider.js';

/** An owner's repositories. */
export interface Owner {
  readonly address: Address;
  repositories(call: Call, protocol: CloneProtocol): Promise<readonly ScmRepository[]>;
  branches(call: Call, query: BranchQuery): Promise<readonly ScmBranch[]>;
  pathExists(call: Call, query: PathQuery): Promise<boolean>;
}

/** One repository's pull requests. */
export interface Project {
  readonly address: Address;
  pullRequests(call: Call, query: PullRequestQuery): Promise<readonly ScmPullRequest[]>;
}

/** The owner that a host names. */
export function ownerOf(host: ScmHost): Owner {
  switch (host.kind) {
    case 'github':
      return bindOwner(github, host);
    case 'gitlab':
      return bindOwner(gitlab, host);
    case 'gitea':
      return bindOwner(gitea, host);
    case 'bitbucket':
      return bindOwner(bitbucket, host);
    case 'bitbucketServer':
      return bindOwner(bitbucketServer, host);
    case 'azureDevOps':
      return bindOwner(azureDevOps, host);
    default:
      return assertUnreachable(host);
  }
}

/** The repository that a host names. */
export function projectOf(host: ScmPullRequestHost): Project {
  switch (host.kind) {
    case 'github':
      return bindProject(github, host);
    case 'gitlab':
      return bindProject(gitlab, host);
    case 'gitea':
      return bindProject(gitea, host);
    case 'bitbucket':
      return bindProject(bitbucket, host);
    case 'bitbucketServer':
      return bindProject(bitbucketServer, host);
    case 'azureDevOps':
      return bindProject(azureDevOps, host);
    default:
      return assertUnreachable(host);
  }
}

function bindOwner<A extends ScmConnection, H extends A, P extends A>(provider: Provider<A, H, P>, host: H): Owner {
  return {
    address: provider.address(host),
    repositories: async (call, protocol) => provider.repositories(call, host, protocol),
    branches: async (call, query) => provider.branches(call, host, query),
    pathExists: async (call, query) => provider.pathExists(call, host, query),
  };
}

function bindProject<A extends ScmConnection, H extends A, P extends A>(provider: Provider<A, H, P>, host: P): Project {
  return {
    address: provider.address(host),
    pullRequests: async (call, query) => provider.pullRequests(call, host, query),
  };
}
