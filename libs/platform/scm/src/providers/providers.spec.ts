// Every provider against its recorded answers: the same facts from six APIs.
import { afterEach, describe, expect, it } from 'vitest';
import { closeAll, readFixture, serveRecorded, testClient } from '../testing/recorded-server.js';
import type { ScmBranch, ScmHost, ScmPullRequest, ScmPullRequestHost, ScmRepository } from '../types.js';

interface Expected {
  readonly repositories: readonly [ScmRepository, ScmRepository, ScmRepository];
  readonly firstUrlByHttps: string;
  readonly defaultBranch: readonly [ScmBranch];
  readonly allBranches: readonly ScmBranch[];
  readonly pullRequests: readonly ScmPullRequest[];
}

interface Case {
  readonly host: (api: string, owner?: string) => ScmHost;
  readonly project: (api: string, repository?: string) => ScmPullRequestHost;
  /** Header and value that the credentials become. */
  readonly sends: readonly [header: string, value: string];
  /** What the error says of an answer of wrong form. */
  readonly fault: string;
  readonly hasLabels: boolean;
}

const TOKEN = 'canary-token-31337';
const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;

const CASES: Record<ScmHost['kind'], Case> = {
  github: {
    host: (api, organization = 'acme') => ({ kind: 'github', api: `${api}/`, token: TOKEN, organization }),
    project: (api, repo = 'billing') => ({ kind: 'github', api, token: TOKEN, owner: 'acme', repo }),
    sends: ['authorization', `Bearer ${TOKEN}`],
    fault: '[0].name: Invalid input: expected string, received number',
    hasLabels: true,
  },
  gitlab: {
    host: (api, group = 'acme/teams') => ({ kind: 'gitlab', api, token: TOKEN, group, includeSubgroups: true }),
    project: (api, repo = 'teams/billing') => ({ kind: 'gitlab', api, token: TOKEN, project: `acme/${repo}` }),
    sends: ['private-token', TOKEN],
    fault: '[0].id: Invalid input: expected number, received string',
    hasLabels: true,
  },
  gitea: {
    host: (api, owner = 'acme') => ({ kind: 'gitea', api: `${api}/`, token: TOKEN, owner }),
    project: (api, repo = 'billing') => ({ kind: 'gitea', api, token: TOKEN, owner: 'acme', repo }),
    sends: ['authorization', `token ${TOKEN}`],
    fault: '[0].name: Invalid input: expected string, received null',
    hasLabels: true,
  },
  bitbucket: {
    host: (api, owner = 'acme') => ({
      kind: 'bitbucket',
      api: `${api}/2.0`,
      basicAuth: { username: 'ada', password: TOKEN },
      owner,
    }),
    project: (api, repo = 'billing') => ({
      kind: 'bitbucket',
      api: `${api}/2.0`,
      basicAuth: { username: 'ada', password: TOKEN },
      owner: 'acme',
      repo,
    }),
    sends: ['authorization', basic(`ada:${TOKEN}`)],
    fault: '[0].links: Invalid input: expected object, received null',
    hasLabels: false,
  },
  bitbucketServer: {
    host: (api, project = 'ACME') => ({ kind: 'bitbucketServer', api: `${api}/git`, bearerToken: TOKEN, project }),
    project: (api, repo = 'billing-service') => ({
      kind: 'bitbucketServer',
      api: `${api}/git/rest/`,
      bearerToken: TOKEN,
      project: 'ACME',
      repo,
    }),
    sends: ['authorization', `Bearer ${TOKEN}`],
    fault: 'it is not a list',
    hasLabels: false,
  },
  azureDevOps: {
    host: (api, teamProject = 'Shop') => ({
      kind: 'azureDevOps',
      api,
      token: TOKEN,
      organization: 'acme',
      teamProject,
    }),
    project: (api, repo = 'billing') => ({
      kind: 'azureDevOps',
      api,
      token: TOKEN,
      organization: 'acme',
      project: 'Shop',
      repo,
    }),
    sends: ['authorization', basic(`:${TOKEN}`)],
    fault: '[0].id: Invalid input: expected string, received null',
    hasLabels: true,
  },
};

afterEach(closeAll);

