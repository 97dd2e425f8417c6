// Documents as users of Argo CD have them, word for word apart from names and addresses.
import { eventually } from '@wheelwright/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ON_POSTGRES } from './support/backends.js';
import { settings } from './support/manifests.js';
import { Product } from './support/product.js';
import { Scenario } from './support/scenario.js';

const START_MS = 120_000;
const SCENARIO_MS = 60_000;

const GUESTBOOK = `apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata:
  name: guestbook
spec:
  generators:
    - git:
        repoURL: ADDRESS
        revision: HEAD
        directories:
          - path: guestbook/
  template:
    metadata:
      name: '{{path.basename}}-{{name}}'
    spec:
      project: default
      source:
        repoURL: ADDRESS
        targetRevision: HEAD
        path: '{{path}}'
      destination:
        server: '{{name}}'
        namespace: guestbook
`;

const POLICY_ONLY = `apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: payment-service
spec:
  syncPolicy:
    automated:
      prune: true
      selfHeal: true
    syncOptions:
      - CreateNamespace=true
    retry:
      limit: 5
      backoff:
        duration: 5s
        factor: 2
        maxDuration: 3m
`;

const PLATFORM = `apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata:
  name: platform-services
spec:
  generators:
    - clusters:
        selector:
          matchLabels:
            environment: production
  template:
    metadata:
      name: '{{name}}-platform'
    spec:
      project: platform
      source:
        repoURL: REPO
        path: 'clusters/{{name}}/platform'
      destination:
        server: '{{server}}'
        namespace: platform
`;

const PROJECT = `apiVersion: argoproj.io/v1alpha1
kind: AppProject
metadata: { name: platform }
spec:
  sourceRepos: ['REPO']
  destinations: [{ server: '*', namespace: platform }]
  clusterResourceWhitelist: [{ group: '', kind: Namespace }]
---
`;

const ROOT = `apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: root-app
  namespace: argocd
spec:
  project: default
  source:
    repoURL: https://git.example.com/team/clusters.git
    targetRevision: HEAD
    path: applications/prod
  destination:
    server: https://kubernetes.default.svc
    namespace: argocd
`;

const OTHER_KINDS: readonly (readonly [apiVersion: string, kind: string])[] = [
  ['argoproj.io/v1alpha1', 'Rollout'],
  ['kyverno.io/v1', 'ClusterPolicy'],
  ['templates.gatekeeper.sh/v1beta1', 'ConstraintTemplate'],
  ['constraints.gatekeeper.sh/v1beta1', 'K8sDisallowedImageRepos'],
  ['external-secrets.io/v1beta1', 'ExternalSecret'],
];

interface Refusal {
  readonly code: string;
  readonly errors: readonly { readonly pointer: string; readonly message: string }[];
}

