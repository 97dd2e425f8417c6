// Gitea (and Forgejo), REST API v1.
import { z } from 'zod';
import { mapBounded } from '@wheelwright/platform-kube';
import type { Call } from '../call.js';
import { COUNT, LABELS, NAME, OPTIONAL_NAME, SHA, TEXT } from '../forms.js';
import { hasLabels } from '../labels.js';
import { BY_LINK } from '../paging.js';
import type { GiteaAccess } from '../types.js';
import { filePath, path, rootOf } from '../urls.js';
import type { Provider } from './provider.js';

const REPOSITORY = z.object({
  id: COUNT,
  name: NAME,
  ssh_url: TEXT,
  html_url: TEXT,
  default_branch: OPTIONAL_NAME,
  empty: z.boolean().nullish(),
  archived: z.boolean().nullish(),
});
const BRANCH = z.object({ name: NAME, commit: z.object({ id: SHA }) });
const LABEL = z.object({ name: TEXT });
const PULL_REQUEST = z.object({
  number: COUNT,
  title: TEXT,
  head: z.object({ ref: NAME, sha: SHA }),
  base: z.object({ ref: NAME }),
  user: z.object({ login: TEXT }).nullish(),
  labels: LABELS,
});
/** What a page holds on a host that is not set up otherwise. */
const PAGE = 50;
const LABELS_AT_ONCE = 8;

export const gitea: Provider<
  GiteaAccess,
  GiteaAccess & { readonly owner: string },
  GiteaAccess & { readonly owner: string; readonly repo: string }
> = {
  address: ({ api, token }) => ({
    provider: 'Gitea',
    root: rootOf(api, '/api/v1'),
    headers: token === undefined ? {} : { authorization: `token ${token}` },
    credentials: { token },
  }),

  repositories: async (call, { owner }, protocol) => {
    const rows = await call.list({
      path: path`/orgs/${owner}/repos`,
      query: { limit: PAGE },
      paging: BY_LINK,
      row: REPOSITORY,
    });
    return mapBounded(rows, LABELS_AT_ONCE, async (row) => ({
      organization: owner,
      repository: row.name,
      repositoryId: row.id,
      url: protocol === 'ssh' ? row.ssh_url : row.html_url,
      // The default branch of an empty repository is a name only.
      ...(row.default_branch === undefined || row.empty === true ? {} : { defaultBranch: row.default_branch }),
      labels: await labelsOf(call, owner, row.name),
      archived: row.archived === true,
    }));
  },

  branches: async (call, { owner }, { repository, all }) => {
    const branches = path`/repos/${owner}/${repository.repository}/branches`;
    if (all) {
      const rows = await call.list({ path: branches, query: { limit: PAGE }, paging: BY_LINK, row: BRANCH });
      return rows.map((row) => ({ name: row.name, sha: row.commit.id }));
    }
    if (repository.defaultBranch === undefined) return [];
    const row = await call.get(branches + path`/${repository.defaultBranch}`, { form: BRANCH });
    return [{ name: row.name, sha: row.commit.id }];
  },

  pathExists: async (call, { owner }, { repository, branch, path: file }) => {
    const contents = path`/repos/${owner}/${repository.repository}/contents/` + filePath(file);
    return (await call.probe(contents, { ref: branch.sha })).status !== 404;
  },

  pullRequests: async (call, { owner, repo }, { labels }) => {
    const rows = await call.list({
      path: path`/repos/${owner}/${repo}/pulls`,
      query: { state: 'open', limit: PAGE },
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

/** The labels of a repository's issues: what Argo CD matches `labelMatch` with. */
async function labelsOf(call: Call, owner: string, repository: string): Promise<readonly string[]> {
  const labels = path`/repos/${owner}/${repository}/labels`;
  const rows = await call.list({ path: labels, query: { limit: PAGE }, paging: BY_LINK, row: LABEL });
  return rows.map(({ name }) => name);
}
