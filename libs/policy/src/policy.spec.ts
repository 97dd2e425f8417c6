import fc from 'fast-check';
import type {
  Application,
  AppProject,
  AppProjectSpec,
  DestinationServiceAccount,
  ProjectDestination,
} from '@wheelwright/intent';
import { describe, expect, it } from 'vitest';
import { checkApplication, checkProject, DEFAULT_PROJECT, type ApplicationCheck } from './check.js';
import { permitsCluster, permitsDestination } from './destination.js';
import { permitsKind } from './kind.js';
import { serviceAccountFor } from './service-account.js';
import { permitsSource } from './source.js';
import { permitsSourceNamespace } from './source-namespace.js';

const meta = { name: 'shop', namespace: 'argocd', labels: {}, annotations: {}, finalizers: [] };
const project = (spec: AppProjectSpec): AppProject => ({ metadata: meta, spec });

describe('sources', () => {
  it.each<[readonly string[] | undefined, string, boolean]>([
    [undefined, 'https://git.example/a/b', false],
    [[], 'https://git.example/a/b', false],
    [['*'], 'https://git.example/a/b', true],
    [['https://git.example/a/*'], 'https://git.example/a/b', true],
    [['https://git.example/*'], 'https://git.example/a/b', false],
    [['https://git.example/**'], 'https://git.example/a/b', true],
    [['https://git.example/A/B.git'], 'https://GIT.example/a/b', true],
    [['https://git.example/a/b'], 'https://git.example/a/b.git/', true],
    [['git@git.example:a/*'], 'ssh://git@git.example/a/b', true],
    [['ssh://git@git.example/a/*'], 'git@git.example:a/b.git', true],
    [['*', '!https://git.example/a/secret'], 'https://git.example/a/secret', false],
    [['*', '!https://git.example/a/secret'], 'https://someone@git.example/a/secret.git', false],
    [['*', '!https://git.example/a/secret'], 'https://git.example:443/a/secret', false],
    [['*', '!https://git.example:443/a/secret.git'], 'https://git.example/a/secret', false],
    [['*', '!https://git.example/a/secret'], 'https://git.example/a/open', true],
    [['!https://git.example/a/secret'], 'https://git.example/a/open', false],
    [['*', '!*'], 'https://git.example/a/b', false],
    [['*', '{a'], 'https://git.example/a/b', false],
    [['*'], 'ext::sh -c id', false],
    [['file:///srv/git/*'], 'file:///srv/git/shop.git', true],
    [['/srv/git/**'], '/srv/git/team/shop', true],
  ])('%j on %s: %s', (sourceRepos, repoURL, allowed) => {
    const spec = sourceRepos === undefined ? {} : { sourceRepos };
    expect(permitsSource(project(spec), repoURL).length === 0).toBe(allowed);
  });
});