describe('documents of Argo CD', () => {
  let product: Product;
  beforeAll(async () => {
    product = await Product.start({ backend: ON_POSTGRES });
  }, START_MS);
  afterAll(async () => {
    await product.stop();
    expect(product.lost).toBeUndefined();
  });
  const apply = (yaml: string): ReturnType<Product['hub']['rest']> =>
    product.hub.rest('POST /api/v1/apply', { body: yaml });
  const issues = async (name: string): Promise<readonly string[]> => {
    const { applicationSet } = await product.hub.query<{
      applicationSet: { issues: readonly { message: string }[] };
    }>('query ($name: String!) { applicationSet(name: $name) { issues { message } } }', { name });
    return applicationSet.issues.map(({ message }) => message);
  };
  const explained = (messages: readonly string[]): boolean =>
    ['trailing slash', '{{name}}'].every((text) => messages.some((message) => message.includes(text)));

  it.each([
    ['can be read', 'REPO'],
    ['cannot be read', 'https://git.example.invalid/team/apps.git'],
  ])(
    'a set that is wrong twice is accepted, and says both, though its repository %s',
    async (_, address) => {
      const scenario = await Scenario.given(product, { clusters: {}, files: { 'guestbook/a.yaml': settings('a') } });
      const name = `${scenario.id}-guestbook`;
      const yaml = scenario.fill(GUESTBOOK.replaceAll('ADDRESS', address).replace('name: guestbook', `name: ${name}`));
      const { status, body } = await apply(yaml);
      expect([status, body['objects']]).toMatchObject([200, [{ kind: 'ApplicationSet', name, result: 'created' }]]);
      const messages = await eventually(() => issues(name), explained);
      expect(messages.find((message) => message.includes('trailing slash'))).toContain('guestbook/');
      expect((await apply(yaml)).body['objects']).toMatchObject([{ result: 'unchanged' }]);
      await scenario.end();
    },
    SCENARIO_MS,
  );

  it('an Application without source and destination is refused with both named', { timeout: SCENARIO_MS }, async () => {
    const { status, body } = await apply(POLICY_ONLY);
    expect(status).toBe(422);
    const { errors } = body as unknown as Refusal;
    expect(errors.map(({ pointer }) => pointer).sort()).toEqual(['/spec/destination', '/spec/source']);
    expect((await product.hub.applications({ text: 'payment-service' })).length).toBe(0);
  });

  it('and, completed with both, is deployed as its policy says', { timeout: SCENARIO_MS }, async () => {
    const scenario = await Scenario.given(product, {
      clusters: { one: {} },
      files: { 'pay/a.yaml': settings('paid') },
    });
    const source = "  source: { repoURL: 'REPO', path: pay }\n  destination: { name: ID-one, namespace: payments }\n";
    await scenario.applies(POLICY_ONLY.replace('name: payment-service', 'name: ID-payment-service') + source);
    await scenario.becomesHealthy('payment-service');
    expect(await scenario.spoke('one').text('payments')).toBe('paid');
    await scenario.end();
  });

  it(
    'a set by label of clusters works, and waits for a person where nothing is automated',
    { timeout: SCENARIO_MS },
    async () => {
      const production = { environment: 'production' };
      const scenario = await Scenario.given(product, {
        clusters: { eu: production, us: production, dev: {} },
        files: {},
      });
      const files = ['eu', 'us'].map((name) => [
        [
          `clusters/${scenario.id}-${name}/platform/namespace.yaml`,
          'apiVersion: v1\nkind: Namespace\nmetadata: { name: platform }\n',
        ],
        [`clusters/${scenario.id}-${name}/platform/settings.yaml`, settings(name)],
      ]);
      await scenario.repo.commit(Object.fromEntries(files.flat()) as Record<string, string>);
      await scenario.applies(PROJECT + PLATFORM);
      await scenario.becomes({ 'eu-platform': 'OutOfSync Missing', 'us-platform': 'OutOfSync Missing' });
      for (const name of ['eu', 'us']) {
        const { syncApplication } = await product.hub.query<{ syncApplication: unknown }>(
          'mutation ($name: String!) { syncApplication(name: $name) { __typename } }',
          { name: `${scenario.id}-${name}-platform` },
        );
        expect(syncApplication).toEqual({ __typename: 'SyncAccepted' });
      }
      await scenario.becomesHealthy('eu-platform', 'us-platform');
      expect([await scenario.spoke('eu').text('platform'), await scenario.spoke('us').text('platform')]).toEqual([
        'eu',
        'us',
      ]);
      await scenario.end();
    },
  );

  it(
    'a root Application goes to the hub itself, and says why its repository cannot be read',
    {
      timeout: SCENARIO_MS,
    },
    async () => {
      expect((await apply(ROOT)).status).toBe(200);
      const [root] = await eventually(
        () => product.hub.applications({ text: 'root-app' }),
        ([view]) => (view?.conditions.length ?? 0) > 0,
      );
      expect(root?.conditions.map(({ type }) => type)).toEqual(['ComparisonError']);
    },
  );

  it.each(OTHER_KINDS)('%s %s is refused by its name', async (apiVersion, kind) => {
    const { status, body } = await apply(
      `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: { name: some }\nspec: {}\n`,
    );
    const { code, errors } = body as unknown as Refusal;
    expect([status, code]).toEqual([422, 'UnsupportedKind']);
    expect(errors[0]?.message).toContain(kind);
  });

  it('one bad document keeps all others out', { timeout: SCENARIO_MS }, async () => {
    const { status } = await apply(`${ROOT.replace('root-app', 'never-there')}---\n${POLICY_ONLY}`);
    expect(status).toBe(422);
    expect(await product.hub.applications({ text: 'never-there' })).toEqual([]);
  });
});
