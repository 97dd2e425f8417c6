// Azure DevOps Services and Server, REST API 6.0 (the oldest that has all of this).
import { z } from 'zod';
import { isJsonObject } from '@wheelwright/kernel';
import { errorOfStatus } from '../errors.js';
import { COUNT, LABELS, NAME, OPTIONAL_NAME, SHA, TEXT } from '../forms.js';
import { hasLabels } from '../labels.js';
import { BY_CONTINUATION, BY_SKIP } from '../paging.js';
import type { AzureDevOpsAccess } from '../types.js';
import { path, plainPath, rootOf } from '../urls.js';
import { authorization, type Provider } from './provider.js';

const REPOSITORY = z.object({ id: NAME, name: NAME, remoteUrl: TEXT.nullish(), defaultBranch: OPTIONAL_NAME });
const REF = z.object({ name: NAME, objectId: SHA });
const BRANCH = z.object({ name: NAME, commit: z.object({ commitId: SHA }) });
const PULL_REQUEST = z.object({
  pullRequestId: COUNT,
  title: TEXT,
  sourceRefName: NAME,
  targetRefName: NAME,
  lastMergeSourceCommit: z.object({ commitId: SHA }).nullish(),
  createdBy: z.object({ uniqueName: TEXT }).nullish(),
  labels: LABELS,
});
const VERSION = { 'api-version': '6.0' };
/** The host takes at most 1,000 refs. */
const REFS_PAGE = 1_000;
const PULL_REQUEST_PAGE = 100;

type Host = AzureDevOpsAccess & { readonly teamProject: string };

export const azureDevOps: Provider<
  AzureDevOpsAccess,
  Host,
  AzureDevOpsAccess & { readonly project: string; readonly repo: string }
> = {
  address: ({ api, organization, token }) => ({
    provider: 'Azure DevOps',
    root: rootOf(api === undefined || api === '' ? 'https://dev.azure.com' : api) + path`/${organization}`,
    // A personal access token is a password without a user.
    headers: authorization(token === undefined ? {} : { basicAuth: { username: '', password: token } }),
    credentials: { token },
  }),

  repositories: async (call, { organization, teamProject }) => {
    const rows = await call.list({
      path: path`/${teamProject}/_apis/git/repositories`,
      query: VERSION,
      paging: BY_CONTINUATION,
      row: REPOSITORY,
    });
    // As Argo CD: repositories that are empty or disabled have no default branch, and are left out.
    return rows.flatMap((row) => {
      if (row.defaultBranch === undefined || row.remoteUrl === undefined || row.remoteUrl === null) return [];
      return {
        organization,
        repository: row.name,
        repositoryId: row.id,
        url: row.remoteUrl,
        defaultBranch: branchName(row.defaultBranch),
        labels: [],
      };
    });
  },

  branches: async (call, { teamProject }, { repository, all }) => {
    const root = path`/${teamProject}/_apis/git/repositories/${String(repository.repositoryId)}`;
    if (all) {
      const rows = await call.list({
        path: `${root}/refs`,
        query: { ...VERSION, filter: 'heads/', $top: REFS_PAGE },
        paging: BY_CONTINUATION,
        row: REF,
      });
      return rows.map((row) => ({ name: branchName(row.name), sha: row.objectId }));
    }
    if (repository.defaultBranch === undefined) return [];
    const query = { ...VERSION, name: repository.defaultBranch };
    const row = await call.find(`${root}/stats/branches`, { query, form: BRANCH });
    return row === undefined ? [] : [{ name: row.name, sha: row.commit.commitId }];
  },

  pathExists: async (call, { teamProject }, { repository, branch, path: file }) => {
    const answer = await call.probe(
      path`/${teamProject}/_apis/git/repositories/${String(repository.repositoryId)}/items`,
      {
        ...VERSION,
        path: `/${plainPath(file)}`,
        'versionDescriptor.versionType': 'commit',
        'versionDescriptor.version': branch.sha,
      },
    );
    if (answer.status !== 404) return true;
    // Everything that is not found is 404 here: only the item itself may be missing.
    const typeKey = isJsonObject(answer.body) ? answer.body['typeKey'] : undefined;
    if (typeKey === 'GitItemNotFoundException') return false;
    throw errorOfStatus(answer.asked, answer.status);
  },

  pullRequests: async (call, { project, repo }, { labels }) => {
    const rows = await call.list({
      path: path`/${project}/_apis/git/repositories/${repo}/pullrequests`,
      query: { ...VERSION, 'searchCriteria.status': 'active', $top: PULL_REQUEST_PAGE },
      paging: BY_SKIP,
      row: PULL_REQUEST,
    });
    // A pull request without a commit has not been merged on trial yet: it comes with the next answer.
    return rows.flatMap((row) => {
      const { lastMergeSourceCommit: commit } = row;
      if (commit === undefined || commit === null || !hasLabels(row.labels, labels)) return [];
      return {
        number: row.pullRequestId,
        title: row.title,
        branch: branchName(row.sourceRefName),
        targetBranch: branchName(row.targetRefName),
        headSha: commit.commitId,
        // Accounts are named by their mail address.
        author: row.createdBy?.uniqueName.split('@')[0] ?? '',
        labels: row.labels,
      };
    });
  },
};

function branchName(ref: string): string {
  return ref.replace(/^refs\/heads\//, '');
}
