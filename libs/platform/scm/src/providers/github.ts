// GitHub and GitHub Enterprise Server, REST API 2022-11-28.
import { z } from 'zod';
import { COUNT, LABEL_NAMES, LABELS, NAME, OPTIONAL_NAME, SHA, TEXT } from '../forms.js';
import { hasLabels } from '../labels.js';
import { BY_LINK } from '../paging.js';
import type { GitHubAccess } from '../types.js';
import { filePath, path, rootOf } from '../urls.js';
import type { Provider } from './provider.js';

const REPOSITORY = z.object({
  id: COUNT,
  name: NAME,
  owner: z.object({ login: NAME }),
  ssh_url: TEXT,
  clone_url: TEXT,
  default_branch: OPTIONAL_NAME,
  topics: LABEL_NAMES.nullish(),
  archived: z.boolean().nullish(),
});
const BRANCH = z.object({ name: NAME, commit: z.object({ sha: SHA }) });
const PULL_REQUEST = z.object({
  number: COUNT,
  title: TEXT,
  head: z.object({ ref: NAME, sha: SHA }),
  base: z.object({ ref: NAME }),
  // An account that is gone is null.
  user: z.object({ login: TEXT }).nullish(),
  labels: LABELS,
});

export const github: Provider<
  GitHubAccess,
  GitHubAccess & { readonly organization: string },
  GitHubAccess & { readonly owner: string; readonly repo: string }
> = {
  address: ({ api, token }) => ({
    provider: 'GitHub',
    root: rootOfApi(api),
    headers: {
      accept: 'application/vnd.github+json',
      'x-github-api-version': '2022-11-28',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    credentials: { token },
  }),

  repositories: async (call, { organization }, protocol) => {
    const rows = await call.list({
      path: path`/orgs/${organization}/repos`,
      query: { per_page: 100 },
      paging: BY_LINK,
      row: REPOSITORY,
    });
    return rows.map((row) => ({
      organization: row.owner.login,
      repository: row.name,
      repositoryId: row.id,
      url: protocol === 'ssh' ? row.ssh_url : row.clone_url,
      ...(row.default_branch === undefined ? {} : { defaultBranch: row.default_branch }),
      labels: row.topics ?? [],
      archived: row.archived === true,
    }));
  },

  branches: async (call, _host, { repository, all }) => {
    const { organization, repository: name, defaultBranch } = repository;
    const branches = path`/repos/${organization}/${name}/branches`;
    if (all) {
      const rows = await call.list({ path: branches, query: { per_page: 100 }, paging: BY_LINK, row: BRANCH });
      return rows.map((row) => ({ name: row.name, sha: row.commit.sha }));
    }
    if (defaultBranch === undefined) return [];
    // An empty repository has a default branch by name only.
    const row = await call.find(branches + path`/${defaultBranch}`, { form: BRANCH });
    return row === undefined ? [] : [{ name: row.name, sha: row.commit.sha }];
  },

  pathExists: async (call, _host, { repository, branch, path: file }) => {
    const contents = path`/repos/${repository.organization}/${repository.repository}/contents/` + filePath(file);
    return (await call.probe(contents, { ref: branch.sha })).status !== 404;
  },

  pullRequests: async (call, { owner, repo }, { labels }) => {
    const rows = await call.list({
      path: path`/repos/${owner}/${repo}/pulls`,
      query: { state: 'open', per_page: 100 },
      paging: BY_LINK,
      row: PULL_REQUEST,
    });
    return rows
      .filter((row) => hasLabels(row.labels, labels))
      .map((row) => ({
        number: row.number,
        title: row.title,
        branch: row.head.ref,
        targetBranch: row.base.ref,
        headSha: row.head.sha,
        author: row.user?.login ?? '',
        labels: row.labels,
      }));
  },
};

/** The root as Argo CD completes it: Enterprise Server has its API below `/api/v3`, hosts named `api.` at their root. */
function rootOfApi(api: string | undefined): string {
  if (api === undefined || api === '') return 'https://api.github.com';
  const host = URL.canParse(api) ? new URL(api).hostname : '';
  return rootOf(api, host.startsWith('api.') || host.includes('.api.') ? '' : '/api/v3');
}
