// The search for orphans on a real API server: every kind that it serves is listed, and none of the lists is refused.
import { ClusterId, type JsonObject } from '@wheelwright/kernel';
import { addressPolicy, SpokeClients } from '@wheelwright/platform-kube';
import { findEnvtest } from '@wheelwright/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RealSpoke } from '../testing/real-spoke.js';
import { searchNamespaces } from './search-namespaces.js';

const found = findEnvtest();

function searchOfARealServer(): void {
  const clients = new SpokeClients({ addressPolicy: addressPolicy(['127.0.0.0/8']) });
  let spoke: RealSpoke;

  beforeAll(async () => {
    spoke = await RealSpoke.start('real');
  }, 60_000);
  afterAll(async () => {
    await clients.close();
    await spoke.stop();
  });

  it('reads every kind in each namespace, and finds what nobody tracks', async () => {
    const namespaces = ['shop', 'bank'];
    for (const name of namespaces)
      await spoke.create('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
    const create = (kind: string, plural: string, metadata: JsonObject): Promise<JsonObject> =>
      spoke.create(`/api/v1/namespaces/shop/${plural}`, { apiVersion: 'v1', kind, metadata });
    await create('ConfigMap', 'configmaps', { name: 'by-hand' });
    await create('Secret', 'secrets', { name: 'by-hand' });
    await create('Endpoints', 'endpoints', { name: 'by-hand' });
    await create('ConfigMap', 'configmaps', {
      name: 'tracked',
      annotations: { 'argocd.argoproj.io/tracking-id': 'web:/ConfigMap:shop/tracked' },
    });
    await create('ConfigMap', 'configmaps', {
      name: 'owned',
      ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'by-hand', uid: 'u-1' }],
    });
    const target = {
      id: ClusterId('real'),
      server: spoke.url,
      tls: { caData: spoke.caData },
      credentials: { kind: 'bearerToken', token: spoke.token },
    } as const;
    const client = clients.get(target, '1');
    const search = await searchNamespaces(client, namespaces, AbortSignal.timeout(30_000));
    expect(search).toMatchObject({ failure: undefined, forbidden: [] });
    expect(search.strays.map(({ kind, namespace, name }) => `${kind} ${namespace}/${name}`)).toEqual([
      'ConfigMap shop/by-hand',
      'Secret shop/by-hand',
    ]);
    expect(search.listed).toBeGreaterThan(40);
  });
}

if (found.folder !== undefined) {
  describe('the search for orphans on a real kube-apiserver', searchOfARealServer);
} else if (process.env['WHEELWRIGHT_REQUIRE_ENVTEST'] === '1') {
  it('has a real kube-apiserver', () => {
    expect.fail(found.reason);
  });
} else {
  describe.skip(`the search for orphans on a real kube-apiserver (skipped: ${found.reason})`, () => {
    it('runs', () => undefined);
  });
}
