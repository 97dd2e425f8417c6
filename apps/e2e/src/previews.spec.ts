// What would a branch, or a changed set, do to the fleet? Asked over REST and GraphQL, answered by a worker, and nothing is written for it.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BACKENDS, titleOf } from './support/backends.js';
import { settings } from './support/manifests.js';
import { Product } from './support/product.js';
import { Scenario } from './support/scenario.js';

const START_MS = 120_000;
const SCENARIO_MS = 60_000;

const SET = `apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: { name: ID-teams }
spec:
  generators:
    - matrix:
        generators:
          - git: { repoURL: 'REPO', revision: main, directories: [{ path: teams/* }] }
          - clusters: { selector: { matchLabels: { scenario: ID } } }
  template:
    metadata: { name: 'ID-{{path.basename}}', labels: { tier: one } }
    spec:
      project: default
      source: { repoURL: 'REPO', targetRevision: main, path: '{{path}}' }
      destination: { server: '{{server}}', namespace: 'ID-{{path.basename}}' }
      syncPolicy: { automated: { prune: true, selfHeal: true }, syncOptions: [CreateNamespace=true] }
`;

const QUERY = `query ($name: String, $yaml: String, $revision: String) {
  previewApplicationSet(name: $name, yaml: $yaml, revision: $revision) {
    set exists held
    counts { create change unchanged remove invalid }
    applications { name action generator params differences { pointer before after } }
    removed { name cascade resources }
    issues { code }
  }
}`;

interface Preview {
  readonly exists: boolean;
  readonly counts: Readonly<Record<string, number>>;
  readonly applications: readonly { readonly name: string; readonly action: string; readonly differences: unknown[] }[];
  readonly removed: readonly { readonly name: string; readonly resources: number }[];
}

for (const backend of BACKENDS) {
  describe.skipIf(backend.missing !== '')(`previews ${titleOf(backend)}`, () => {
    let product: Product;
    beforeAll(async () => {
      product = await Product.start({ backend });
    }, START_MS);
    afterAll(async () => {
      await product.stop();
      expect(product.lost).toBeUndefined();
    });

    const ask = async (variables: Readonly<Record<string, string>>): Promise<Preview | undefined> => {
      const data = await product.hub.query<{ previewApplicationSet: readonly Preview[] }>(QUERY, variables);
      return data.previewApplicationSet[0];
    };

    it(
      'say what a set, a change of it and a branch would bring, and leave the fleet as it is',
      { timeout: SCENARIO_MS },
      async () => {
        const files = { 'teams/a/a.yaml': settings('a'), 'teams/b/b.yaml': settings('b') };
        const scenario = await Scenario.given(product, { clusters: { east: {} }, files });
        const { id, repo } = scenario;
        const first = await product.hub.rest('POST /api/v1/preview', { body: scenario.fill(SET) });
        expect(first.status).toBe(200);
        expect(first.body['previews']).toMatchObject([
          { set: `${id}-teams`, exists: false, counts: { create: 2 }, applications: [{ name: `${id}-a` }, {}] },
        ]);
        expect(await scenario.verdicts()).toEqual({});

        await scenario.applies(SET);
        await scenario.becomesHealthy('a', 'b');
        const changed = await ask({ yaml: scenario.fill(SET.replace('tier: one', 'tier: two')) });
        expect(changed?.counts).toMatchObject({ change: 2, create: 0, remove: 0 });
        expect(changed?.applications[0]?.differences).toEqual([
          { pointer: '/metadata/labels/tier', before: 'one', after: 'two' },
        ]);

        await repo.git('checkout', '--quiet', '-b', 'next');
        await repo.commit({ 'teams/b/b.yaml': null, 'teams/c/c.yaml': settings('c') });
        const branch = await ask({ name: `${id}-teams`, revision: 'next' });
        expect(branch?.applications.map(({ name, action }) => `${name} ${action}`)).toEqual([
          `${id}-a unchanged`,
          `${id}-c create`,
        ]);
        expect(branch?.removed).toMatchObject([{ name: `${id}-b`, cascade: true }]);
        expect(branch?.removed[0]?.resources).toBeGreaterThan(0);
        await scenario.becomesHealthy('a', 'b');
        await scenario.end();
      },
    );

    it('are part of the answer of a dry run', { timeout: SCENARIO_MS }, async () => {
      const scenario = await Scenario.given(product, { clusters: {}, files: { 'teams/a/a.yaml': settings('a') } });
      const { body, status } = await product.hub.rest('POST /api/v1/apply?dryRun=true', { body: scenario.fill(SET) });
      expect([status, body['previews']]).toMatchObject([200, [{ set: `${scenario.id}-teams`, counts: { create: 0 } }]]);
      const codes = (body['warnings'] as readonly { readonly code?: string }[]).map(({ code }) => code);
      expect(codes).toEqual(expect.arrayContaining(['NoCluster', 'EmptyResult']));
      await scenario.end();
    });
  });
}
