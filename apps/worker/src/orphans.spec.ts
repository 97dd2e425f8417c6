import type { QueuePort } from '@wheelwright/platform-queue';
import { Metrics } from '@wheelwright/platform-telemetry';
import { startSpokeSim, type SimulatedSpoke, type SpokeSim } from '@wheelwright/spoke-sim';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { OrphanProcessor } from './processors/orphans.js';
import { TickProcessor } from './processors/tick.js';
import { TestFleet } from './testing/test-fleet.js';

const SETTINGS = `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: settings }\ndata: { text: one }\n`;

const application = (name: string, project: string): string => `
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: { name: ${name} }
spec:
  project: ${project}
  source: { repoURL: 'REPO', path: ${name}, targetRevision: main }
  destination: { name: one, namespace: ${name} }
  syncPolicy: { automated: {}, syncOptions: [CreateNamespace=true] }
`;

const project = (name: string, orphanedResources: string): string => `
apiVersion: argoproj.io/v1alpha1
kind: AppProject
metadata: { name: ${name} }
spec:
  sourceRepos: ['*']
  destinations: [{ name: '*', namespace: '*' }]
  clusterResourceWhitelist: [{ group: '*', kind: '*' }]
  ${orphanedResources}
`;

const configMap = (
  namespace: string,
  name: string,
  metadata: object = {},
): Parameters<SimulatedSpoke['create']>[0] => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { namespace, name, ...metadata },
});
const refOf = (
  namespace: string,
  name: string,
): { apiVersion: string; kind: string; namespace: string; name: string } => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  namespace,
  name,
});

