import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AppError, ClusterId, type KubeObject } from '@wheelwright/kernel';
import { startSpokeSim } from '@wheelwright/spoke-sim';
import { findEnvtest, startEnvtest } from '@wheelwright/testing';
import { addressPolicy, SpokeClients, type ApiResource, type SpokeClient, type SpokeTarget } from './index.js';

interface Server {
  readonly url: string;
  readonly token: string;
  readonly caData: string;
  stop(): Promise<void>;
}

const MANAGER = 'wheelwright';
const LABELS = { 'wheelwright.dev/managed-by': 'hub-1' };

async function startSimulated(): Promise<Server> {
  const sim = await startSpokeSim({ tls: true });
  const { url, token } = sim.addCluster('east');
  return { url, token, caData: sim.caData ?? '', stop: () => sim.close() };
}

async function codeOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => 'none',
    (error: unknown) => (error instanceof AppError ? error.code : error),
  );
}

/** The same calls on the simulated and on the real server: what one of them takes, both must. */
function calls(name: string, start: () => Promise<Server>): void {
  describe(name, () => {
    let server: Server;
    let clients: SpokeClients;
    let client: SpokeClient;
    let configMaps: ApiResource;

    const target = (id: string, change: Partial<SpokeTarget> = {}): SpokeTarget => ({
      id: ClusterId(id),
      server: server.url,
      tls: { caData: server.caData },
      credentials: { kind: 'bearerToken', token: server.token },
      ...change,
    });
    const configMap = (mapName: string, data: Record<string, string>): KubeObject => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: mapName, namespace: 'default', labels: LABELS },
      data,
    });
    const ref = (mapName: string) => ({ namespace: 'default', name: mapName });

    beforeAll(async () => {
      server = await start();
      clients = new SpokeClients({ addressPolicy: addressPolicy(['127.0.0.0/8']) });
      client = clients.get(target('c1'), '1');
      const found = (await client.discovery()).find('', 'ConfigMap');
      if (found === undefined) throw new Error('no ConfigMaps');
      configMaps = found;
    }, 120_000);

    afterAll(async () => {
      await clients.close();
      await server.stop();
    });

    it('reads the version and what is served', async () => {
      expect((await client.version()).gitVersion).toMatch(/^v1\.\d+/);
      const discovery = await client.discovery();
      expect(discovery.complete).toBe(true);
      expect(discovery.find('apps', 'Deployment')).toMatchObject({
        version: 'v1',
        plural: 'deployments',
        namespaced: true,
      });
      expect(discovery.find('', 'Namespace')?.namespaced).toBe(false);
      expect(await client.resolve({ group: 'none.example', version: 'v1', kind: 'Thing' })).toBeUndefined();
      expect((await client.discovery()).digest).toBe(discovery.digest);
    });

    it('applies, dry-runs, reads and deletes one identity', async () => {
      const options = { fieldManager: MANAGER };
      const planned = await client.apply(configMaps, configMap('one', { a: '1' }), { ...options, dryRun: true });
      expect(planned['data']).toEqual({ a: '1' });
      expect(await client.get(configMaps, ref('one'))).toBeUndefined();
      const made = await client.apply(configMaps, configMap('one', { a: '1' }), options);
      expect((await client.get(configMaps, ref('one')))?.metadata.uid).toBe(made.metadata.uid);
      const uid = made.metadata.uid ?? '';
      expect(await client.delete(configMaps, ref('one'), { uid: 'another' })).toBe('gone');
      expect(await codeOf(client.delete(configMaps, ref('one'), { uid, resourceVersion: '1' }))).toBe('SpokeConflict');
      expect(await client.delete(configMaps, ref('one'), { uid, propagationPolicy: 'Background' })).toBe('deleted');
      expect(await client.delete(configMaps, ref('one'), { uid })).toBe('gone');
    });

    it('names who owns a contested field, and takes it over by force', async () => {
      await client.apply(configMaps, configMap('contested', { a: '1' }), { fieldManager: 'somebody' });
      const next = configMap('contested', { a: '2' });
      await expect(client.apply(configMaps, next, { fieldManager: MANAGER })).rejects.toMatchObject({
        code: 'SpokeConflict',
        details: { managers: ['somebody'], fields: ['.data.a'] },
      });
      expect((await client.apply(configMaps, next, { fieldManager: MANAGER, force: true }))['data']).toEqual({
        a: '2',
      });
    });

    it('patches', async () => {
      await client.apply(configMaps, configMap('patched', { a: '1', b: '2' }), { fieldManager: MANAGER });
      const merged = await client.patch(configMaps, ref('patched'), {
        type: 'merge',
        body: { data: { a: null, c: '3' } },
      });
      expect(merged['data']).toEqual({ b: '2', c: '3' });
      const body = [{ op: 'replace', path: '/data/b', value: '4' }];
      expect((await client.patch(configMaps, ref('patched'), { type: 'json', body }))['data']).toEqual({
        b: '4',
        c: '3',
      });
    });

    it('lists metadata by label, over pages, without bodies', async () => {
      const names = ['page-a', 'page-b', 'page-c', 'page-d', 'page-e'];
      for (const pageName of names) {
        const object = configMap(pageName, { a: '1' });
        const labels = { ...LABELS, list: 'yes' };
        await client.apply(
          configMaps,
          { ...object, metadata: { ...object.metadata, labels } },
          { fieldManager: MANAGER },
        );
      }
      const list = await client.listMetadata(configMaps, {
        labelSelector: 'wheelwright.dev/managed-by=hub-1,list=yes',
        limit: 2,
      });
      expect(list.items.map((item) => item.name).sort()).toEqual(names);
      expect(
        list.items.every((item) => item.uid !== '' && item.namespace === 'default' && item['data'] === undefined),
      ).toBe(true);
      expect(Number(list.resourceVersion)).toBeGreaterThan(0);
      expect((await client.listMetadata(configMaps, { labelSelector: 'list=no' })).items).toEqual([]);
    });

    it('maps refusals', async () => {
      const wrong = clients.get(target('c2', { credentials: { kind: 'bearerToken', token: 'wrong' } }), '1');
      expect(await codeOf(wrong.get(configMaps, ref('x')))).toBe('SpokeUnauthorized');
      const untrusted = clients.get(target('c3', { tls: {} }), '1');
      expect(await codeOf(untrusted.version())).toBe('SpokeUnreachable');
      const insecure = clients.get(target('c4', { tls: { insecure: true } }), '1');
      expect((await insecure.version()).gitVersion).not.toBe('');
      const invalid = { ...configMap('Not_A_Name', {}), data: { 'a b': 'x' } };
      expect(await codeOf(client.apply(configMaps, invalid, { fieldManager: MANAGER }))).toBe('SpokeRejected');
      const things = { group: 'none.example', version: 'v1', plural: 'things', namespaced: true };
      expect(await codeOf(client.listMetadata(things))).toBe('SpokeRejected');
    });
  });
}

calls('calls on the simulated spoke', startSimulated);

const envtest = findEnvtest();
if (envtest.folder !== undefined) calls('calls on a real kube-apiserver', startEnvtest);
else if (process.env.WHEELWRIGHT_REQUIRE_ENVTEST === '1') {
  it('has a real kube-apiserver', () => {
    expect.fail(envtest.reason);
  });
} else {
  describe.skip(`calls on a real kube-apiserver (skipped: ${envtest.reason})`, () => {
    it('runs the same calls', () => undefined);
  });
}
