// Deleting: preconditions, finalizers, collections, namespaces.
import { describe, expect, it } from 'vitest';
import { eventually } from '../eventually.js';
import type { ContractClient } from './kube-api.js';
import { at, configMap, deployment, MERGE, namesOf, paths, versionOf } from './kube-client.js';

export function deleteCases(client: ContractClient): void {
  describe('deleting', () => {
    it('removes an object and answers a Status with its uid', async () => {
      const { configMaps } = paths(await client().namespace());
      const created = await client().post(configMaps, configMap('one'));
      const deleted = await client().delete(`${configMaps}/one`);
      expect(deleted.status).toBe(200);
      expect(deleted.body).toMatchObject({
        kind: 'Status',
        status: 'Success',
        details: { name: 'one', kind: 'configmaps', uid: at(created.body, 'metadata', 'uid') ?? '' },
      });
      expect((await client().get(`${configMaps}/one`)).status).toBe(404);
    });

    it('refuses where uid or resourceVersion is another', async () => {
      const { configMaps } = paths(await client().namespace());
      const created = await client().post(configMaps, configMap('one'));
      const uid = at(created.body, 'metadata', 'uid') ?? '';
      const wrongUid = await client().delete(`${configMaps}/one`, {
        preconditions: { uid: '00000000-0000-0000-0000-000000000000' },
      });
      expect(wrongUid.status).toBe(409);
      expect(wrongUid.body).toMatchObject({ reason: 'Conflict', details: { name: 'one' } });
      expect(wrongUid.body.message).toContain('the UID in the precondition');
      const wrongVersion = await client().delete(`${configMaps}/one`, { preconditions: { resourceVersion: '1' } });
      expect(wrongVersion.status).toBe(409);
      expect(wrongVersion.body.message).toContain('the ResourceVersion in the precondition');
      const right = await client().delete(`${configMaps}/one`, {
        apiVersion: 'v1',
        kind: 'DeleteOptions',
        propagationPolicy: 'Background',
        preconditions: { uid, resourceVersion: versionOf(created.body) },
      });
      expect(right.status).toBe(200);
    });

    it('keeps an object while a finalizer holds it', async () => {
      const { deployments } = paths(await client().namespace());
      const path = `${deployments}/held`;
      const held = deployment('held');
      await client().post(deployments, { ...held, metadata: { name: 'held', finalizers: ['example.com/hold'] } });
      const deleted = await client().delete(path);
      expect(deleted.status).toBe(200);
      expect(deleted.body).toMatchObject({
        kind: 'Deployment',
        metadata: { finalizers: ['example.com/hold'], generation: 2 },
      });
      expect(at(deleted.body, 'metadata', 'deletionTimestamp')).toMatch(/Z$/);
      expect(at(deleted.body, 'metadata', 'deletionGracePeriodSeconds')).toBe(0);
      const more = await client().patch(path, MERGE, {
        metadata: { finalizers: ['example.com/hold', 'example.com/more'] },
      });
      expect(more.status).toBe(422);
      expect((await client().patch(path, MERGE, { metadata: { finalizers: null } })).status).toBe(200);
      expect((await client().get(path)).status).toBe(404);
    });

    it('marks an object that is deleted in the foreground', async () => {
      const { configMaps } = paths(await client().namespace());
      await client().post(configMaps, configMap('one'));
      const deleted = await client().delete(`${configMaps}/one`, { propagationPolicy: 'Foreground' });
      expect(deleted.body).toMatchObject({ kind: 'ConfigMap', metadata: { finalizers: ['foregroundDeletion'] } });
    });

    it('deletes what a selector names in a collection', async () => {
      const { configMaps } = paths(await client().namespace());
      for (const [name, keep] of [
        ['a', 'no'],
        ['b', 'yes'],
        ['c', 'no'],
      ] as const) {
        await client().post(configMaps, configMap(name, {}, { labels: { keep } }));
      }
      expect((await client().delete(`${configMaps}?labelSelector=keep%3Dno`)).status).toBe(200);
      expect(namesOf((await client().get(configMaps)).body)).toEqual(['b']);
    });

    it('takes nothing new into a namespace that is going away, and lets it go when it is finalised', async () => {
      const namespace = await client().namespace();
      const path = `/api/v1/namespaces/${namespace}`;
      // Something in it that only this test can remove keeps any controller from finishing first.
      const { configMaps } = paths(namespace);
      await client().post(configMaps, configMap('held', {}, { finalizers: ['example.com/hold'] }));
      const deleted = await client().delete(path);
      expect(deleted.body).toMatchObject({
        kind: 'Namespace',
        status: { phase: 'Terminating' },
        spec: { finalizers: ['kubernetes'] },
      });
      const refused = await client().post(configMaps, configMap('late'));
      expect(refused.status).toBe(403);
      expect(refused.body).toMatchObject({
        reason: 'Forbidden',
        details: { causes: [{ reason: 'NamespaceTerminating' }] },
      });
      await client().delete(`${configMaps}/held`);
      await client().patch(`${configMaps}/held`, MERGE, { metadata: { finalizers: null } });
      const live = await client().get(path);
      if (live.status === 200) await client().put(`${path}/finalize`, { ...live.body, spec: { finalizers: [] } });
      await eventually(
        () => client().get(path),
        (answer) => answer.status === 404,
      );
    });
  });
}
