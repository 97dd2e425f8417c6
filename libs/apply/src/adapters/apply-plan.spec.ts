import { ClusterId, MANAGED_BY_LABEL, TRACKING_ANNOTATION, type KubeObject } from '@wheelwright/kernel';
import { BEING_DELETED, FIELD_MANAGER, plan, questionsOf, summarise } from '@wheelwright/plan';
import { gatherAnswers } from '@wheelwright/plan/adapters';
import { addressPolicy, SpokeClients, type SpokeClient } from '@wheelwright/platform-kube';
import { startSpokeSim } from '@wheelwright/spoke-sim';
import { findEnvtest, startEnvtest } from '@wheelwright/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applyPlan } from './apply-plan.js';
import { configMap, deployment, Harness, KINDS, shown } from './harness.fixture.js';

const OPTIONS = 'argocd.argoproj.io/sync-options';

interface Served {
  readonly url: string;
  readonly token: string;
  readonly caData?: string;
  stop(): Promise<void>;
}

/** The behaviour that the simulated spoke and a real API server must share. */
function suite(name: string, make: () => Promise<Served>): void {
  describe(name, () => {
    let served: Served;
    let clients: SpokeClients;
    let client: SpokeClient;
    let count = 0;
    beforeAll(async () => {
      served = await make();
      clients = new SpokeClients({ addressPolicy: addressPolicy(['127.0.0.0/8']) });
      const tls = served.caData === undefined ? {} : { caData: served.caData };
      client = clients.get(
        { id: ClusterId('c'), server: served.url, tls, credentials: { kind: 'bearerToken', token: served.token } },
        '1',
      );
    }, 120_000);
    afterAll(async () => {
      await clients.close();
      await served.stop();
    });
    /** A fresh installation and namespace: tests do not see each other. */
    const harness = (): Harness => {
      count += 1;
      return new Harness(client, {
        installationId: `hub-${String(count)}`,
        namespace: `shop-${String(count)}`,
        gather: gatherAnswers,
      });
    };
    const CREATE = ['CreateNamespace=true'];

    it('creates in order, then finds nothing to do and asks nothing', async () => {
      const spoke = harness();
      const objects = [
        deployment('web', 1),
        configMap('settings', { a: '1' }),
        { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'keys' }, stringData: { k: 'v' } },
      ];
      expect(shown(await spoke.sync(objects, CREATE))).toEqual([
        `Namespace ${spoke.namespace} created`,
        'Secret keys created',
        'ConfigMap settings created',
        'Deployment web created',
      ]);
      const input = await spoke.input(objects, CREATE);
      expect(questionsOf(input)).toEqual([]);
      expect(summarise(plan(input, new Map()))).toMatchObject({ changes: 0, inSync: true });
      const thorough = { ...input, thorough: true };
      const preview = plan(thorough, await gatherAnswers(client, questionsOf(thorough)));
      expect(preview.entries.map(({ action, differences }) => [action, differences])).toEqual(
        preview.entries.map(() => ['unchanged', []]),
      );
    });

    it('repairs what somebody changed, and names who did', async () => {
      const spoke = harness();
      const objects = [configMap('settings', { a: '1', b: '1' })];
      await spoke.sync(objects, CREATE);
      await spoke.byHand(configMap('settings', { a: 'changed', c: 'added' }, { namespace: spoke.namespace }));
      const made = await spoke.plan(objects, CREATE);
      const [entry] = made.entries.filter(({ action }) => action === 'update');
      // What somebody added beside our fields is not ours to remove.
      expect(entry?.differences).toEqual([
        { pointer: '/data/a', live: 'changed', desired: '1', contestedBy: ['by-hand'] },
      ]);
      expect(entry?.reason).toBe('takes fields over from by-hand');
      expect(shown(await spoke.sync(objects, CREATE))).toContain('ConfigMap settings configured');
      expect((await spoke.get('ConfigMap', 'settings'))?.['data']).toEqual({ a: '1', b: '1', c: 'added' });
      expect(questionsOf(await spoke.input(objects, CREATE))).toEqual([]);
    });

    it('leaves ignored fields as they are, where that is asked for', async () => {
      const spoke = harness();
      const sync = [...CREATE, 'RespectIgnoreDifferences=true'];
      await spoke.sync([deployment('web', 1), deployment('plain', 1)], CREATE);
      await spoke.byHand({ ...deployment('web', 7), metadata: { name: 'web', namespace: spoke.namespace } });
      const changed = { ...deployment('web', 1), metadata: { name: 'web', labels: { tier: 'gold' } } };
      const input = {
        ...(await spoke.input([changed, deployment('plain', 1)], sync)),
        ignoreDifferences: [{ group: 'apps', kind: 'Deployment', jsonPointers: ['/spec/replicas'] }],
      };
      const made = plan(input, await gatherAnswers(client, questionsOf(input)));
      expect(made.entries.find(({ key }) => key.name === 'web')?.action).toBe('update');
      await applyPlan(client, made, { fieldManager: FIELD_MANAGER });
      const live = await spoke.get('Deployment', 'web');
      expect(live?.metadata.labels).toMatchObject({ tier: 'gold' });
      expect(live?.['spec']).toMatchObject({ replicas: 7 });
    });

    it('removes a field that is no longer declared', async () => {
      const spoke = harness();
      await spoke.sync([configMap('settings', { a: '1', b: '1' })], CREATE);
      await spoke.sync([configMap('settings', { a: '1' })], CREATE);
      expect((await spoke.get('ConfigMap', 'settings'))?.['data']).toEqual({ a: '1' });
    });

    it('Safe deletion: prunes by uid what is ours, and nothing else', async () => {
      const spoke = harness();
      await spoke.sync(
        [configMap('kept', { a: '1' }), configMap('gone', { a: '1' }), configMap('theirs', { a: '1' })],
        CREATE,
      );
      const stolen = {
        namespace: spoke.namespace,
        annotations: { [TRACKING_ANNOTATION]: `other:/ConfigMap:${spoke.namespace}/theirs` },
      };
      await spoke.byHand(configMap('theirs', { a: '1' }, stolen));
      const made = await spoke.plan([configMap('kept', { a: '1' })], CREATE);
      expect(made.released).toEqual([
        { key: expect.objectContaining({ name: 'theirs' }), reason: expect.stringContaining('other:') },
      ]);
      const options = [...CREATE, 'PrunePropagationPolicy=background'];
      expect(shown(await spoke.sync([configMap('kept', { a: '1' })], options))).toContain('ConfigMap gone deleted');
      expect(await spoke.get('ConfigMap', 'gone')).toBeUndefined();
      expect(await spoke.get('ConfigMap', 'theirs')).toBeDefined();
      expect(spoke.known.map(({ key }) => key.name).sort()).toEqual(['kept', spoke.namespace].sort());
    });

    it('keeps what waits for a finalizer in the inventory until it is gone', async () => {
      const spoke = harness();
      await spoke.sync([configMap('slow', { a: '1' })], CREATE);
      const held = configMap('slow', {}, { namespace: spoke.namespace, finalizers: ['example.io/hold'] });
      await spoke.byHand(held);
      const changes = await spoke.sync([], CREATE);
      expect(changes.changes.find(({ key }) => key.name === 'slow')).toMatchObject({
        action: 'deleted',
        pending: true,
      });
      expect(spoke.known.map(({ key }) => key.name)).toContain('slow');
      expect((await spoke.plan([], CREATE)).entries.find(({ key }) => key.name === 'slow')).toMatchObject({
        action: 'skip',
        reason: BEING_DELETED,
      });
      const resource = await client.resolve(KINDS[1]);
      if (resource === undefined) throw new Error('no kind');
      const ref = { namespace: spoke.namespace, name: 'slow' };
      await client.patch(resource, ref, { type: 'merge', body: { metadata: { finalizers: null } } });
      expect((await spoke.plan([], CREATE)).released).toEqual([expect.objectContaining({ reason: 'it is gone' })]);
      await spoke.sync([], CREATE);
      expect(spoke.known.map(({ key }) => key.name)).not.toContain('slow');
    });

    it('does not delete an object that took the name of the one that was planned', async () => {
      const spoke = harness();
      await spoke.sync([configMap('gone', { a: '1' })], CREATE);
      const made = await spoke.plan([], CREATE);
      const resource = await client.resolve(KINDS[1]);
      const before = await spoke.get('ConfigMap', 'gone');
      if (resource === undefined || before?.metadata.uid === undefined) throw new Error('nothing to replace');
      await client.delete(resource, { namespace: spoke.namespace, name: 'gone' }, { uid: before.metadata.uid });
      await spoke.byHand(configMap('gone', { fresh: 'yes' }, { namespace: spoke.namespace }));
      const changes = await applyPlan(client, made, { fieldManager: FIELD_MANAGER });
      expect(shown(changes)).toContain('ConfigMap gone deleted');
      expect((await spoke.get('ConfigMap', 'gone'))?.['data']).toEqual({ fresh: 'yes' });
    });

    it('adopts an object that was there before, but not one that another Application tracks', async () => {
      const spoke = harness();
      await spoke.sync([], CREATE);
      const { namespace } = spoke;
      await spoke.byHand(configMap('plain', { a: 'old' }, { namespace }));
      const tracked = { [TRACKING_ANNOTATION]: `theirs:/ConfigMap:${namespace}/tracked` };
      await spoke.byHand(configMap('tracked', { a: 'old' }, { namespace, annotations: tracked }));
      const changes = await spoke.sync([configMap('plain', { a: 'new' }), configMap('tracked', { a: 'new' })], CREATE);
      expect(shown(changes)).toContain('ConfigMap plain configured');
      expect(changes.changes.find(({ key }) => key.name === 'tracked')).toMatchObject({
        action: 'failed',
        message: 'it is there already, and belongs to the Application theirs',
      });
      expect((await spoke.get('ConfigMap', 'plain'))?.['data']).toEqual({ a: 'new' });
      expect((await spoke.get('ConfigMap', 'tracked'))?.['data']).toEqual({ a: 'old' });
    });

    it('makes a refused object a failed entry, and applies the rest', async () => {
      const spoke = harness();
      const invalid = { ...deployment('broken', 1), spec: { replicas: 1, selector: { matchLabels: { app: 'x' } } } };
      const changes = await spoke.sync([invalid, configMap('fine', { a: '1' })], CREATE);
      expect(shown(changes)).toContain('ConfigMap fine created');
      expect(changes.changes.find(({ key }) => key.name === 'broken')).toMatchObject({ action: 'failed' });
      expect(spoke.known.map(({ key }) => key.name)).not.toContain('broken');
    });

    it('tells before the first write that an update is refused', async () => {
      const spoke = harness();
      await spoke.sync([deployment('web', 1)], CREATE);
      const moved = deployment('web', 1);
      const spec = {
        replicas: 1,
        selector: { matchLabels: { app: 'other' } },
        template: { metadata: { labels: { app: 'other' } }, spec: { containers: [{ name: 'web', image: 'x' }] } },
      };
      const made = await spoke.plan([{ ...moved, spec }], CREATE);
      expect(made.problems).toHaveLength(1);
      expect(made.problems[0]?.message).toMatch(/immutable/);
    });

    it('Force: deletes and creates again what cannot be updated, and nothing that is wrong in itself', async () => {
      const spoke = harness();
      const force = [...CREATE, 'Force=true'];
      await spoke.sync([deployment('web', 1)], force);
      const uid = (await spoke.get('Deployment', 'web'))?.metadata.uid;
      const withLabel = (selector: string, label: string): KubeObject => ({
        ...deployment('web', 1),
        spec: {
          replicas: 1,
          selector: { matchLabels: { app: selector } },
          template: { metadata: { labels: { app: label } }, spec: { containers: [{ name: 'web', image: 'x' }] } },
        },
      });
      const wrong = await spoke.plan([withLabel('other', 'another')], force);
      expect(wrong.problems).toHaveLength(1);
      const kept = {
        ...withLabel('other', 'other'),
        metadata: { name: 'web', annotations: { [OPTIONS]: 'Prune=false' } },
      };
      expect((await spoke.plan([kept], force)).problems).toHaveLength(1);
      const made = await spoke.plan([withLabel('other', 'other')], force);
      expect(made.problems).toEqual([]);
      expect(made.entries.find(({ key }) => key.kind === 'Deployment')).toMatchObject({
        action: 'update',
        recreate: 'Background',
        uid,
      });
      expect(shown(await spoke.sync([withLabel('other', 'other')], force))).toContain('Deployment web configured');
      const live = await spoke.get('Deployment', 'web');
      expect(live?.metadata.uid).not.toBe(uid);
      expect(live?.['spec']).toMatchObject({ selector: { matchLabels: { app: 'other' } } });
      expect(questionsOf(await spoke.input([withLabel('other', 'other')], force))).toEqual([]);
    });

    it('leaves a namespace that was there before as it is', async () => {
      const spoke = harness();
      await spoke.byHand({
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: { name: spoke.namespace, labels: { mine: 'yes' } },
      });
      expect(shown(await spoke.sync([configMap('c', { a: '1' })], CREATE))).toEqual(['ConfigMap c created']);
      expect((await spoke.get('Namespace', spoke.namespace))?.metadata.labels?.[MANAGED_BY_LABEL]).toBeUndefined();
      expect(questionsOf(await spoke.input([configMap('c', { a: '1' })], CREATE))).toEqual([]);
    });
  });
}

suite('applying to a simulated spoke', async () => {
  const sim = await startSpokeSim();
  const spoke = sim.addCluster('apply');
  return { url: spoke.url, token: spoke.token, stop: () => sim.close() };
});

const found = findEnvtest();
if (found.folder !== undefined) {
  suite('applying to a real kube-apiserver', async () => {
    const server = await startEnvtest();
    return { url: server.url, token: server.token, caData: server.caData, stop: () => server.stop() };
  });
} else if (process.env['WHEELWRIGHT_REQUIRE_ENVTEST'] === '1') {
  it('has a real kube-apiserver', () => {
    expect.fail(found.reason);
  });
} else {
  describe.skip(`applying to a real kube-apiserver (skipped: ${found.reason})`, () => {
    it('runs the suite', () => undefined);
  });
}