describe('destinations', () => {
  const place = { name: 'prod-eu', server: 'https://eu.example:6443', namespace: 'team-a', labels: { tier: 'gold' } };
  it.each<[AppProjectSpec['destinations'], boolean]>([
    [undefined, false],
    [[], false],
    [[{ server: '*', namespace: '*' }], true],
    [[{ server: 'https://*', namespace: 'team-*' }], true],
    [[{ name: 'prod-*', namespace: '*' }], true],
    [[{ name: 'prod-*', namespace: 'team-b' }], false],
    [[{ server: 'https://us.example', name: 'prod-eu', namespace: '*' }], true],
    [[{ namespace: '*' }], false],
    [[{ server: '*' }], false],
    [
      [
        { server: '*', namespace: '*' },
        { name: '!prod-eu', namespace: 'elsewhere' },
      ],
      false,
    ],
    [
      [
        { server: '*', namespace: '*' },
        { server: '!https://eu.example*', namespace: 'team-*' },
      ],
      false,
    ],
    [
      [
        { server: '*', namespace: '*' },
        { server: '!https://eu.example*', namespace: 'kube-*' },
      ],
      true,
    ],
    [
      [
        { server: '*', namespace: '*' },
        { server: 'https://eu.*', namespace: '!team-a' },
      ],
      false,
    ],
    [
      [
        { server: '*', namespace: '*' },
        { server: 'https://us.*', namespace: '!team-a' },
      ],
      true,
    ],
    [[{ server: '*', namespace: '!kube-system' }], false],
    [
      [
        { server: '*', namespace: '*' },
        { server: '[', namespace: '*' },
      ],
      false,
    ],
  ])('%j: %s', (destinations, allowed) => {
    const spec = destinations === undefined ? {} : { destinations };
    expect(permitsDestination(project(spec), place).length === 0).toBe(allowed);
  });

  const gold = { matchLabels: { tier: 'gold' } };
  const silver = { matchLabels: { tier: 'silver' } };
  const anywhere = { server: '*', namespace: '*' };
  it.each<[readonly ProjectDestination[], boolean]>([
    [[{ namespace: 'team-a', clusterSelector: gold }], true],
    [[{ namespace: 'team-b', clusterSelector: gold }], false],
    [[{ namespace: 'team-a', clusterSelector: silver }], false],
    [[{ namespace: 'team-a', clusterSelector: {} }], true],
    [[{ clusterSelector: gold }], false],
    // Without a selector one of server and name is enough; with it, all that are given must hold.
    [[{ name: 'prod-*', server: 'https://us.*', namespace: '*' }], true],
    [[{ name: 'prod-*', server: 'https://us.*', namespace: '*', clusterSelector: gold }], false],
    [[{ name: 'prod-*', server: 'https://eu.*', namespace: '*', clusterSelector: gold }], true],
    [[{ name: 'prod-*', server: 'https://eu.*', namespace: '*', clusterSelector: silver }], false],
    [[anywhere, { name: '!prod-*', namespace: '*', clusterSelector: gold }], false],
    [[anywhere, { name: '!prod-*', namespace: '*', clusterSelector: silver }], true],
    [[anywhere, { namespace: '!team-a', clusterSelector: gold }], false],
    [[anywhere, { namespace: '!team-a', clusterSelector: silver }], true],
    [[anywhere, { name: 'us', namespace: '!team-a', clusterSelector: gold }], true],
  ])('by labels, %j: %s', (destinations, allowed) => {
    expect(permitsDestination(project({ destinations }), place).length === 0).toBe(allowed);
  });

  it('can be restricted to clusters of the project', () => {
    const strict = project({ permitOnlyProjectScopedClusters: true });
    expect(permitsCluster(strict, { name: 'a', project: 'shop' })).toEqual([]);
    expect(permitsCluster(strict, { name: 'a', project: '' })).toHaveLength(1);
    expect(permitsCluster(project({}), { name: 'a', project: 'other' })).toEqual([]);
  });
});

describe('kinds', () => {
  const role = {
    key: { group: 'rbac.authorization.k8s.io', kind: 'ClusterRole', namespace: '', name: 'reader' },
    namespaced: false,
  };
  const config = { key: { group: '', kind: 'ConfigMap', namespace: 'a', name: 'c' }, namespaced: true };
  it.each<[AppProjectSpec, boolean, boolean]>([
    [{}, false, true],
    [{ clusterResourceWhitelist: [], namespaceResourceWhitelist: [] }, false, false],
    [{ clusterResourceWhitelist: [{ group: '*', kind: '*' }] }, true, true],
    [{ clusterResourceWhitelist: [{ group: 'rbac*', kind: 'ClusterRole', name: 'read*' }] }, true, true],
    [{ clusterResourceWhitelist: [{ group: 'rbac*', kind: 'ClusterRole', name: 'write*' }] }, false, true],
    [
      {
        clusterResourceWhitelist: [{ group: '*', kind: '*' }],
        clusterResourceBlacklist: [{ group: '*', kind: 'ClusterRole' }],
      },
      false,
      true,
    ],
    [{ namespaceResourceBlacklist: [{ group: '', kind: 'ConfigMap' }] }, false, false],
    [{ namespaceResourceWhitelist: [{ group: '', kind: 'Config*' }] }, false, true],
    [{ namespaceResourceBlacklist: [{ group: '', kind: '[' }] }, false, false],
    [{ namespaceResourceWhitelist: [{ group: '', kind: '[' }] }, false, false],
  ])('%j: cluster role %s, config map %s', (spec, clusterRole, configMap) => {
    expect(permitsKind(project(spec), role).length === 0).toBe(clusterRole);
    expect(permitsKind(project(spec), config).length === 0).toBe(configMap);
  });
});

