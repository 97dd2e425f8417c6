// The provider of a generator and its credentials in, the Git host to ask out.
import type { PullRequestGenerator, ScmProviderGenerator } from '@wheelwright/intent';
import { AppError } from '@wheelwright/kernel';
import type { PullRequestQuery, ScmHost, ScmPullRequestHost } from '@wheelwright/platform-scm';
import type { InputTexts } from './scm-credentials.js';

/** Whose repositories are asked for, and whether all of their branches are. */
export interface ScmProviderTarget {
  readonly host: ScmHost;
  readonly allBranches: boolean;
}

/** The one provider that an scmProvider generator names. Throws ExpandFailed. */
export async function scmProviderTarget(
  generator: ScmProviderGenerator,
  texts: InputTexts,
): Promise<ScmProviderTarget> {
  const { github, gitlab, gitea, bitbucketServer, bitbucket, azureDevOps } = generator;
  if (github !== undefined) {
    const { organization } = github;
    return target(github, { kind: 'github', organization, ...(await gitHub(github, texts)) });
  }
  if (gitlab !== undefined) {
    const { group, includeSubgroups, includeSharedProjects = true, includeArchivedRepos, topic } = gitlab;
    const options = given({ includeSubgroups, includeArchivedRepos, topic: filled(topic) });
    const access = await connection(gitlab, texts);
    return target(gitlab, { kind: 'gitlab', group, includeSharedProjects, ...options, ...access });
  }
  if (gitea !== undefined) {
    const { owner, api } = gitea;
    return target(gitea, { kind: 'gitea', owner, ...(await connection(gitea, texts)), api });
  }
  if (bitbucketServer !== undefined) {
    const { project, api } = bitbucketServer;
    const access = { ...(await connection(bitbucketServer, texts)), ...(await texts.login(bitbucketServer)) };
    return target(bitbucketServer, { kind: 'bitbucketServer', project, ...access, api });
  }
  if (bitbucket !== undefined) {
    const { owner, user: username, appPasswordRef } = bitbucket;
    const login = await texts.login(
      appPasswordRef === undefined ? {} : { basicAuth: { username, passwordRef: appPasswordRef } },
    );
    return target(bitbucket, { kind: 'bitbucket', owner, ...login });
  }
  if (azureDevOps !== undefined) {
    const { organization, teamProject, api, accessTokenRef } = azureDevOps;
    const access = given({ api: filled(api), token: await texts.secret(accessTokenRef) });
    return target(azureDevOps, { kind: 'azureDevOps', organization, teamProject, ...access });
  }
  throw new AppError(
    'ExpandFailed',
    generator.awsCodeCommit === undefined
      ? 'The scmProvider generator names no provider'
      : 'awsCodeCommit needs an identity of AWS, which Wheelwright does not have: list the repositories with another generator',
  );
}

/** Whose pull requests are asked for, and which of them. */
export interface PullRequestTarget {
  readonly host: ScmPullRequestHost;
  readonly query: PullRequestQuery;
}

/** The one provider that a pullRequest generator names. Throws ExpandFailed. */
export async function pullRequestTarget(
  generator: PullRequestGenerator,
  texts: InputTexts,
): Promise<PullRequestTarget> {
  const { github, gitlab, gitea, bitbucketServer, bitbucket, azuredevops } = generator;
  if (github !== undefined) {
    const { owner, repo, labels } = github;
    return { host: { kind: 'github', owner, repo, ...(await gitHub(github, texts)) }, query: given({ labels }) };
  }
  if (gitlab !== undefined) {
    const { project, labels, pullRequestState } = gitlab;
    const query = given({ labels, state: filled(pullRequestState) });
    return { host: { kind: 'gitlab', project, ...(await connection(gitlab, texts)) }, query };
  }
  if (gitea !== undefined) {
    const { owner, repo, api, labels } = gitea;
    return { host: { kind: 'gitea', owner, repo, ...(await connection(gitea, texts)), api }, query: given({ labels }) };
  }
  if (bitbucketServer !== undefined) {
    const { project, repo, api } = bitbucketServer;
    const access = { ...(await connection(bitbucketServer, texts)), ...(await texts.login(bitbucketServer)) };
    return { host: { kind: 'bitbucketServer', project, repo, ...access, api }, query: {} };
  }
  if (bitbucket !== undefined) {
    const { owner, repo } = bitbucket;
    const access = { ...given({ api: filled(bitbucket.api) }), ...(await texts.login(bitbucket)) };
    return { host: { kind: 'bitbucket', owner, repo, ...access }, query: {} };
  }
  if (azuredevops !== undefined) {
    const { organization, project, repo, labels } = azuredevops;
    const access = await connection(azuredevops, texts);
    return { host: { kind: 'azureDevOps', organization, project, repo, ...access }, query: given({ labels }) };
  }
  throw new AppError('ExpandFailed', 'The pullRequest generator names no provider');
}

function target(provider: { readonly allBranches?: boolean }, host: ScmHost): ScmProviderTarget {
  return { host, allBranches: provider.allBranches === true };
}

type GitHub = NonNullable<ScmProviderGenerator['github'] | PullRequestGenerator['github']>;

/** A GitHub App wins over a token, as in the peer. */
async function gitHub({ api, appSecretName = '', tokenRef }: GitHub, texts: InputTexts) {
  if (appSecretName === '') return given({ api: filled(api), token: await texts.secret(tokenRef) });
  const { app, api: ofApp } = await texts.gitHubApp(appSecretName);
  return { app, ...given({ api: filled(api) ?? ofApp }) };
}

interface Reached {
  readonly api?: string;
  readonly insecure?: boolean;
  readonly tokenRef?: Parameters<InputTexts['secret']>[0];
  readonly caRef?: Parameters<InputTexts['certificate']>[0];
}

async function connection({ api, insecure, tokenRef, caRef }: Reached, texts: InputTexts) {
  const [token, ca] = [await texts.secret(tokenRef), await texts.certificate(caRef)];
  return given({ api: filled(api), insecure, token, ca });
}

function filled(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}

type Given<T> = { readonly [K in keyof T]?: Exclude<T[K], undefined> };

/** Without the members that are absent: absent and `undefined` are two things to the compiler. */
function given<T extends object>(members: T): Given<T> {
  // What is left holds no undefined member.
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as Given<T>;
}
