import {
  AppError,
  ClusterId,
  formatResourceKey,
  MANAGED_BY_LABEL,
  TRACKING_ANNOTATION,
  type KubeObject,
  type ResourceKey,
} from '@wheelwright/kernel';
import { fingerprintOfObject, type Observed } from '@wheelwright/observe';
import {
  aimObjects,
  BEING_DELETED,
  FIELD_MANAGER,
  parseSyncOptions,
  plan,
  questionsOf,
  summarise,
  type KnownObject,
  type Plan,
  type PlanInput,
} from '@wheelwright/plan';
import { gatherAnswers } from '@wheelwright/plan/adapters';
import { addressPolicy, SpokeClients, type SpokeClient } from '@wheelwright/platform-kube';
import { startSpokeSim, type SimulatedSpoke, type SpokeSim } from '@wheelwright/spoke-sim';
import { findEnvtest, startEnvtest } from '@wheelwright/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ApplyInterrupted, inventoryAfter, type ChangeSet } from '../index.js';
import { applyPlan } from './apply-plan.js';

const KINDS = [
  { group: '', version: 'v1', kind: 'Namespace' },
  { group: '', version: 'v1', kind: 'ConfigMap' },
  { group: '', version: 'v1', kind: 'Secret' },
  { group: 'apps', version: 'v1', kind: 'Deployment' },
] as const;

/** One Application on one spoke, as a worker drives it: observe, ask, plan, apply, remember. */
class Harness {
  known: readonly KnownObject[] = [];

  constructor(
    readonly client: SpokeClient,
    private readonly installationId: string,
    readonly namespace: string,
  ) {}

  async observed(): Promise<ReadonlyMap<string, Observed>> {
    const lists = await Promise.all(KINDS.map((gvk) => this.list(gvk)));
    return new Map(lists.flat().map((object) => [formatResourceKey(object.key), object]));
  }

  private async list({ group, version, kind }: (typeof KINDS)[number]): Promise<readonly Observed[]> {
    const resource = await this.client.resolve({ group, version, kind });
    if (resource === undefined) throw new Error(`the spoke serves no ${kind}`);
    const { items } = await this.client.listMetadata(resource, {
      labelSelector: `${MANAGED_BY_LABEL}=${this.installationId}`,
    });
    return items.map((meta) => {
      const key: ResourceKey = { group, kind, namespace: meta.namespace ?? '', name: meta.name };
      return {
        key,
        uid: meta.uid,
        resourceVersion: meta.resourceVersion,
        fingerprint: fingerprintOfObject(key, meta),
        trackingId: meta.annotations?.[TRACKING_ANNOTATION] ?? '',
        deleting: meta.deletionTimestamp !== undefined,
      };
    });
  }

  async input(objects: readonly KubeObject[], syncOptions: readonly string[] = []): Promise<PlanInput> {
    const options = parseSyncOptions(syncOptions).options;
    const discovery = await this.client.discovery();
    const { targets, problems } = aimObjects(objects, {
      applicationName: 'web',
      destinationNamespace: this.namespace,
      installationId: this.installationId,
      scopeOf: (group, kind) => {
        const resource = discovery.find(group, kind);
        return resource === undefined ? undefined : resource.namespaced ? 'Namespaced' : 'Cluster';
      },
      syncOptions: options,
    });
    expect(problems).toEqual([]);
    return { application: 'web', targets, known: this.known, observed: await this.observed(), options };
  }

  async plan(objects: readonly KubeObject[], syncOptions?: readonly string[]): Promise<Plan> {
    const input = await this.input(objects, syncOptions);
    return plan(input, await gatherAnswers(this.client, questionsOf(input)));
  }

  async sync(objects: readonly KubeObject[], syncOptions?: readonly string[]): Promise<ChangeSet> {
    const made = await this.plan(objects, syncOptions);
    const changeSet = await applyPlan(this.client, made, { fieldManager: FIELD_MANAGER });
    this.known = inventoryAfter(this.known, made, changeSet);
    return changeSet;
  }

  /** Writes by hand: another manager takes what it wants. */
  async byHand(object: KubeObject): Promise<KubeObject> {
    const { kind } = object;
    const slash = object.apiVersion.indexOf('/');
    const gvk = {
      group: object.apiVersion.slice(0, Math.max(0, slash)),
      version: object.apiVersion.slice(slash + 1),
      kind,
    };
    const resource = await this.client.resolve(gvk);
    if (resource === undefined) throw new Error(`the spoke serves no ${kind}`);
    return this.client.apply(resource, object, { fieldManager: 'by-hand', force: true });
  }

  async get(kind: string, name: string): Promise<KubeObject | undefined> {
    const gvk = KINDS.find((one) => one.kind === kind);
    const resource = gvk === undefined ? undefined : await this.client.resolve(gvk);
    if (resource === undefined) throw new Error(`no kind ${kind}`);
    return this.client.get(resource, { namespace: this.namespace, name });
  }
}

function configMap(name: string, data: Record<string, string>, meta: Partial<KubeObject['metadata']> = {}): KubeObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, ...meta }, data };
}

function deployment(name: string, replicas: number): KubeObject {
  const labels = { app: name };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'web', image: 'registry.example/web:1' }] } },
    },
  };
}

