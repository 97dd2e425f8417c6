// GitLab, REST API v4. Groups and projects are named by their whole path as one segment, or by their number.
import { z } from 'zod';
import { COUNT, LABEL_NAMES, NAME, OPTIONAL_NAME, SHA, TEXT } from '../forms.js';
import { BY_NEXT_PAGE_HEADER } from '../paging.js';
import type { GitLabAccess } from '../types.js';
import { path, plainPath, rootOf } from '../urls.js';
import type { Provider } from './provider.js';

const PROJECT = z.object({
  id: COUNT,
  path: NAME,
  namespace: z.object({ full_path: NAME }),
  ssh_url_to_repo: TEXT,
  http_url_to_repo: TEXT,
  default_branch: OPTIONAL_NAME,
  topics: LABEL_NAMES.nullish(),
  tag_list: LABEL_NAMES.nullish(),
  archived: z.boolean().nullish(),
});
const BRANCH = z.object({ name: NAME, commit: z.object({ id: SHA }) });
const MERGE_REQUEST = z.object({
  iid: COUNT,
  title: TEXT,
  source_branch: NAME,
  target_branch: NAME,
  sha: SHA.nullish(),
  author: z.object({ username: TEXT }).nullish(),
  labels: LABEL_NAMES.nullish(),
});
const ANYTHING = z.unknown();

export const gitlab: Provider<
  GitLabAccess,
  GitLabAccess & {
    readonly group: string;
    readonly includeSubgroups?: boolean;
    readonly includeSharedProjects?: boolean;
    readonly includeArchivedRepos?: boolean;
    readonly topic?: string;
  },
  GitLabAccess & { readonly project: string }
> = {
  address: ({ api, token }) => ({
    provider: 'GitLab',
    root: rootOf(api === undefined || api === '' ? 'https://gitlab.com' : api, '/api/v4'),
    headers: token === undefined ? {} : { 'private-token': token },
    credentials: { token },
  }),

  repositories: async (call, host, protocol) => {
    const rows = await call.list({
      path: path`/groups/${host.group}/projects`,
      query: {
        per_page: 100,
        include_subgroups: host.includeSubgroups ?? false,
        with_shared: host.includeSharedProjects ?? false,
        archived: host.includeArchivedRepos === true ? undefined : false,
        topic: host.topic === '' ? undefined : host.topic,
      },
      paging: BY_NEXT_PAGE_HEADER,
      row: PROJECT,
    });
    return rows.map((row) => ({
      organization: row.namespace.full_path,
      repository: row.path,
      repositoryId: row.id,
      url: protocol === 'ssh' ? row.ssh_url_to_repo : row.http_url_to_repo,
      ...(row.default_branch === undefined ? {} : { defaultBranch: row.default_branch }),
      // Before 14.5 topics were called tags.
      labels: (row.topics ?? []).length > 0 ? (row.topics ?? []) : (row.tag_list ?? []),
      archived: row.archived === true,
    }));
  },

  branches: async (call, _host, { repository, all }) => {
    const branches = path`/projects/${String(repository.repositoryId)}/repository/branches`;
    if (all) {
      const rows = await call.list({
        path: branches,
        query: { per_page: 100 },
        paging: BY_NEXT_PAGE_HEADER,
        row: BRANCH,
      });
      return rows.map((row) => ({ name: row.name, sha: row.commit.id }));
    }
    if (repository.defaultBranch === undefined) return [];
    const row = await call.find(branches + path`/${repository.defaultBranch}`, { form: BRANCH });
    return row === undefined ? [] : [{ name: row.name, sha: row.commit.id }];
  },

  pathExists: async (call, _host, { repository, branch, path: file }) => {
    const root = path`/projects/${String(repository.repositoryId)}/repository`;
    const plain = plainPath(file);
    if (plain === '') return true;
    const asFile = await call.probe(root + path`/files/${plain}`, { ref: branch.sha });
    if (asFile.status !== 404) return true;
    // A directory is there if something is in it; one that is not there is 404, or an empty list before 15.0.
    const form = z.array(ANYTHING);
    const rows = await call.find(`${root}/tree`, { query: { path: plain, ref: branch.sha, per_page: 1 }, form });
    return rows !== undefined && rows.length > 0;
  },

  pullRequests: async (call, { project }, { labels = [], state }) => {
    const rows = await call.list({
      path: path`/projects/${project}/merge_requests`,
      query: {
        per_page: 100,
        labels: labels.length === 0 ? undefined : labels.join(','),
        state: state === '' ? undefined : state,
      },
      paging: BY_NEXT_PAGE_HEADER,
      row: MERGE_REQUEST,
    });
    // A merge request without a commit is still being prepared: it comes with the next answer.
    return rows.flatMap(({ sha, ...row }) => {
      if (sha === undefined || sha === null) return [];
      return {
        number: row.iid,
        title: row.title,
        branch: row.source_branch,
        targetBranch: row.target_branch,
        headSha: sha,
        author: row.author?.username ?? '',
        labels: row.labels ?? [],
      };
    });
  },
};