describe.each(Object.entries(CASES))('%s', (kind, { host, project, sends, fault, hasLabels }) => {
  const expected = async (): Promise<Expected> => (await readFixture(kind, 'expected')) as Expected;

  it('lists repositories over three pages, as who it is told to be', async () => {
    const server = await serveRecorded(kind);
    const client = testClient();
    expect(await client.repositories(host(server.url))).toEqual((await expected()).repositories);
    expect(server.log.map(({ headers }) => headers[sends[0]])).toEqual(server.log.map(() => sends[1]));
    expect(client.counters().pages).toBeGreaterThanOrEqual(3);
  });

  it('gives the https address where it is asked for', async () => {
    const server = await serveRecorded(kind);
    const [first] = await testClient().repositories(host(server.url), { cloneProtocol: 'https' });
    expect(first?.url).toBe((await expected()).firstUrlByHttps);
  });

  it('answers no repository where there is none', async () => {
    const server = await serveRecorded(kind);
    expect(await testClient().repositories(host(server.url, 'void'))).toEqual([]);
  });

  it('says which provider gave an answer of the wrong form, and where', async () => {
    const server = await serveRecorded(kind);
    await expect(testClient().repositories(host(server.url, 'broken'))).rejects.toMatchObject({
      code: 'SourceFailed',
      message: expect.stringContaining(fault),
      details: { reason: 'Malformed', host: new URL(server.url).host },
    });
  });

  it('uses what it kept when the host says that nothing changed', async () => {
    const server = await serveRecorded(kind);
    const client = testClient();
    const first = await client.repositories(host(server.url));
    const { requests } = client.counters();
    expect(await client.repositories(host(server.url))).toEqual(first);
    expect(client.counters()).toMatchObject({ requests: requests * 2, notModified: requests });
  });

  it('reads the default branch, or all', async () => {
    const server = await serveRecorded(kind);
    const client = testClient();
    const { repositories, defaultBranch, allBranches } = await expected();
    expect(await client.branches(host(server.url), repositories[0], { all: false })).toEqual(defaultBranch);
    expect(await client.branches(host(server.url), repositories[0], { all: true })).toEqual(allBranches);
  });

  it('tells whether a path is there, and fails where the host does', async () => {
    const server = await serveRecorded(kind);
    const client = testClient();
    const { repositories, defaultBranch } = await expected();
    const at = (path: string): Promise<boolean> =>
      client.pathExists(host(server.url), repositories[0], { branch: defaultBranch[0], path });
    expect(await at('/deploy/prod a/')).toBe(true);
    expect(await at('nowhere')).toBe(false);
    await expect(at('broken')).rejects.toMatchObject({ code: 'SourceFailed', details: { status: 500 } });
    await expect(at('broken')).rejects.not.toThrow(/secret words/);
    await expect(at('a/../../b')).rejects.toMatchObject({ code: 'InvalidRequest' });
  });

  it('lists open pull requests, and those with all the labels', async () => {
    const server = await serveRecorded(kind);
    const client = testClient();
    const { pullRequests } = await expected();
    expect(await client.pullRequests(project(server.url))).toEqual(pullRequests);
    if (!hasLabels) return;
    const query = { labels: ['preview'], ...(kind === 'gitlab' ? { state: 'opened' } : {}) };
    expect(await client.pullRequests(project(server.url), query)).toEqual(pullRequests.slice(0, 1));
  });

  it('tells a repository that is not there from every other error', async () => {
    const server = await serveRecorded(kind);
    await expect(testClient().pullRequests(project(server.url, 'gone'))).rejects.toMatchObject({
      code: 'NotFound',
      details: { reason: 'NotFound' },
    });
  });

  it('never puts credentials into an error', async () => {
    const server = await serveRecorded(kind);
    const failure = await testClient()
      .repositories(host(server.url, 'unknown'))
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({ details: { status: 418 } });
    expect(JSON.stringify(failure) + String(failure)).not.toMatch(new RegExp(`${TOKEN}|${basic(`ada:${TOKEN}`)}`));
  });
});

describe('what only some providers do', () => {
  it('finds no branch in an empty repository', async () => {
    for (const kind of ['github', 'gitlab', 'bitbucketServer'] as const) {
      const server = await serveRecorded(kind);
      const { repositories } = (await readFixture(kind, 'expected')) as Expected;
      const branches = testClient().branches(CASES[kind].host(server.url), repositories[1], { all: false });
      expect(await branches, kind).toEqual([]);
    }
  });

  it('asks for no branch where there is no default one', async () => {
    for (const kind of ['gitlab', 'gitea', 'bitbucket'] as const) {
      const server = await serveRecorded(kind);
      const { repositories } = (await readFixture(kind, 'expected')) as Expected;
      const branches = testClient().branches(CASES[kind].host(server.url), repositories[2], { all: false });
      expect(await branches, kind).toEqual([]);
      expect(server.log).toEqual([]);
    }
  });

  it('does not take a repository of Azure DevOps that is not there for a path that is not there', async () => {
    const server = await serveRecorded('azureDevOps');
    const { repositories, defaultBranch } = (await readFixture('azureDevOps', 'expected')) as Expected;
    const host = CASES.azureDevOps.host(server.url);
    const answer = testClient().pathExists(host, repositories[0], { branch: defaultBranch[0], path: 'hidden' });
    await expect(answer).rejects.toMatchObject({ code: 'SourceFailed', details: { status: 404 } });
  });
});
