// Watches: from now, from a version, with bookmarks, with selectors, and from too long ago.
import { describe, expect, it } from 'vitest';
import type { ContractClient } from './kube-api.js';
import { at, configMap, MERGE, PARTIAL, paths, textAt, versionOf, type WatchEvent } from './kube-client.js';

const brief = (events: readonly WatchEvent[]): readonly string[] =>
  events.map((event) => `${event.type} ${textAt(event.object, 'metadata', 'name')}`);
const count =
  (wanted: number) =>
  (events: readonly WatchEvent[]): boolean =>
    events.length >= wanted;

export function watchCases(client: ContractClient): void {
  describe('watches', () => {
    it('starts with what is there and goes on with what happens', async () => {
      const { configMaps } = paths(await client().namespace());
      await client().post(configMaps, configMap('one'));
      const watching = client().watch(`${configMaps}?watch=true`, changesWhileWatching(client, configMaps));
      expect(brief(await watching)).toEqual(['ADDED one', 'MODIFIED one', 'ADDED two', 'DELETED one']);
    });

    it('resumes after a version', async () => {
      const { configMaps } = paths(await client().namespace());
      const created = await client().post(configMaps, configMap('one'));
      const from = versionOf(created.body);
      await client().patch(`${configMaps}/one`, MERGE, { data: { a: '1' } });
      const deleted = await client().delete(`${configMaps}/one`);
      expect(deleted.status).toBe(200);
      const events = await client().watch(`${configMaps}?watch=1&resourceVersion=${from}`, count(2));
      expect(brief(events)).toEqual(['MODIFIED one', 'DELETED one']);
      const [changed, gone] = events.map((event) => Number(at(event.object, 'metadata', 'resourceVersion')));
      expect(changed).toBeGreaterThan(Number(from));
      expect(gone).toBeGreaterThan(changed ?? Number.POSITIVE_INFINITY);
    });

    it('sends bookmarks when asked to, and ends when its time is over', async () => {
      const { configMaps } = paths(await client().namespace());
      const created = await client().post(configMaps, configMap('one'));
      const elsewhere = paths(await client().namespace()).configMaps;
      await client().patch(`${configMaps}/one`, MERGE, { data: { a: '1' } });
      const query = `watch=1&allowWatchBookmarks=true&timeoutSeconds=4&resourceVersion=${versionOf(created.body)}`;
      let written: Promise<unknown> | undefined;
      const events = await client().watch(`${configMaps}?${query}`, () => {
        // A bookmark says how far the server has come beyond what the watch knows: something must have happened elsewhere.
        written ??= client().post(elsewhere, configMap('other'));
        return false;
      });
      await written;
      const bookmark = events.find((event) => event.type === 'BOOKMARK');
      expect(bookmark?.object).toMatchObject({ kind: 'ConfigMap', apiVersion: 'v1' });
      expect(Number(at(bookmark?.object, 'metadata', 'resourceVersion'))).toBeGreaterThan(
        Number(versionOf(created.body)),
      );
    });

    it('marks the end of the initial events', async () => {
      const { configMaps } = paths(await client().namespace());
      await client().post(configMaps, configMap('one'));
      const query = 'watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true';
      const events = await client().watch(`${configMaps}?${query}`, count(2));
      expect(events.map((event) => event.type)).toEqual(['ADDED', 'BOOKMARK']);
      expect(at(events[1]?.object, 'metadata', 'annotations', 'k8s.io/initial-events-end')).toBe('true');
    });

    it('sends metadata only when asked to', async () => {
      const { configMaps } = paths(await client().namespace());
      await client().post(configMaps, configMap('one', { a: '1' }));
      const events = await client().watch(`${configMaps}?watch=1`, count(1), { accept: PARTIAL });
      expect(events[0]?.object).toMatchObject({
        kind: 'PartialObjectMetadata',
        apiVersion: 'meta.k8s.io/v1',
        metadata: { name: 'one' },
      });
      expect(events[0]?.object.data).toBeUndefined();
    });

    it('shows an object that starts or ceases to match a selector as added or deleted', async () => {
      const { configMaps } = paths(await client().namespace());
      const created = await client().post(configMaps, configMap('one'));
      await client().patch(`${configMaps}/one`, MERGE, { metadata: { labels: { on: 'yes' } } });
      await client().patch(`${configMaps}/one`, MERGE, { data: { a: '1' } });
      await client().patch(`${configMaps}/one`, MERGE, { metadata: { labels: { on: null } } });
      const query = `watch=1&labelSelector=on%3Dyes&resourceVersion=${versionOf(created.body)}`;
      expect(brief(await client().watch(`${configMaps}?${query}`, count(3)))).toEqual([
        'ADDED one',
        'MODIFIED one',
        'DELETED one',
      ]);
    });

    it('ends with 410 where its version is too old', { timeout: 120_000 }, async () => {
      const { configMaps } = paths(await client().namespace());
      const created = await client().post(configMaps, configMap('one'));
      await client().patch(`${configMaps}/one`, MERGE, { data: { a: '1' } });
      await client().post(configMaps, configMap('two'));
      await client().server.forgetHistory();
      const events = await client().watch(`${configMaps}?watch=1&resourceVersion=${versionOf(created.body)}`, count(1));
      expect(events[0]?.type).toBe('ERROR');
      expect(events[0]?.object).toMatchObject({ kind: 'Status', status: 'Failure', reason: 'Expired', code: 410 });
    });
  });
}

/** Changes things while a watch reads: each step follows the event of the step before. */
function changesWhileWatching(client: ContractClient, configMaps: string): (events: readonly WatchEvent[]) => boolean {
  const steps: readonly (() => Promise<unknown>)[] = [
    () => client().patch(`${configMaps}/one`, MERGE, { data: { a: '1' } }),
    () => client().post(configMaps, configMap('two')),
    () => client().delete(`${configMaps}/one`),
  ];
  let taken = 0;
  return (events) => {
    const step = steps[taken];
    if (step !== undefined && events.length > taken) {
      taken += 1;
      void step();
    }
    return events.length > steps.length;
  };
}
