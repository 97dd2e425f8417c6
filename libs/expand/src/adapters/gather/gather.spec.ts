import type { PullRequestGenerator, ScmProviderGenerator } from '@wheelwright/intent';
import { AppError, type ClusterId, type KubeObject, type LabelSelector } from '@wheelwright/kernel';
import { addressPolicy, SpokeClients } from '@wheelwright/platform-kube';
import { createScmClient, type ScmClient } from '@wheelwright/platform-scm';
import { startSpokeSim, type SimulatedSpoke, type SpokeSim } from '@wheelwright/spoke-sim';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startAnsweringServer, type AnsweringServer } from '@wheelwright/testing';
import { createGatherers, type GathererParts } from './index.js';

const TOKEN = 'canary-token-5150';
const SHA = 'a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1';
const LOOPBACK = '127.0.0.0/8';

let server: AnsweringServer;
let scm: ScmClient;
let sim: SpokeSim;
let spoke: SimulatedSpoke;
let clients: SpokeClients;
let inputs: Record<string, Readonly<Record<string, string>>>;

beforeAll(async () => {
  [server, sim] = await Promise.all([startAnsweringServer(), startSpokeSim()]);
  clients = new SpokeClients({ addressPolicy: addressPolicy([LOOPBACK]) });
  spoke = sim.addCluster('placement');
  spoke.create(placementKind());
});
afterAll(async () => {
  await Promise.all([server.close(), sim.close(), clients.close()]);
});
beforeEach(() => {
  server.answers = {};
  server.log.length = 0;
  // A client of its own for each test: answers are kept between calls.
  scm = createScmClient({ allowInsecure: true, allowedNetworks: [LOOPBACK] });
  inputs = { 'Secret/argocd/github': { token: ` ${TOKEN}\n`, empty: '' } };
  return () => scm.close();
});

function gatherers(settings: Partial<GathererParts['settings']> = {}) {
  return createGatherers({
    inputs: { read: async ({ kind, namespace, name }) => inputs[`${kind}/${namespace}/${name}`] },
    scm,
    spokeNamed: async (name) => {
      if (name !== 'placement') throw new AppError('NotFound', `there is no cluster ${name}`);
      const credentials = { kind: 'bearerToken', token: spoke.token } as const;
      return clients.get({ id: 'placement' as ClusterId, server: spoke.url, tls: {}, credentials }, '1');
    },
    settings: { scmProviders: true, decisionCluster: '', ...settings },
  });
}

const asked = (): string[] => server.log.map(({ request }) => request.replace(/^GET \/api\/v3/, ''));
const tokenRef = { secretName: 'github', key: 'token' };

async function failureOf(work: Promise<unknown>): Promise<string> {
  const error: unknown = await work.then(
    () => 'no failure',
    (reason: unknown) => reason,
  );
  if (!(error instanceof AppError)) throw new Error(String(error));
  expect(JSON.stringify([error.message, error.details])).not.toContain(TOKEN);
  return `${error.code}: ${error.message}`;
}

