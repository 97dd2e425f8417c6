// What is asked of Git hosts, and the plain facts that they answer. Field names are those of the generators of an ApplicationSet.
import type { JsonValue } from '@wheelwright/kernel';

/** How a host is reached and how its certificate is judged. */
export interface ScmConnection {
  /** Root of the API as users write it; absent: that of the public service. Bitbucket Server and Gitea have none. */
  readonly api?: string;
  /** Skips the verification of the certificate. */
  readonly insecure?: boolean;
  /** Certificates (PEM) of authorities that are trusted besides those of the system. */
  readonly ca?: string;
}

/** What a GitHub App proves itself with. */
export interface GitHubAppCredentials {
  readonly appId: string;
  readonly installationId: string;
  /** PEM, PKCS #1 or PKCS #8. */
  readonly privateKey: string;
}

/** User and password, or a token; at most one of the two is used (the token, where both are given). */
export interface BasicOrBearer {
  readonly basicAuth?: { readonly username: string; readonly password: string };
  readonly bearerToken?: string;
}

export interface GitHubAccess extends ScmConnection {
  readonly kind: 'github';
  readonly token?: string;
  /** Wins over `token`. */
  readonly app?: GitHubAppCredentials;
}
export interface GitLabAccess extends ScmConnection {
  readonly kind: 'gitlab';
  readonly token?: string;
}
export interface GiteaAccess extends ScmConnection {
  readonly kind: 'gitea';
  readonly api: string;
  readonly token?: string;
}
export interface BitbucketAccess extends ScmConnection, BasicOrBearer {
  readonly kind: 'bitbucket';
}
export interface BitbucketServerAccess extends ScmConnection, BasicOrBearer {
  readonly kind: 'bitbucketServer';
  readonly api: string;
}
export interface AzureDevOpsAccess extends ScmConnection {
  readonly kind: 'azureDevOps';
  readonly organization: string;
  readonly token?: string;
}

/** Whose repositories are listed, where and as whom (`scmProvider`). Credentials are plain values: never log one. */
export type ScmHost =
  | (GitHubAccess & { readonly organization: string })
  | (GitLabAccess & {
      /** Path or number of the group. */
      readonly group: string;
      readonly includeSubgroups?: boolean;
      readonly includeSharedProjects?: boolean;
      /** Absent or false: archived projects are left out. */
      readonly includeArchivedRepos?: boolean;
      readonly topic?: string;
    })
  | (GiteaAccess & { readonly owner: string })
  | (BitbucketAccess & { readonly owner: string })
  | (BitbucketServerAccess & { readonly project: string })
  | (AzureDevOpsAccess & { readonly teamProject: string });

/** Which repository's pull requests are listed, where and as whom (`pullRequest`). */
export type ScmPullRequestHost =
  | (GitHubAccess & { readonly owner: string; readonly repo: string })
  | (GitLabAccess & {
      /** Path or number of the project. */
      readonly project: string;
    })
  | (GiteaAccess & { readonly owner: string; readonly repo: string })
  | (BitbucketAccess & { readonly owner: string; readonly repo: string })
  | (BitbucketServerAccess & { readonly project: string; readonly repo: string })
  | (AzureDevOpsAccess & { readonly project: string; readonly repo: string });

/** `ssh` is every provider's default, but for Azure DevOps, which always gives the `https` address. */
export type CloneProtocol = 'ssh' | 'https';

export interface ScmRepository {
  readonly organization: string;
  readonly repository: string;
  /** As the provider has it. */
  readonly repositoryId: string | number;
  /** Address to clone from. */
  readonly url: string;
  /** Absent where there is none yet, or the provider does not tell it in lists (Bitbucket Server): `branches` asks for it then. */
  readonly defaultBranch?: string;
  /** Topics (GitHub, GitLab), labels of issues (Gitea); the others have none. */
  readonly labels: readonly string[];
  readonly archived?: boolean;
  /** The name in addresses, where it is not `repository` (Bitbucket Server). */
  readonly slug?: string;
}

export interface ScmBranch {
  readonly name: string;
  /** Commit, hexadecimal. */
  readonly sha: string;
}

export interface ScmPullRequest {
  readonly number: number;
  readonly title: string;
  readonly branch: string;
  readonly targetBranch: string;
  /** Commit, hexadecimal; Bitbucket Cloud tells its first 12 digits. */
  readonly headSha: string;
  /** Empty where the account is gone. */
  readonly author: string;
  readonly labels: readonly string[];
}

export interface PullRequestQuery {
  /** A pull request must have all of them. Without effect on both Bitbuckets, which have no labels. */
  readonly labels?: readonly string[];
  /** GitLab only: `opened`, `closed`, `merged`, `locked`; absent: all, as the host has it. The others list the open ones. */
  readonly state?: string;
}

/** What was asked and saved since the start. */
export interface ScmCounters {
  /** Requests sent, with those of redirects and tokens. */
  readonly requests: number;
  /** Of these: answered 304, so that the kept answer was used. */
  readonly notModified: number;
  /** Pages of lists that were read. */
  readonly pages: number;
  /** Calls that joined an equal one under way. */
  readonly joined: number;
  /** Answers that asked for fewer requests. */
  readonly rateLimited: number;
}

export interface PostRequest {
  readonly bearer?: string;
  readonly body: JsonValue;
  readonly timeoutMs: number;
}

/**
 * Facts of Git hosts, over their REST APIs. A call answers everything or fails; it never answers a part. All throw AppError with
 * `details.reason` ({@link ScmErrorReason}), `details.provider` and `details.host`:
 * `NotFound` where the organisation or repository is not there (or not visible with these credentials),
 * `Unavailable` with `details.retryAfterMs` where the host asks for fewer requests, `SourceFailed` for everything else.
 */
export interface ScmClient {
  repositories(host: ScmHost, options?: { readonly cloneProtocol?: CloneProtocol }): Promise<readonly ScmRepository[]>;
  /** All branches, or the default one only: no branch where the repository is empty. */
  branches(host: ScmHost, repository: ScmRepository, options: { readonly all: boolean }): Promise<readonly ScmBranch[]>;
  /** Whether there is a file or directory at the commit of the branch. `path` is relative to the root. */
  pathExists(
    host: ScmHost,
    repository: ScmRepository,
    at: { readonly branch: ScmBranch; readonly path: string },
  ): Promise<boolean>;
  pullRequests(host: ScmPullRequestHost, query?: PullRequestQuery): Promise<readonly ScmPullRequest[]>;
  /** Posts JSON to a plugin under the same rules of transport; answers its JSON. */
  postJson(url: string, request: PostRequest): Promise<JsonValue>;
  counters(): ScmCounters;
  /** Ends all calls under way (they fail with `Unavailable`) and all sockets. */
  close(): Promise<void>;
}