describe('the search for orphans', () => {
  let sim: SpokeSim;
  let spoke: SimulatedSpoke;
  let fleet: TestFleet;
  let queue: QueuePort;
  let cluster: string;

  beforeAll(async () => {
    sim = await startSpokeSim({ controllerDelayMs: 20 });
    spoke = sim.addCluster('one');
    // So long an interval that only what a spec asks for is searched.
    fleet = await TestFleet.create({ env: { WHEELWRIGHT_ORPHAN_INTERVAL: '1h' } });
    await fleet.repo.commit({ 'shop/settings.yaml': SETTINGS, 'bank/settings.yaml': SETTINGS });
    ({ queue } = await fleet.startWorker());
    cluster = await fleet.register({ name: 'one', url: spoke.url, token: spoke.token });
    await fleet.apply(project('shop', 'orphanedResources: {}') + '---' + project('bank', ''));
    const applications = [application('shop', 'shop'), application('bank', 'bank')].join('---');
    await fleet.apply(applications.replaceAll('REPO', fleet.repo.url));
    await fleet.converged('bank', 'shop');
  }, 60_000);

  afterAll(async () => {
    await fleet.close();
    await sim.close();
  });

  beforeEach(async () => {
    spoke.faults.clear();
    for (const { metadata } of spoke.list({ apiVersion: 'v1', kind: 'ConfigMap' })) {
      const { namespace = '', name = '' } = metadata;
      if (name !== 'settings') spoke.remove(refOf(namespace, name));
    }
    await fleet.apply(project('shop', 'orphanedResources: {}'));
    await fleet.until('the spoke is connected again', isConnected);
    await search();
  });

  const isConnected = async (): Promise<boolean> => {
    const { rows } = await fleet.store.pool.query<{ state: string }>(
      `SELECT state FROM cluster_status WHERE cluster_id = $1`,
      [cluster],
    );
    return rows[0]?.state === 'Connected';
  };

  const scheduled = async (): Promise<string> => {
    const { rows } = await fleet.store.pool.query<{ at: string | null }>(
      `SELECT next_orphan_scan_at::text AS at FROM cluster_status WHERE cluster_id = $1`,
      [cluster],
    );
    return rows[0]?.at ?? '';
  };
  /** Searches the spoke now, and waits for the end of it. */
  const search = async (): Promise<void> => {
    // One that was asked for before may have listed what is not there any more.
    await fleet.until('no other search runs', async () => {
      const { waiting, active } = await queue.counts('orphans');
      return waiting + active === 0;
    });
    const before = await scheduled();
    await queue.add('orphans', cluster);
    await fleet.until('a search ended', async () => (await scheduled()) !== before);
  };
  const found = async (): Promise<readonly string[]> => {
    const { rows } = await fleet.store.pool.query<{ text: string }>(
      `SELECT project || ': ' || kind || ' ' || namespace || '/' || name AS text FROM orphaned_resources ORDER BY 1`,
    );
    return rows.map(({ text }) => text);
  };
  const warned = (name: string, ...messages: readonly string[]): Promise<void> =>
    fleet.until(`${name} is warned: ${messages.join()}`, async () => {
      const conditions = await fleet.conditionsOf(name);
      return conditions.filter((text) => text.startsWith('Orphaned')).join() === messages.join();
    });

  it('finds what was made by hand, where a project asks for it, and says so until it is gone', async () => {
    spoke.create(configMap('shop', 'by-hand'));
    spoke.create(configMap('bank', 'by-hand'));
    await search();
    expect(await found()).toEqual(['shop: ConfigMap shop/by-hand']);
    await warned('shop', 'OrphanedResourceWarning: 1 object in namespace shop belongs to no Application');
    await warned('bank');
    spoke.create(configMap('shop', 'too'));
    await search();
    await warned('shop', 'OrphanedResourceWarning: 2 objects in namespace shop belong to no Application');
    spoke.remove(refOf('shop', 'by-hand'));
    spoke.remove(refOf('shop', 'too'));
    await search();
    expect(await found()).toEqual([]);
    await warned('shop');
  });

  it('leaves out what has an owner, what is ignored, and what says of itself whose it is', async () => {
    const ownerReferences = [{ apiVersion: 'v1', kind: 'Pod', name: 'web', uid: 'u-1' }];
    const annotations = { 'argocd.argoproj.io/tracking-id': 'gone:/ConfigMap:shop/tracked' };
    spoke.create(configMap('shop', 'owned', { ownerReferences }));
    spoke.create(configMap('shop', 'tracked', { annotations }));
    spoke.create(configMap('shop', 'copied', { annotations }));
    spoke.create(configMap('shop', 'ignored'));
    await fleet.apply(project('shop', 'orphanedResources: { ignore: [{ kind: ConfigMap, name: ignored }] }'));
    await search();
    expect(await found()).toEqual(['shop: ConfigMap shop/copied']);
    await fleet.apply(
      project('shop', 'orphanedResources: { warn: false, ignore: [{ kind: ConfigMap, name: copied }] }'),
    );
    await search();
    expect(await found()).toEqual(['shop: ConfigMap shop/ignored']);
    await warned('shop');
  });

  it('removes nothing where a list failed', async () => {
    spoke.create(configMap('shop', 'first'));
    await search();
    spoke.remove(refOf('shop', 'first'));
    spoke.create(configMap('shop', 'second'));
    spoke.faults.set({ fail: { ratio: 0.2 } });
    await search();
    spoke.faults.clear();
    expect(await found()).toContain('shop: ConfigMap shop/first');
    await search();
    expect(await found()).toEqual(['shop: ConfigMap shop/second']);
  });

  it('keeps what it knows of lists that it may not read any more', async () => {
    spoke.create(configMap('shop', 'first'));
    await search();
    spoke.faults.set({ forbiddenVerbs: ['list'] });
    await search();
    expect(await found()).toEqual(['shop: ConfigMap shop/first']);
  });

  it('writes no row but its own time where nothing moved', async () => {
    spoke.create(configMap('shop', 'first'));
    await search();
    await warned('shop', 'OrphanedResourceWarning: 1 object in namespace shop belongs to no Application');
    const version = async (): Promise<unknown> =>
      (await fleet.store.pool.query(`SELECT xmin::text, ctid::text FROM orphaned_resources`)).rows;
    const before = await version();
    await search();
    expect(await version()).toEqual(before);
  });

  it('is asked for by the tick where it is due, and soon after a project changed', async () => {
    const ticks = new TickProcessor(fleet.store, queue, { resyncMs: 60_000, orphanMs: 3_600_000 });
    spoke.create(configMap('shop', 'first'));
    const before = await scheduled();
    await ticks.searchOrphans();
    expect((await queue.counts('orphans')).waiting).toBe(0);
    expect(await scheduled()).toBe(before);
    await fleet.apply(project('shop', 'orphanedResources: { ignore: [{ name: nothing }] }'));
    await fleet.until('a search ended', async () => {
      await ticks.searchOrphans();
      return (await scheduled()) !== before;
    });
    expect(await found()).toEqual(['shop: ConfigMap shop/first']);
  });

  it('is over, with all that it found, where no project asks for it any more', async () => {
    spoke.create(configMap('shop', 'first'));
    await search();
    const parts = { store: fleet.store, connect: () => Promise.reject(new Error('nobody asks')) };
    const orphans = new OrphanProcessor({ ...parts, metrics: new Metrics('spec') }, { intervalMs: 1 });
    await orphans.forget();
    expect(await found()).toEqual(['shop: ConfigMap shop/first']);
    await fleet.apply(project('shop', ''));
    await warned('shop');
    await orphans.forget();
    expect(await found()).toEqual([]);
  });

  it('does not reach beyond the namespaces that a spoke is registered for, nor to the hub itself', async () => {
    const register = (...namespaces: readonly string[]): Promise<unknown> =>
      fleet.store.pool.query('UPDATE clusters SET namespaces = $2 WHERE id = $1', [cluster, namespaces]);
    const root = application('root', 'shop').replace(
      '{ name: one, namespace: root }',
      '{ name: in-cluster, namespace: argocd }',
    );
    await fleet.apply(root.replace('REPO', fleet.repo.url));
    spoke.create(configMap('shop', 'first'));
    await register('bank', 'shop');
    await search();
    expect(await found()).toEqual(['shop: ConfigMap shop/first']);
    await register('bank');
    await search();
    expect(await found()).toEqual([]);
    await register();
    await new TickProcessor(fleet.store, queue, { resyncMs: 60_000, orphanMs: 3_600_000 }).searchOrphans();
    await search();
    const { rows } = await fleet.store.pool.query(
      `SELECT next_orphan_scan_at AS at FROM cluster_status s JOIN clusters c ON c.id = s.cluster_id WHERE c.is_hub`,
    );
    expect(rows).toEqual([{ at: null }]);
  });
});
