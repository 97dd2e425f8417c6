import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { BACKENDS, titleOf } from './support/backends.js';
import { application, applicationSet, deployment, settings } from './support/manifests.js';
import { Product } from './support/product.js';
import { inRoot } from './support/root.js';
import { Scenario } from './support/scenario.js';

const START_MS = 120_000;
const SCENARIO_MS = 180_000;

const PROJECT = `apiVersion: argoproj.io/v1alpha1
kind: AppProject
metadata: { name: 'ID-shop', annotations: { argocd.argoproj.io/sync-wave: '-1' } }
spec:
  sourceRepos: ['REPO']
  destinations: [{ name: 'ID-*', namespace: '*' }]
  clusterResourceWhitelist: [{ group: '', kind: Namespace }]
`;

const SERVICES = applicationSet({
  set: 'services',
  generators: "- git: { repoURL: 'REPO', revision: main, directories: [{ path: services/* }] }",
  name: 'ID-{{path.basename}}',
  path: '{{path}}',
  destination: "name: 'ID-b', namespace: '{{path.basename}}'",
});

const guestbook = (path: string): string =>
  application('guestbook', { cluster: 'a', path }).replace('project: default', "project: 'ID-shop'");

/** What the repository holds at first: two Applications, a set and a project below the path of the root, and what they deploy. */
const FILES = {
  'applications/prod/project.yaml': PROJECT,
  'applications/prod/guestbook.yaml': guestbook('guestbook'),
  'applications/prod/settings.yaml': application('settings', { cluster: 'b', path: 'settings' }),
  'applications/prod/services.yaml': SERVICES,
  'guestbook/web.yaml': deployment('web'),
  'settings/settings.yaml': settings('one'),
  'other/settings.yaml': settings('by hand'),
  'services/cart/settings.yaml': settings('cart'),
  'services/catalog/settings.yaml': settings('catalog'),
};

const ALL = ['cart', 'catalog', 'guestbook', 'settings'];

const ROOT = `query ($name: String!) {
  application(name: $name) {
    sync { status }
    health { status message }
    operation { phase message }
    conditions { type message }
    destination { name }
    diff { action key { kind name } differences { pointer live desired } }
    heldDeletion { names total digest }
  }
}`;
interface Root {
  readonly sync: { readonly status: string };
  readonly health: { readonly status: string; readonly message: string };
  readonly operation: { readonly phase: string; readonly message: string } | null;
  readonly conditions: readonly { readonly type: string; readonly message: string }[];
  readonly diff: readonly {
    readonly action: string;
    readonly key: { readonly kind: string; readonly name: string };
    readonly differences: readonly { readonly pointer: string; readonly live: unknown; readonly desired: unknown }[];
  }[];
  readonly heldDeletion: { readonly names: readonly string[]; readonly total: number; readonly digest: string } | null;
}

