import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BACKENDS, titleOf } from './support/backends.js';
import { applicationSet, settings } from './support/manifests.js';
import { Product } from './support/product.js';
import { Scenario } from './support/scenario.js';

const START_MS = 120_000;
const SCENARIO_MS = 120_000;
/** Each answer of the slow spoke. */
const SLOW_MS = 400;

const EVERYWHERE = applicationSet({
  set: 'everywhere',
  generators: '- clusters: { selector: { matchLabels: { scenario: ID } } }',
  name: '{{name}}-app',
  path: 'app',
  destination: "server: '{{server}}', namespace: app",
});

const DIRECTORIES = applicationSet({
  set: 'directories',
  generators: "- git: { repoURL: 'REPO', revision: main, directories: [{ path: services/* }] }",
  name: 'ID-{{path.basename}}',
  path: '{{path}}',
  destination: "name: 'ID-one', namespace: '{{path.basename}}'",
});

const CLUSTER = 'query ($name: String!) { cluster(name: $name) { state reason message } }';
interface ClusterState {
  readonly cluster: { readonly state: string; readonly reason: string; readonly message: string };
}

const HELD = `query ($name: String!) {
  applicationSet(name: $name) { heldDeletion { names total reason digest approvedBy } conditions { type status message } }
}`;
interface Held {
  readonly applicationSet: {
    readonly heldDeletion: {
      readonly names: readonly string[];
      readonly total: number;
      readonly reason: string;
      readonly digest: string;
    } | null;
  };
}

const APPROVE = `mutation ($set: String!, $digest: String) {
  approveDeletion(set: $set, digest: $digest) {
    __typename
    ... on DeletionApproved { heldDeletion { approvedBy } }
    ... on Refusal { code message }
  }
}`;

describe.each(BACKENDS)('a fleet', (backend) => {
  describe.skipIf(backend.missing !== '')(titleOf(backend), () => {
    let product: Product;
    beforeAll(async () => {
      product = await Product.start({ backend });
    }, START_MS);
    afterAll(async () => {
      await product.stop();
      expect(product.lost).toBeUndefined();
    });

    it('goes on without a spoke that is down and one that is slow', { timeout: SCENARIO_MS }, async () => {
      const clusters = { dead: {}, slow: {}, well: {}, fine: {} };
      const scenario = await Scenario.given(product, { clusters, files: { 'app/settings.yaml': settings('one') } });
      const [dead, slow, well, fine] = ['dead', 'slow', 'well', 'fine'].map((name) => scenario.spoke(name));
      if (dead === undefined || slow === undefined || well === undefined || fine === undefined)
        throw new Error('spokes');
      await scenario.applies(EVERYWHERE);
      await scenario.becomesHealthy('dead-app', 'slow-app', 'well-app', 'fine-app');

      await dead.misbehave({ down: true });
      await slow.misbehave({ latencyMs: SLOW_MS });
      const startedMs = performance.now();
      await scenario.commits({ 'app/settings.yaml': settings('two') });
      await scenario.until('the well have it', {
        ask: async () => `${(await well.text('app')) ?? ''} ${(await fine.text('app')) ?? ''}`,
        is: 'two two',
      });
      // As usual: nobody waits for the deadline of a call to another spoke.
      expect(performance.now() - startedMs).toBeLessThan(10_000);
      await scenario.becomes({
        'dead-app': 'Unknown Unknown',
        'slow-app': 'Synced Healthy',
        'well-app': 'Synced Healthy',
        'fine-app': 'Synced Healthy',
      });
      const { cluster } = await product.hub.query<ClusterState>(CLUSTER, { name: dead.name });
      expect(cluster.state).toBe('Unreachable');
      expect(cluster.reason).not.toBe('');
      expect(cluster.message).not.toBe('');

      await dead.misbehave({});
      await slow.misbehave({});
      await scenario.becomesHealthy('dead-app', 'slow-app', 'well-app', 'fine-app');
      expect(await dead.text('app')).toBe('two');
      await scenario.end();
    });

    it(
      'keeps what a commit would delete in numbers, until somebody approves exactly that',
      { timeout: SCENARIO_MS },
      async () => {
        const names = ['a', 'b', 'c', 'd', 'e', 'f'];
        const file = (name: string): string => `services/${name}/settings.yaml`;
        const scenario = await Scenario.given(product, {
          clusters: { one: {} },
          files: Object.fromEntries(names.map((name) => [file(name), settings(name)])),
        });
        await scenario.applies(DIRECTORIES);
        await scenario.becomesHealthy(...names);
        const held = async (): Promise<Held['applicationSet']['heldDeletion']> =>
          (await product.hub.query<Held>(HELD, { name: `${scenario.id}-directories` })).applicationSet.heldDeletion;

        const removed = names.slice(1);
        await scenario.commits(Object.fromEntries(removed.map((name) => [`services/${name}`, null])));
        await scenario.until('the deletion is held', {
          ask: async () => (await held())?.names.length,
          is: removed.length,
        });
        const holding = await held();
        expect(holding?.names).toEqual(removed.map((name) => `${scenario.id}-${name}`));
        expect(holding?.reason).toContain('5 of 6');
        const here = async (): Promise<unknown> => Promise.all(names.map((name) => scenario.spoke('one').text(name)));
        expect(await here()).toEqual(names);
        expect(Object.keys(await scenario.verdicts())).toEqual(names);

        const approve = async (digest: string): Promise<Record<string, unknown>> =>
          (
            await product.hub.query<{ approveDeletion: Record<string, unknown> }>(APPROVE, {
              set: `${scenario.id}-directories`,
              digest,
            })
          ).approveDeletion;
        expect(await approve('0'.repeat(64))).toMatchObject({ __typename: 'Refused' });
        expect(await approve(holding?.digest ?? '')).toMatchObject({
          __typename: 'DeletionApproved',
          heldDeletion: { approvedBy: 'admin' },
        });
        await scenario.becomesHealthy('a');
        expect(await here()).toEqual(['a', undefined, undefined, undefined, undefined, undefined]);
        expect(await held()).toBeNull();
        await scenario.end();
      },
    );
  });
});