describe('repositories', () => {
  const repository = (name: string, topics: readonly string[]) => ({
    id: name.length,
    name,
    owner: { login: 'acme' },
    ssh_url: `git@git.example:acme/${name}.git`,
    clone_url: `https://git.example/acme/${name}.git`,
    default_branch: 'main',
    topics,
  });
  const branch = (name: string) => ({ name, commit: { sha: SHA } });
  const repositories = (more: Partial<ScmProviderGenerator> = {}, settings = {}) => {
    const github = { organization: 'acme', api: server.url, tokenRef };
    return gatherers(settings).repositories({
      kind: 'repositories',
      namespace: 'argocd',
      generator: { github, ...more },
    });
  };

  beforeEach(() => {
    server.answers = {
      'GET /api/v3/orgs/acme/repos?per_page=100': [repository('web', ['prod']), repository('api', ['prod', 'x'])],
      'GET /api/v3/repos/acme/web/branches/main': branch('main'),
      'GET /api/v3/repos/acme/api/branches/main': branch('main'),
      'GET /api/v3/repos/acme/api/branches?per_page=100': [branch('main'), branch('feature')],
      [`GET /api/v3/repos/acme/api/contents/deploy?ref=${SHA}`]: [],
    };
  });

  it('are listed with the token of the Secret, in one order, by the default branch', async () => {
    const fact = { organization: 'acme', branch: 'main', sha: SHA };
    expect(await repositories({ cloneProtocol: 'https' })).toEqual({
      repositories: [
        {
          ...fact,
          repository: 'api',
          repositoryId: '3',
          url: 'https://git.example/acme/api.git',
          labels: ['prod', 'x'],
        },
        { ...fact, repository: 'web', repositoryId: '3', url: 'https://git.example/acme/web.git', labels: ['prod'] },
      ],
    });
    expect(new Set(server.log.map(({ authorization }) => authorization))).toEqual(new Set([`Bearer ${TOKEN}`]));
  });

  it('are asked only what the filters need', async () => {
    const github = { organization: 'acme', api: server.url, allBranches: true };
    const filters = [{ labelMatch: '^x$', branchMatch: 'main', pathsExist: ['deploy/'], pathsDoNotExist: ['.off'] }];
    const { repositories: found } = await repositories({ github, filters });
    expect(found.map(({ repository: name, branch: of }) => [name, of])).toEqual([['api', 'main']]);
    expect(asked()).toEqual([
      '/orgs/acme/repos?per_page=100',
      '/repos/acme/api/branches?per_page=100',
      `/repos/acme/api/contents/deploy?ref=${SHA}`,
      `/repos/acme/api/contents/.off?ref=${SHA}`,
    ]);
  });

  it('fail as a whole where one question fails', async () => {
    server.answers = { ...server.answers, 'GET /api/v3/repos/acme/web/branches/main': { wrong: true } };
    expect(await failureOf(repositories())).toMatch(/^SourceFailed: GitHub at /);
  });

  it('fail as a source where the organisation is not there', async () => {
    expect(await failureOf(repositories({ github: { organization: 'none', api: server.url } }))).toMatch(
      /^SourceFailed/,
    );
  });

  it('say what is missing, and how to give it', async () => {
    const withRef = (ref: typeof tokenRef) =>
      failureOf(repositories({ github: { organization: 'acme', api: server.url, tokenRef: ref } }));
    expect(await withRef({ secretName: 'none', key: 'token' })).toBe(
      'ExpandFailed: The Secret none is not in the namespace argocd: apply it to the hub with the label argocd.argoproj.io/secret-type: scm-creds',
    );
    expect(await withRef({ secretName: 'github', key: 'other' })).toContain(
      'The Secret github in the namespace argocd has no key other',
    );
    expect(await withRef({ secretName: 'github', key: 'empty' })).toContain('holds nothing under the key empty');
    expect(await failureOf(repositories({}, { scmProviders: false }))).toContain('WHEELWRIGHT_SCM_PROVIDERS');
    expect(await failureOf(repositories({ cloneProtocol: 'git' }))).toContain('unknown clone protocol "git"');
    const aws = gatherers().repositories({
      kind: 'repositories',
      namespace: 'argocd',
      generator: { awsCodeCommit: {} },
    });
    expect(await failureOf(aws)).toContain('awsCodeCommit needs an identity of AWS');
    expect(server.log).toEqual([]);
  });

  it.each<[string, ScmProviderGenerator, string]>([
    ['gitlab', { gitlab: { group: 'acme', topic: '' } }, '/groups/acme/projects'],
    ['gitea', { gitea: { owner: 'acme', api: '' } }, '/orgs/acme/repos'],
    ['bitbucketServer', { bitbucketServer: { project: 'ACME', api: '' } }, '/projects/ACME/repos'],
    ['azureDevOps', { azureDevOps: { organization: 'acme', teamProject: 'web' } }, '/acme/web/'],
  ])('of %s are asked for at its own address', async (kind, generator, path) => {
    const [[provider, settings] = ['', {}]] = Object.entries(generator);
    expect(provider).toBe(kind);
    const request = { [provider]: { ...(settings as object), api: server.url } };
    await failureOf(gatherers().repositories({ kind: 'repositories', namespace: 'argocd', generator: request }));
    expect(asked()[0]).toContain(path);
  });
});