describe('namespaces of Applications', () => {
  it.each<[readonly string[] | undefined, string, boolean]>([
    [undefined, 'argocd', true],
    [undefined, 'team-a', false],
    [['team-*'], 'team-a', true],
    [['team-*'], 'other', false],
    [['*'], 'other', true],
    [['!team-a', 'x'], 'team-a', false],
    [['/^team-(a|b)$/'], 'team-b', true],
    [['/^team-(a|b)$/'], 'team-bc', false],
    [['/team/'], 'my-team-x', true],
    [['/[/', '['], 'team-a', false],
  ])('%j: %s %s', (sourceNamespaces, namespace, allowed) => {
    const spec = sourceNamespaces === undefined ? {} : { sourceNamespaces };
    expect(permitsSourceNamespace(project(spec), namespace).length === 0).toBe(allowed);
  });
});

describe('service accounts', () => {
  const place = { server: 'https://eu.example', namespace: 'team-a', applicationNamespace: 'argocd' };
  const item = (server: string, namespace: string, defaultServiceAccount: string): DestinationServiceAccount => ({
    server,
    namespace,
    defaultServiceAccount,
  });
  it.each<[readonly DestinationServiceAccount[] | undefined, string]>([
    [undefined, 'none'],
    [[], 'none'],
    [[item('https://*', 'team-*', 'deployer')], 'system:serviceaccount:team-a:deployer'],
    [[item('*', '*', 'ops:guest')], 'system:serviceaccount:ops:guest'],
    [
      [item('*', 'other', 'x'), item('*', '*', 'first'), item('*', 'team-a', 'second')],
      'system:serviceaccount:team-a:first',
    ],
    [[item('https://us.*', '*', 'x')], 'refused'],
    [[item('[', '*', 'x')], 'refused'],
    [[item('*', '*', 'a*')], 'refused'],
  ])('%j: %s', (destinationServiceAccounts, expected) => {
    const spec = destinationServiceAccounts === undefined ? {} : { destinationServiceAccounts };
    const answer = serviceAccountFor(project(spec), place);
    expect(answer.kind === 'user' ? answer.user : answer.kind).toBe(expected);
  });

  it('stands in the namespace of the Application where the destination has none', () => {
    const strict = project({ destinationServiceAccounts: [item('*', '*', 'deployer')] });
    expect(serviceAccountFor(strict, { ...place, namespace: '' })).toEqual({
      kind: 'user',
      user: 'system:serviceaccount:argocd:deployer',
    });
  });
});

