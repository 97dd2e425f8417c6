// Bitbucket Server and Data Center, REST API 1.0. It knows no labels.
import { z } from 'zod';
import { COUNT, NAME, SHA, TEXT } from '../forms.js';
import { BY_START } from '../paging.js';
import type { BitbucketServerAccess, ScmRepository } from '../types.js';
import { filePath, path, rootOf } from '../urls.js';
import { authorization, cloneUrl, type Provider } from './provider.js';

const REPOSITORY = z.object({
  id: COUNT,
  name: NAME,
  slug: NAME,
  project: z.object({ key: NAME }),
  archived: z.boolean().nullish(),
  links: z.object({ clone: z.array(z.object({ name: NAME, href: TEXT })) }),
});
const BRANCH = z.object({ displayId: NAME, latestCommit: SHA });
const PULL_REQUEST = z.object({
  id: COUNT,
  title: TEXT,
  fromRef: z.object({ displayId: NAME, latestCommit: SHA }),
  toRef: z.object({ displayId: NAME }),
  author: z.object({ user: z.object({ name: TEXT }) }).nullish(),
});
const PAGE = 100;

export const bitbucketServer: Provider<
  BitbucketServerAccess,
  BitbucketServerAccess & { readonly project: string },
  BitbucketServerAccess & { readonly project: string; readonly repo: string }
> = {
  address: (access) => ({
    provider: 'Bitbucket Server',
    root: `${rootOf(access.api, '/rest')}/api/1.0`,
    headers: authorization(access),
    credentials: { basicAuth: access.basicAuth && { ...access.basicAuth }, bearerToken: access.bearerToken },
  }),

  repositories: async (call, { project }, protocol) => {
    const rows = await call.list({
      path: path`/projects/${project}/repos`,
      query: { limit: PAGE },
      paging: BY_START,
      row: REPOSITORY,
    });
    const link = protocol === 'ssh' ? 'ssh' : 'http';
    return rows.map((row) => ({
      organization: row.project.key,
      repository: row.name,
      repositoryId: row.id,
      url: cloneUrl(call, row.links.clone, link),
      labels: [],
      archived: row.archived === true,
      slug: row.slug,
    }));
  },

  branches: async (call, _host, { repository, all }) => {
    const root = rootOfRepository(repository);
    if (all) {
      const rows = await call.list({
        path: `${root}/branches`,
        query: { limit: PAGE },
        paging: BY_START,
        row: BRANCH,
      });
      return rows.map((row) => ({ name: row.displayId, sha: row.latestCommit }));
    }
    // An empty repository: nothing (204), or 404 where a branch is set that does not exist.
    const row = await call.find(`${root}/branches/default`, { form: BRANCH });
    return row === undefined ? [] : [{ name: row.displayId, sha: row.latestCommit }];
  },

  pathExists: async (call, _host, { repository, branch, path: file }) => {
    const browse = `${rootOfRepository(repository)}/browse/${filePath(file)}`;
    return (await call.probe(browse, { at: branch.sha, type: true, limit: 1 })).status !== 404;
  },

  pullRequests: async (call, { project, repo }) => {
    const rows = await call.list({
      path: path`/projects/${project}/repos/${repo}/pull-requests`,
      query: { state: 'OPEN', limit: PAGE },
      paging: BY_START,
      row: PULL_REQUEST,
    });
    return rows.map((row) => ({
      number: row.id,
      title: row.title,
      branch: row.fromRef.displayId,
      targetBranch: row.toRef.displayId,
      headSha: row.fromRef.latestCommit,
      author: row.author?.user.name ?? '',
      labels: [],
    }));
  },
};

function rootOfRepository({ organization, repository, slug }: ScmRepository): string {
  return path`/projects/${organization}/repos/${slug ?? repository}`;
}
