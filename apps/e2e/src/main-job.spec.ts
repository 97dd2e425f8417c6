import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BACKENDS, titleOf } from './support/backends.js';
import { application, applicationSet, deployment, settings } from './support/manifests.js';
import { Product } from './support/product.js';
import { Scenario } from './support/scenario.js';

const START_MS = 120_000;
const SCENARIO_MS = 180_000;

const FILES = {
  'guestbook/web.yaml': deployment('web'),
  'guestbook/settings.yaml': settings('one'),
  'services/cart/settings.yaml': settings('cart'),
  'services/catalog/settings.yaml': settings('catalog'),
};

const SETS = [
  applicationSet({
    set: 'listed',
    generators: '- list: { elements: [{ cluster: a }] }',
    name: 'ID-{{cluster}}-listed',
    path: 'guestbook',
    destination: "name: 'ID-{{cluster}}', namespace: listed",
  }),
  applicationSet({
    set: 'labelled',
    generators: '- clusters: { selector: { matchLabels: { scenario: ID, tier: gold } } }',
    name: '{{name}}-labelled',
    path: 'guestbook',
    destination: "server: '{{server}}', namespace: labelled",
  }),
  applicationSet({
    set: 'services',
    generators: "- git: { repoURL: 'REPO', revision: main, directories: [{ path: services/* }] }",
    name: 'ID-{{path.basename}}',
    path: '{{path}}',
    destination: "name: 'ID-b', namespace: '{{path.basename}}'",
  }),
].join('');

describe.each(BACKENDS)('the main job', (backend) => {
  describe.skipIf(backend.missing !== '')(titleOf(backend), () => {
    let product: Product;
    let scenario: Scenario;
    beforeAll(async () => {
      product = await Product.start({ backend });
      scenario = await Scenario.given(product, {
        clusters: { a: { tier: 'gold' }, b: { tier: 'silver' } },
        files: FILES,
      });
    }, START_MS);
    afterAll(async () => {
      await scenario.end();
      await product.stop();
      expect(product.lost).toBeUndefined();
    });

    it('an applied set of each kind brings every spoke to what Git declares', { timeout: SCENARIO_MS }, async () => {
      await scenario.applies(SETS);
      await scenario.becomesHealthy('a-listed', 'a-labelled', 'cart', 'catalog');
      const { a, b } = { a: scenario.spoke('a'), b: scenario.spoke('b') };
      expect([await a.text('listed'), await a.text('labelled'), await b.text('cart'), await b.text('catalog')]).toEqual(
        ['one', 'one', 'cart', 'catalog'],
      );
      const { fleet } = await product.hub.query<{ fleet: unknown }>(
        '{ fleet { clusters { total connected } applications { total sync { synced } health { healthy } } } }',
      );
      expect(fleet).toEqual({
        clusters: { total: 2, connected: 2 },
        applications: { total: 4, sync: { synced: 4 }, health: { healthy: 4 } },
      });
    });

    it('a changed label makes Applications, and takes them away again', { timeout: SCENARIO_MS }, async () => {
      const label = (tier: string): Promise<unknown> =>
        product.hub.rest(`PATCH /api/v1/clusters/${scenario.id}-b`, { body: { labels: { tier } } });
      await label('gold');
      await scenario.becomesHealthy('a-listed', 'a-labelled', 'b-labelled', 'cart', 'catalog');
      expect(await scenario.spoke('b').text('labelled')).toBe('one');
      await label('silver');
      await scenario.becomesHealthy('a-listed', 'a-labelled', 'cart', 'catalog');
      expect(await scenario.spoke('b').text('labelled')).toBeUndefined();
    });

    it('a pushed commit goes live: changed objects and new directories', { timeout: SCENARIO_MS }, async () => {
      const commit = await scenario.commits({
        'guestbook/settings.yaml': settings('two'),
        'services/checkout/settings.yaml': settings('checkout'),
      });
      await scenario.until('it is live', { ask: () => scenario.spoke('a').text('labelled'), is: 'two' });
      await scenario.becomesHealthy('a-listed', 'a-labelled', 'cart', 'catalog', 'checkout');
      expect(await scenario.spoke('b').text('checkout')).toBe('checkout');
      await scenario.until('the revision is the commit', {
        ask: async () => (await product.hub.applications({ text: `${scenario.id}-a-listed` }))[0]?.sync.revision,
        is: commit,
      });
    });

    it('a change by hand on a spoke is healed', { timeout: SCENARIO_MS }, async () => {
      const a = scenario.spoke('a');
      await a.edit(
        { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'listed', name: 'settings' },
        { data: { text: 'by hand' } },
      );
      await scenario.until('it is healed', { ask: () => a.text('listed'), is: 'two' });
      await scenario.becomesHealthy('a-listed', 'a-labelled', 'cart', 'catalog', 'checkout');
    });

    it('deleting with cascade takes the objects along, and only those', { timeout: SCENARIO_MS }, async () => {
      await scenario.applies(application('solo', { cluster: 'b', path: 'guestbook' }));
      await scenario.becomesHealthy('a-listed', 'a-labelled', 'cart', 'catalog', 'checkout', 'solo');
      const set = await product.hub.rest(`DELETE /api/v1/applicationsets/${scenario.id}-listed`);
      const solo = await product.hub.rest(`DELETE /api/v1/applications/${scenario.id}-solo?cascade=true`);
      expect([set.status, solo.status]).toEqual([200, 202]);
      await scenario.becomesHealthy('a-labelled', 'cart', 'catalog', 'checkout');
      const { a, b } = { a: scenario.spoke('a'), b: scenario.spoke('b') };
      expect([await a.text('listed'), await b.text('solo'), await a.text('labelled')]).toEqual([
        undefined,
        undefined,
        'two',
      ]);
      const refused = await product.hub.rest(`DELETE /api/v1/clusters/${scenario.id}-b`);
      expect([refused.status, refused.body['code']]).toEqual([409, 'StillInUse']);
    });
  });
});