describe('pull requests', () => {
  const pull = (number: number, labels: readonly string[] = []) => ({
    number,
    title: 'Title',
    user: { login: 'ada' },
    head: { ref: 'feature', sha: SHA },
    base: { ref: 'main' },
    labels: labels.map((name) => ({ name })),
  });
  const pullRequests = (more: Partial<PullRequestGenerator> = {}) => {
    const github = { owner: 'acme', repo: 'web', api: server.url, labels: ['preview'] };
    return gatherers().pullRequests({
      kind: 'pullRequests',
      namespace: 'argocd',
      generator: { github, ...more },
    });
  };

  it('are those with all labels, by number', async () => {
    server.answers = {
      'GET /api/v3/repos/acme/web/pulls?state=open&per_page=100': [
        pull(9, ['preview', 'x']),
        pull(8),
        pull(3, ['preview']),
      ],
    };
    const { pullRequests: found } = await pullRequests();
    expect(found).toEqual([
      {
        number: 3,
        title: 'Title',
        branch: 'feature',
        targetBranch: 'main',
        headSha: SHA,
        author: 'ada',
        labels: ['preview'],
      },
      {
        number: 9,
        title: 'Title',
        branch: 'feature',
        targetBranch: 'main',
        headSha: SHA,
        author: 'ada',
        labels: ['preview', 'x'],
      },
    ]);
  });

  it('of a repository that is not there are none only where the generator says so', async () => {
    expect(await failureOf(pullRequests())).toMatch(/^SourceFailed/);
    expect(await pullRequests({ continueOnRepoNotFoundError: true })).toEqual({ pullRequests: [] });
  });

  it('are asked for as a GitHub App where one is named', async () => {
    inputs['Secret/argocd/app'] = { githubAppID: '1', githubAppInstallationID: '2' };
    const github = { owner: 'acme', repo: 'web', api: server.url, appSecretName: 'app', tokenRef };
    expect(await failureOf(pullRequests({ github }))).toContain('has no key githubAppPrivateKey');
  });

  it('are asked for with user and password of Bitbucket Server', async () => {
    inputs['Secret/argocd/bitbucket'] = { password: TOKEN };
    const passwordRef = { secretName: 'bitbucket', key: 'password' };
    const bitbucketServer = { project: 'A', repo: 'r', api: server.url, basicAuth: { username: 'ada', passwordRef } };
    const generator = { bitbucketServer };
    await failureOf(gatherers().pullRequests({ kind: 'pullRequests', namespace: 'argocd', generator }));
    expect(server.log[0]?.authorization).toBe(`Basic ${Buffer.from(`ada:${TOKEN}`).toString('base64')}`);
  });
});

describe('plugins', () => {
  const EXECUTE = 'POST /base/api/v1/getparams.execute';
  const ask = (data: Readonly<Record<string, string>> = {}) => {
    inputs['ConfigMap/argocd/plugin'] = { baseUrl: `${server.url}/base/`, token: '$github:token', ...data };
    return gatherers().plugin({
      kind: 'plugin',
      namespace: 'argocd',
      set: 'previews',
      configMap: 'plugin',
      parameters: { key: 'value' },
    });
  };

  it('are asked with the token and the parameters of the set', async () => {
    server.answers = { [EXECUTE]: { output: { parameters: [{ a: 1, b: { c: ['d'] } }] } } };
    expect(await ask()).toEqual({ parameters: [{ a: 1, b: { c: ['d'] } }] });
    const [request] = server.log;
    expect(request?.authorization).toBe(`Bearer ${TOKEN}`);
    expect(JSON.parse(request?.body ?? '')).toEqual({
      applicationSetName: 'previews',
      input: { parameters: { key: 'value' } },
    });
  });

  it('may name a key of argocd-secret, and answer null for none', async () => {
    inputs['Secret/argocd/argocd-secret'] = { 'plugin.token': TOKEN };
    server.answers = { [EXECUTE]: { output: { parameters: null } } };
    expect(await ask({ token: '$plugin.token', requestTimeout: '5' })).toEqual({ parameters: [] });
    expect(server.log[0]?.authorization).toBe(`Bearer ${TOKEN}`);
  });

  it.each<[string, Readonly<Record<string, string>>, string]>([
    ['no baseUrl', { baseUrl: '' }, 'has no baseUrl'],
    ['a token in plain text', { token: TOKEN }, 'write "$key"'],
    ['an empty reference', { token: '$' }, 'write "$key"'],
    ['a Secret that is not there', { token: '$none:token' }, 'The Secret none is not in the namespace argocd'],
    ['a timeout that is no number', { requestTimeout: 'soon' }, 'requestTimeout'],
  ])('are not asked with %s', async (_name, data, message) => {
    expect(await failureOf(ask(data))).toContain(message);
    expect(server.log).toEqual([]);
  });

  it.each([
    ['nothing', {}],
    ['no list', { output: { parameters: {} } }],
    ['a list of texts', { output: { parameters: ['a'] } }],
    ['the form of before', { outputParameters: [] }],
  ])('that answer %s failed: it is not an empty list', async (_name, answer) => {
    server.answers = { [EXECUTE]: answer };
    expect(await failureOf(ask())).toMatch(/^ExpandFailed: The plugin gave an answer that cannot be used/);
  });

  it('that do not know the path failed', async () => {
    expect(await failureOf(ask())).toMatch(/^SourceFailed/);
  });

  it('need their ConfigMap', async () => {
    const request = { kind: 'plugin', namespace: 'argocd', set: 's', configMap: 'none', parameters: {} } as const;
    expect(await failureOf(gatherers().plugin(request))).toContain('wheelwright.dev/generator-input');
  });
});

