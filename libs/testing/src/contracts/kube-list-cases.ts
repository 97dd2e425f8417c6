// Lists: selectors, pages, versions, metadata only.
import { describe, expect, it } from 'vitest';
import type { ContractClient } from './kube-api.js';
import { at, configMap, itemsOf, namesOf, PARTIAL_LIST, paths, textAt, versionOf } from './kube-client.js';

async function fill(client: ContractClient): Promise<{ readonly namespace: string; readonly configMaps: string }> {
  const namespace = await client().namespace();
  const { configMaps } = paths(namespace);
  for (const [name, app, tier] of [
    ['c', 'web', 'front'],
    ['a', 'web', 'back'],
    ['b', 'api', 'back'],
    ['d', 'api', undefined],
  ] as const) {
    const labels = tier === undefined ? { app, in: namespace } : { app, tier, in: namespace };
    await client().post(configMaps, configMap(name, { big: 'x'.repeat(100) }, { labels }));
  }
  return { namespace, configMaps };
}

export function listCases(client: ContractClient): void {
  describe('lists', () => {
    it('lists a namespace in order of names, under one version', async () => {
      const { configMaps } = await fill(client);
      const list = await client().get(configMaps);
      expect(list.body).toMatchObject({ kind: 'ConfigMapList', apiVersion: 'v1' });
      expect(namesOf(list.body)).toEqual(['a', 'b', 'c', 'd']);
      const newest = Math.max(...itemsOf(list.body).map((item) => Number(at(item, 'metadata', 'resourceVersion'))));
      expect(Number(versionOf(list.body))).toBeGreaterThanOrEqual(newest);
      // Items of built-in kinds do not repeat what the list says.
      expect(at(itemsOf(list.body)[0], 'kind')).toBeUndefined();
    });

    it('answers an empty list, not null, where there is nothing', async () => {
      const { configMaps } = paths(await client().namespace());
      expect((await client().get(configMaps)).body.items).toEqual([]);
    });

    it('selects by labels and fields, in one namespace and across all', async () => {
      const { namespace, configMaps } = await fill(client);
      const names = async (query: string): Promise<readonly string[]> =>
        namesOf((await client().get(`${configMaps}?${query}`)).body);
      const label = (text: string): string => `labelSelector=${encodeURIComponent(text)}`;
      expect(await names(label('app=web'))).toEqual(['a', 'c']);
      expect(await names(label('app!=web'))).toEqual(['b', 'd']);
      expect(await names(label('tier'))).toEqual(['a', 'b', 'c']);
      expect(await names(label('!tier'))).toEqual(['d']);
      expect(await names(label('app in (api),tier notin (back)'))).toEqual(['d']);
      expect(await names('fieldSelector=metadata.name%3Db')).toEqual(['b']);
      expect(await names('fieldSelector=metadata.name!%3Db')).toEqual(['a', 'c', 'd']);
      const everywhere = await client().get(
        `/api/v1/configmaps?${label(`in=${namespace}`)}&fieldSelector=metadata.namespace%3D${namespace}`,
      );
      expect(namesOf(everywhere.body)).toEqual(['a', 'b', 'c', 'd']);
      expect((await client().get(`${configMaps}?${label('a===b')}`)).status).toBe(400);
      expect((await client().get(`${configMaps}?fieldSelector=spec.no%3Db`)).status).toBe(400);
    });

    it('lists metadata only', async () => {
      const { configMaps } = await fill(client);
      const list = await client().get(`${configMaps}?labelSelector=app%3Dapi`, { accept: PARTIAL_LIST });
      expect(list.body).toMatchObject({ kind: 'PartialObjectMetadataList', apiVersion: 'meta.k8s.io/v1' });
      expect(namesOf(list.body)).toEqual(['b', 'd']);
      for (const item of itemsOf(list.body)) {
        expect(item).toMatchObject({ kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1' });
        expect(at(item, 'metadata', 'managedFields', 0, 'manager')).toBe('contract-suite');
        expect(at(item, 'data')).toBeUndefined();
      }
    });

    it('pages through a list as it was when the first page was read', async () => {
      const { configMaps } = await fill(client);
      const first = await client().get(`${configMaps}?limit=2`);
      expect(namesOf(first.body)).toEqual(['a', 'b']);
      expect(at(first.body, 'metadata', 'remainingItemCount')).toBe(2);
      await client().post(configMaps, configMap('bb'));
      await client().delete(`${configMaps}/d`);
      const token = encodeURIComponent(textAt(first.body, 'metadata', 'continue'));
      const second = await client().get(`${configMaps}?limit=2&continue=${token}`);
      expect(namesOf(second.body)).toEqual(['c', 'd']);
      expect(versionOf(second.body)).toBe(versionOf(first.body));
      expect(at(second.body, 'metadata', 'continue')).toBeUndefined();
      const selective = await client().get(`${configMaps}?limit=1&labelSelector=app%3Dweb`);
      expect(at(selective.body, 'metadata', 'remainingItemCount')).toBeUndefined();
      expect((await client().get(`${configMaps}?continue=nonsense`)).status).toBe(400);
    });

    it('lists at a version: not older, exactly, and never one that is still to come', async () => {
      const { configMaps } = await fill(client);
      const before = versionOf((await client().get(configMaps)).body);
      await client().post(configMaps, configMap('later'));
      expect(namesOf((await client().get(`${configMaps}?resourceVersion=${before}`)).body)).toEqual(
        expect.arrayContaining(['a', 'd']),
      );
      const exact = await client().get(`${configMaps}?resourceVersion=${before}&resourceVersionMatch=Exact`);
      expect(namesOf(exact.body)).toEqual(['a', 'b', 'c', 'd']);
      const future = await client().get(`${configMaps}?resourceVersion=${String(Number(before) + 1_000_000)}`);
      expect(future.status).toBe(504);
      expect(future.body).toMatchObject({
        reason: 'Timeout',
        details: { causes: [{ reason: 'ResourceVersionTooLarge' }] },
      });
    });
  });
}