const shown = ({ changes }: ChangeSet): readonly string[] =>
  changes.map(({ key, action }) => `${key.kind} ${key.name} ${action}`);

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
      return new Harness(client, `hub-${String(count)}`, `shop-${String(count)}`);
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
      expect(entry?.differences).toEqual([{ pointer: '/data/a', live: 'changed', desired: '1' }]);
      expect(entry?.reason).toBe('takes fields over from by-hand');
      expect(shown(await spoke.sync(objects, CREATE))).toContain('ConfigMap settings configured');
      expect((await spoke.get('ConfigMap', 'settings'))?.['data']).toEqual({ a: '1', b: '1', c: 'added' });
      expect(questionsOf(await spoke.input(objects, CREATE))).toEqual([]);
    });

    it('removes a field that is no longer declared', async () => {
      const spoke = harness();
      await spoke.sync([configMap('settings', { a: '1', b: '1' })], CREATE);
      await spoke.sync([configMap('settings', { a: '1' })], CREATE);
      expect((await spoke.get('ConfigMap', 'settings'))?.['data']).toEqual({ a: '1' });
    });

    it('prunes by uid what is ours, and nothing else', async () => {
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

describe('an apply that cannot go on', () => {
  let sim: SpokeSim;
  let spoke: SimulatedSpoke;
  let clients: SpokeClients;
  let harness: Harness;
  beforeEach(async () => {
    sim = await startSpokeSim();
    spoke = sim.addCluster('faulty');
    clients = new SpokeClients({ addressPolicy: addressPolicy(['127.0.0.0/8']) });
    const target = {
      id: ClusterId('c'),
      server: spoke.url,
      tls: {},
      credentials: { kind: 'bearerToken', token: spoke.token },
    } as const;
    harness = new Harness(clients.get(target, '1'), 'hub', 'default');
  });
  afterEach(async () => {
    await clients.close();
    await sim.close();
  });
  const objects = [configMap('a', { a: '1' }), configMap('b', { a: '1' }), deployment('web', 1)];

  async function interrupted(running: Promise<unknown>): Promise<ApplyInterrupted> {
    const error = await running.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    if (!(error instanceof ApplyInterrupted)) throw new Error('it was not interrupted', { cause: error });
    return error;
  }

  it('stops when the lease is lost before a batch, and tells what was done', async () => {
    const made = await harness.plan(objects);
    let batches = 0;
    const onBatch = (): Promise<void> => {
      batches += 1;
      return batches === 2 ? Promise.reject(new AppError('LeaseLost', 'another worker holds it')) : Promise.resolve();
    };
    const error = await interrupted(applyPlan(harness.client, made, { fieldManager: FIELD_MANAGER, onBatch }));
    expect(error.code).toBe('LeaseLost');
    expect(shown(error.changeSet)).toEqual(['ConfigMap a created', 'ConfigMap b created']);
    expect(spoke.get({ apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'default', name: 'web' })).toBeUndefined();
  });

  it('stops when the guard refuses a write: nothing more is sent', async () => {
    const made = await harness.plan(objects);
    const fenced = harness.client.withGuard(() => {
      throw new AppError('LeaseLost', 'the deadline has passed');
    });
    const error = await interrupted(applyPlan(fenced, made, { fieldManager: FIELD_MANAGER }));
    expect(error.code).toBe('LeaseLost');
    expect(error.changeSet.changes).toEqual([]);
    expect(spoke.writes()).toEqual([]);
  });

  it('stops when the spoke goes away, and keeps what was done in the inventory', async () => {
    const made = await harness.plan(objects);
    let batches = 0;
    const onBatch = (): Promise<void> => {
      batches += 1;
      if (batches === 2) spoke.faults.set({ down: true });
      return Promise.resolve();
    };
    const error = await interrupted(applyPlan(harness.client, made, { fieldManager: FIELD_MANAGER, onBatch }));
    expect(error.code).toBe('SpokeUnreachable');
    expect(inventoryAfter([], made, error.changeSet).map(({ key }) => key.name)).toEqual(['a', 'b']);
  });

  it('does not plan from a spoke that does not answer', async () => {
    await harness.sync(objects);
    const input = { ...(await harness.input(objects)), thorough: true };
    spoke.faults.set({ unauthorized: true });
    await expect(gatherAnswers(harness.client, questionsOf(input))).rejects.toMatchObject({
      code: 'SpokeUnauthorized',
    });
  });

  it('keeps a prune that is forbidden in the inventory, and tries again', async () => {
    await harness.sync(objects);
    spoke.faults.set({ forbiddenVerbs: ['delete'] });
    const changes = await harness.sync(objects.slice(1));
    expect(shown(changes)).toContain('ConfigMap a failed');
    expect(harness.known.map(({ key }) => key.name)).toContain('a');
    spoke.faults.clear();
    const background = ['PrunePropagationPolicy=background'];
    expect(shown(await harness.sync(objects.slice(1), background))).toContain('ConfigMap a deleted');
    expect(harness.known.map(({ key }) => key.name)).not.toContain('a');
  });

  it('asks the spoke for nothing but the lists where nothing changed', async () => {
    await harness.sync(objects);
    spoke.resetCounts();
    await harness.sync(objects);
    const { get, apply, dryRun, patch } = spoke.counts();
    expect({ get, apply, dryRun, patch, delete: spoke.counts().delete }).toEqual({
      get: 0,
      apply: 0,
      dryRun: 0,
      patch: 0,
      delete: 0,
    });
    expect(spoke.writes()).toEqual([]);
  });
});