describe('decisions', () => {
  const API = 'cluster.example.io/v1beta1';
  const DATA = { apiVersion: API, kind: 'placementdecisions', statusListKey: 'decisions', matchKey: 'clusterName' };
  const decide = (
    generator: { readonly name?: string; readonly labelSelector?: LabelSelector },
    data: Readonly<Record<string, string>> = {},
    settings: Partial<GathererParts['settings']> = { decisionCluster: 'placement' },
  ) => {
    inputs['ConfigMap/argocd/placement'] = { ...DATA, ...data };
    return gatherers(settings).decisions({
      kind: 'decisions',
      namespace: 'argocd',
      generator: { configMapRef: 'placement', ...generator },
    });
  };
  const decision = (name: string, status: Record<string, unknown>): KubeObject => ({
    apiVersion: API,
    kind: 'PlacementDecision',
    metadata: { name, namespace: 'argocd', labels: { placement: 'web', part: name } },
    status: status as KubeObject['status'] & Record<string, never>,
  });

  beforeAll(() => {
    spoke.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'argocd' } });
    spoke.create(decision('web-2', { decisions: [{ clusterName: 'c', reason: '' }] }));
    spoke.create(decision('web-1', { decisions: [{ clusterName: 'b' }, { clusterName: 'a' }] }));
    spoke.create(decision('empty', { decisions: [] }));
    spoke.create(decision('new', {}));
  });

  it('are read by name from the cluster of the setting, or of the ConfigMap', async () => {
    const expected = { matchKey: 'clusterName', entries: [{ clusterName: 'b' }, { clusterName: 'a' }], clusters: [] };
    expect(await decide({ name: 'web-1' })).toEqual(expected);
    expect(await decide({ name: 'web-1' }, { cluster: 'placement' }, { decisionCluster: 'other' })).toEqual(expected);
    expect((await decide({ name: 'empty' })).entries).toEqual([]);
  });

  it('are read by labels, in order of name', async () => {
    const labelSelector: LabelSelector = {
      matchLabels: { placement: 'web' },
      matchExpressions: [
        { key: 'part', operator: 'In', values: ['web-1', 'web-2'] },
        { key: 'part', operator: 'NotIn', values: ['x'] },
        { key: 'part', operator: 'Exists' },
        { key: 'gone', operator: 'DoesNotExist' },
      ],
    };
    const { entries } = await decide({ labelSelector });
    expect(entries.map(({ clusterName }) => clusterName)).toEqual(['b', 'a', 'c']);
  });

  it.each<[string, Parameters<typeof decide>, string]>([
    ['that are not there', [{ name: 'none' }], 'no clusterDecisionResources found'],
    ['that no label selects', [{ labelSelector: { matchLabels: { placement: 'x' } } }], 'no clusterDecisionResources'],
    ['that were not taken yet', [{ name: 'new' }], 'the decision new has no list under status.decisions yet'],
    ['with another list', [{ name: 'web-1' }, { statusListKey: '' }], 'no list under status.clusters'],
    ['without a group', [{ name: 'web-1' }, { apiVersion: 'v1' }], 'no apiVersion with a group'],
    ['without a kind', [{ name: 'web-1' }, { kind: '' }], 'has no kind'],
    ['without a match key', [{ name: 'web-1' }, { matchKey: '' }], 'has no matchKey'],
    ['of no cluster', [{ name: 'web-1' }, {}, {}], 'WHEELWRIGHT_DECISION_CLUSTER'],
    ['of no known cluster', [{ name: 'web-1' }, { cluster: 'gone' }], 'the cluster gone, which should hold'],
  ])('%s are a failure', async (_name, args, message) => {
    const failure = await failureOf(decide(...args));
    expect(failure).toMatch(/^ExpandFailed/);
    expect(failure).toContain(message);
  });

  it('that cannot be read are a failure', async () => {
    spoke.faults.set({ unauthorized: true });
    expect(await failureOf(decide({ name: 'web-1' }))).toMatch(/^SpokeUnauthorized/);
    spoke.faults.set({ unauthorized: false });
  });
});

function placementKind(): KubeObject {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'placementdecisions.cluster.example.io' },
    spec: {
      group: 'cluster.example.io',
      scope: 'Namespaced',
      names: { plural: 'placementdecisions', singular: 'placementdecision', kind: 'PlacementDecision' },
      versions: [
        {
          name: 'v1beta1',
          served: true,
          storage: true,
          schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
        },
      ],
    },
  };
}