describe('a project', () => {
  const application: Application = {
    metadata: { ...meta, name: 'web' },
    spec: {
      project: 'shop',
      source: { repoURL: 'https://git.example/a/b' },
      destination: { name: 'eu', namespace: 'team-a' },
    },
  };
  const cluster = {
    name: 'eu',
    server: 'https://eu.example',
    project: '',
    labels: {},
    namespaces: [],
    clusterResources: true,
  };
  const objects = ['team-a', 'kube-system'].map((namespace) => ({
    key: { group: '', kind: 'ConfigMap', namespace, name: 'c' },
    namespaced: true,
  }));

  it('tells every violation once', () => {
    const strict = project({
      sourceRepos: ['*'],
      destinations: [{ name: 'eu', namespace: 'team-*' }],
      namespaceResourceWhitelist: [],
    });
    const verdict = checkProject({ project: strict, application, cluster, objects });
    expect(verdict.allowed).toBe(false);
    expect(verdict.violations.map(({ rule }) => rule)).toEqual(['destinations', 'namespaceResources']);
    expect(verdict.violations[0]?.message).toContain('kube-system');
  });

  it('is checked before there are objects, and before the spoke is known', () => {
    const strict = project({
      sourceRepos: [],
      destinations: [],
      destinationServiceAccounts: [{ server: 'x', namespace: 'x', defaultServiceAccount: 'x' }],
    });
    const elsewhere = { ...application, metadata: { ...application.metadata, namespace: 'team-a' } };
    const rules = (check: ApplicationCheck): readonly string[] =>
      checkApplication(check).violations.map(({ rule }) => rule);
    expect(rules({ project: strict, application: elsewhere })).toEqual(['sourceNamespaces', 'sourceRepos']);
    expect(rules({ project: strict, application, cluster })).toEqual([
      'sourceRepos',
      'destinations',
      'destinationServiceAccounts',
    ]);
    expect(checkApplication({ project: DEFAULT_PROJECT, application: elsewhere, cluster }).allowed).toBe(true);
  });

  it('called default permits everything', () => {
    expect(checkProject({ project: DEFAULT_PROJECT, application, cluster, objects })).toEqual({
      allowed: true,
      violations: [],
    });
  });

  it('keeps to the namespaces that the spoke is registered for', () => {
    const check = (scope: {
      readonly namespaces: readonly string[];
      readonly clusterResources: boolean;
    }): readonly string[] =>
      checkProject({
        project: DEFAULT_PROJECT,
        application,
        cluster: { ...cluster, ...scope },
        objects: [...objects, { key: { group: '', kind: 'Namespace', namespace: '', name: 'n' }, namespaced: false }],
      }).violations.map(({ rule, message }) => `${rule}: ${message}`);
    expect(check({ namespaces: ['team-a', 'kube-system'], clusterResources: true })).toEqual([]);
    expect(check({ namespaces: ['team-a'], clusterResources: false })).toEqual([
      expect.stringMatching(/^clusterScope: .* not for the namespace "kube-system"/),
      expect.stringMatching(/^clusterScope: .* such as Namespace n/),
    ]);
  });

  it('takes the first source only where there is no list of them', () => {
    const spec = { ...application.spec, sources: [{ repoURL: 'https://elsewhere.example/x' }] };
    const strict = project({
      sourceRepos: ['https://git.example/**'],
      destinations: [{ server: '*', namespace: '*' }],
    });
    expect(checkProject({ project: strict, application, cluster, objects }).allowed).toBe(true);
    expect(checkProject({ project: strict, application: { ...application, spec }, cluster, objects }).allowed).toBe(
      false,
    );
  });

  it('never permits more because of one more denial (property)', () => {
    const part = fc.constantFrom('*', 'eu', 'e*', 'team-a', 'team-*', 'https://*', '!eu', '!team-a', '!https://eu*');
    const item = fc.record({ name: part, server: part, namespace: part });
    fc.assert(
      fc.property(fc.array(item), item, (items, extra) => {
        const denial = {
          ...extra,
          namespace: extra.namespace.startsWith('!') ? extra.namespace : `!${extra.namespace}x`,
        };
        const place = { name: 'eu', server: 'https://eu.example', namespace: 'team-a', labels: {} };
        const isAllowed = (destinations: readonly ProjectDestination[]): boolean =>
          permitsDestination(project({ destinations }), place).length === 0;
        if (isAllowed([...items, denial])) expect(isAllowed(items)).toBe(true);
      }),
    );
  });
});