describe.each(BACKENDS)('an App of Apps', (backend) => {
  describe.skipIf(backend.missing !== '')(titleOf(backend), () => {
    let product: Product;
    let scenario: Scenario;
    let manifest: string;
    beforeAll(async () => {
      product = await Product.start({ backend });
      manifest = await readFile(inRoot('apps/e2e/fixtures/app-of-apps/root-app.yaml'), 'utf8');
    }, START_MS);
    afterAll(async () => {
      await product.stop();
      expect(product.lost).toBeUndefined();
    });
    beforeEach(async () => {
      scenario = await Scenario.given(product, { clusters: { a: {}, b: {} }, files: {} });
      await scenario.repo.commit(filled(FILES));
      return () => scenario.end();
    });

    const filled = (files: Readonly<Record<string, string>>): Record<string, string> =>
      Object.fromEntries(Object.entries(files).map(([path, text]) => [path, scenario.fill(text)]));
    const rootName = (): string => `${scenario.id}-root-app`;
    /** Declares the root; with more lines for its spec. */
    const declareRoot = (spec = ''): Promise<void> =>
      scenario.applies(manifest.replace('name: root-app', 'name: ID-root-app') + spec);
    const root = async (): Promise<Root> =>
      (await product.hub.query<{ application: Root }>(ROOT, { name: rootName() })).application;
    const rootIs = (verdict: string): Promise<void> =>
      scenario.until(`the root is ${verdict}`, {
        ask: async () => (await scenario.verdicts())['root-app'],
        is: verdict,
      });
    const syncRoot = async (): Promise<void> => {
      const { syncApplication } = await product.hub.query<{ syncApplication: unknown }>(
        'mutation ($name: String!) { syncApplication(name: $name, prune: true) { __typename } }',
        { name: rootName() },
      );
      expect(syncApplication).toEqual({ __typename: 'SyncAccepted' });
    };
    /** Somebody changes a child by hand. */
    const editByHand = (): Promise<void> => scenario.applies(application('settings', { cluster: 'b', path: 'other' }));
    const text = (): Promise<string | undefined> => scenario.spoke('b').text('settings');

    it('without automation syncs, shows drift of a child, and heals it by hand', { timeout: SCENARIO_MS }, async () => {
      await declareRoot();
      await rootIs('OutOfSync Missing');
      expect(Object.keys(await scenario.verdicts())).toEqual(['root-app']);
      expect((await root()).diff.map(({ action, key }) => `${action} ${key.kind}`).sort()).toEqual([
        'create AppProject',
        'create Application',
        'create Application',
        'create ApplicationSet',
      ]);

      await syncRoot();
      await scenario.becomesHealthy('root-app', ...ALL);
      expect([await text(), await scenario.spoke('b').text('cart')]).toEqual(['one', 'cart']);
      expect(await product.hub.query('{ fleet { clusters { total } } cluster(name: "in-cluster") { isHub } }')).toEqual(
        expect.objectContaining({ cluster: { isHub: true } }),
      );

      await editByHand();
      await scenario.until('the edit is live', { ask: text, is: 'by hand' });
      await rootIs('OutOfSync Healthy');
      expect((await root()).diff).toEqual([
        {
          action: 'update',
          key: { kind: 'Application', name: `${scenario.id}-settings` },
          differences: [{ pointer: '/spec/source/path', live: 'other', desired: 'settings' }],
        },
      ]);

      await syncRoot();
      await scenario.becomesHealthy('root-app', ...ALL);
      await scenario.until('it is healed', { ask: text, is: 'one' });
    });

    it(
      'with automation heals, prunes within the budget, and holds what is past it',
      { timeout: SCENARIO_MS },
      async () => {
        await declareRoot('  syncPolicy: { automated: { prune: true, selfHeal: true } }\n');
        await scenario.becomesHealthy('root-app', ...ALL);

        await editByHand();
        await scenario.until('the declaration is healed', {
          ask: async () => (await root()).diff.length,
          is: 0,
        });
        await scenario.until('the spoke follows', { ask: text, is: 'one' });
        await scenario.becomesHealthy('root-app', ...ALL);

        await scenario.commits({ 'applications/prod/guestbook.yaml': null });
        await scenario.becomesHealthy('root-app', 'cart', 'catalog', 'settings');
        const web = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'guestbook', name: 'web' };
        expect(await scenario.spoke('a').get(web)).toBeUndefined();

        // One object of the root, and yet three Applications would go: a set takes what it generated along.
        await scenario.commits({ 'applications/prod/settings.yaml': null, 'applications/prod/services.yaml': null });
        await scenario.until('the deletion is held', {
          ask: async () => (await root()).heldDeletion?.names.length,
          is: 2,
        });
        expect(await text()).toBe('one');
        const { heldDeletion } = await root();
        expect(heldDeletion?.names).toEqual([
          `argoproj.io/Application/argocd/${scenario.id}-settings`,
          `argoproj.io/ApplicationSet/argocd/${scenario.id}-services`,
        ]);
        const { approveDeletion } = await product.hub.query<{ approveDeletion: unknown }>(
          'mutation ($name: String!, $digest: String) { approveDeletion(application: $name, digest: $digest) { __typename } }',
          { name: rootName(), digest: heldDeletion?.digest },
        );
        expect(approveDeletion).toEqual({ __typename: 'DeletionApproved' });
        await scenario.becomesHealthy('root-app');
        expect([await text(), await scenario.spoke('b').text('cart')]).toEqual([undefined, undefined]);
      },
    );
  });
});
