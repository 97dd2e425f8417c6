// Bitbucket Cloud, REST API 2.0. It knows no labels.
import { z } from 'zod';
import { COUNT, NAME, SHA, TEXT } from '../forms.js';
import { BY_NEXT_URL } from '../paging.js';
import type { BitbucketAccess } from '../types.js';
import { filePath, path, rootOf } from '../urls.js';
import { authorization, cloneUrl, type Provider } from './provider.js';

const REPOSITORY = z.object({
  uuid: NAME,
  slug: NAME,
  mainbranch: z.object({ name: NAME }).nullish(),
  links: z.object({ clone: z.array(z.object({ name: NAME, href: TEXT })) }),
});
const BRANCH = z.object({ name: NAME, target: z.object({ hash: SHA }) });
const PULL_REQUEST = z.object({
  id: COUNT,
  title: TEXT,
  source: z.object({ branch: z.object({ name: NAME }), commit: z.object({ hash: SHA }).nullish() }),
  destination: z.object({ branch: z.object({ name: NAME }) }),
  author: z.object({ nickname: TEXT.nullish() }).nullish(),
});
/** The host takes at most 100, and 50 for pull requests. */
const PAGE = 100;
const PULL_REQUEST_PAGE = 50;

export const bitbucket: Provider<
  BitbucketAccess,
  BitbucketAccess & { readonly owner: string },
  BitbucketAccess & { readonly owner: string; readonly repo: string }
> = {
  address: (access) => ({
    provider: 'Bitbucket Cloud',
    root: rootOf(access.api === undefined || access.api === '' ? 'https://api.bitbucket.org/2.0' : access.api),
    headers: authorization(access),
    credentials: { basicAuth: access.basicAuth && { ...access.basicAuth }, bearerToken: access.bearerToken },
  }),

  repositories: async (call, { owner }, protocol) => {
    const rows = await call.list({
      path: path`/repositories/${owner}`,
      query: { role: 'member', pagelen: PAGE },
      paging: BY_NEXT_URL,
      row: REPOSITORY,
    });
    return rows.map((row) => ({
      organization: owner,
      repository: row.slug,
      repositoryId: row.uuid,
      url: cloneUrl(call, row.links.clone, protocol),
      ...(row.mainbranch ? { defaultBranch: row.mainbranch.name } : {}),
      labels: [],
    }));
  },

  branches: async (call, { owner }, { repository, all }) => {
    const branches = path`/repositories/${owner}/${repository.repository}/refs/branches`;
    if (all) {
      const rows = await call.list({ path: branches, query: { pagelen: PAGE }, paging: BY_NEXT_URL, row: BRANCH });
      return rows.map((row) => ({ name: row.name, sha: row.target.hash }));
    }
    if (repository.defaultBranch === undefined) return [];
    const row = await call.get(branches + path`/${repository.defaultBranch}`, { form: BRANCH });
    return [{ name: row.name, sha: row.target.hash }];
  },

  pathExists: async (call, { owner }, { repository, branch, path: file }) => {
    const source = path`/repositories/${owner}/${repository.repository}/src/${branch.sha}/` + filePath(file);
    return (await call.probe(source, { format: 'meta' })).status !== 404;
  },

  pullRequests: async (call, { owner, repo }) => {
    const rows = await call.list({
      path: path`/repositories/${owner}/${repo}/pullrequests`,
      query: { state: 'OPEN', pagelen: PULL_REQUEST_PAGE },
      paging: BY_NEXT_URL,
      row: PULL_REQUEST,
    });
    // Without a commit the repository that it comes from is gone.
    return rows.flatMap((row) => {
      const { commit, branch } = row.source;
      if (commit === undefined || commit === null) return [];
      return {
        number: row.id,
        title: row.title,
        branch: branch.name,
        targetBranch: row.destination.branch.name,
        headSha: commit.hash,
        author: row.author?.nickname ?? '',
        labels: [],
      };
    });
  },
};
