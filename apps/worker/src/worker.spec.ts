import { startSpokeSim, type SimulatedSpoke, type SpokeSim } from '@wheelwright/spoke-sim';
import { dropBusySchema, redisMissing, startRedis } from '@wheelwright/testing';
import { Redis } from 'ioredis';
import type { QueuePort } from '@wheelwright/platform-queue';
import { Catalogue } from '@wheelwright/intent/adapters';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestFleet, type TestFleetOptions, type TestSpoke } from './testing/test-fleet.js';

const DEPLOYMENT = `apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  replicas: 2
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec: { containers: [{ name: web, image: 'example.com/web:1' }] }
`;
const settings = (text: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: settings }\ndata: { text: ${text} }\n`;

const application = (
  name: string,
  spec: { readonly path: string; readonly cluster: string; readonly policy?: string },
): string => `
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: { name: ${name}, finalizers: [resources-finalizer.argocd.argoproj.io] }
spec:
  project: default
  source: { repoURL: 'REPO', path: ${spec.path}, targetRevision: main }
  destination: { name: ${spec.cluster}, namespace: ${name} }
  syncPolicy:
    ${spec.policy ?? 'automated: { prune: true, selfHeal: true }'}
    syncOptions: [CreateNamespace=true]
`;

const spokeOf = ({ name, url, token }: SimulatedSpoke): TestSpoke => ({ name, url, token });

/** One server for the spokes of all suites. */
let sim: SpokeSim;
beforeAll(async () => {
  sim = await startSpokeSim({ controllerDelayMs: 20 });
});
afterAll(() => sim.close());

/** What the queue stands on, and how it loses all that it holds. */
interface Backend {
  readonly name: string;
  readonly missing: string;
  readonly start: () => Promise<StartedBackend>;
}
interface StartedBackend {
  readonly options: TestFleetOptions;
  readonly wipe: (fleet: TestFleet) => Promise<unknown>;
  readonly stop: () => Promise<void>;
}

const BACKENDS: readonly Backend[] = [
  {
    name: 'Postgres',
    missing: '',
    start: () =>
      Promise.resolve({
        options: {},
        wipe: (fleet) => dropBusySchema(fleet.store.pool, 'bullmq'),
        stop: () => Promise.resolve(),
      }),
  },
  {
    name: 'Redis',
    missing: redisMissing(),
    start: async () => {
      const redis = await startRedis();
      return {
        options: { redisUrl: redis.url },
        wipe: async () => {
          const client = new Redis(redis.url);
          await client.flushall();
          await client.quit();
        },
        stop: () => redis.stop(),
      };
    },
  },
];

function workerOnASimulatedSpoke({ name, start }: Backend): void {
  let fleet: TestFleet;
  let backend: StartedBackend;
  let queue: QueuePort;
  let spoke: SimulatedSpoke;
  const read = (namespace: string, name: string): string | undefined => {
    const object = spoke.get({ apiVersion: 'v1', kind: 'ConfigMap', namespace, name });
    return (object?.['data'] as { text?: string } | undefined)?.text;
  };

  beforeAll(async () => {
    backend = await start();
    fleet = await TestFleet.create(backend.options);
    spoke = sim.addCluster(`one-on-${name.toLowerCase()}`);
    await fleet.repo.commit({
      'web/web.yaml': DEPLOYMENT,
      'web/settings.yaml': settings('one'),
      'other/settings.yaml': settings('other'),
    });
    ({ queue } = await fleet.startWorker());
    await fleet.register({ ...spokeOf(spoke), name: 'one' }, { environment: 'test' });
  });

  afterAll(async () => {
    await fleet.close();
    await backend.stop();
  });

  const apply = (yaml: string): Promise<void> => fleet.apply(yaml.replaceAll('REPO', fleet.repo.url));

  it('brings an Application to the state that Git declares', async () => {
    await apply(
      `${application('web', { path: 'web', cluster: 'one' })}---${application('other', { path: 'other', cluster: 'one' })}`,
    );
    await fleet.converged('other', 'web');
    expect(read('web', 'settings')).toBe('one');
    expect(read('other', 'settings')).toBe('other');
  });

  it('follows a commit, and looks only at what it concerns', async () => {
    spoke.resetCounts();
    await fleet.repo.commit({ 'web/settings.yaml': settings('two') });
    await fleet.until('the commit is live', () => read('web', 'settings') === 'two');
    await fleet.converged('other', 'web');
    expect(
      spoke
        .writes()
        .filter((write) => write.verb === 'apply')
        .map((write) => write.key),
    ).toEqual([expect.stringContaining('settings')]);
  });

  it('repairs a drift that somebody made by hand', async () => {
    spoke.edit({ apiVersion: 'v1', kind: 'ConfigMap', namespace: 'web', name: 'settings' }, (object) => {
      object['data'] = { text: 'by hand' };
    });
    await fleet.until('the drift is repaired', () => read('web', 'settings') === 'two');
    await fleet.converged('other', 'web');
  });

  it('writes no row and reads no object in full while nothing changes (law 4)', async () => {
    await fleet.settled();
    const before = await fleet.rowsWritten();
    spoke.resetCounts();
    await fleet.swept(3);
    expect(await fleet.rowsWritten()).toEqual(before);
    const { get, apply: applied, patch, update, create } = spoke.counts();
    expect({ get: get > 0 ? 'some' : 'none', applied, patch, update, create }).toEqual({
      // The probe reads /version and /api, which count as nothing here.
      get: 'none',
      applied: 0,
      patch: 0,
      update: 0,
      create: 0,
    });
  });

  it('prunes what Git no longer declares, and holds what is past the budget until somebody approves', async () => {
    await fleet.repo.commit({ 'web/settings.yaml': null });
    await fleet.until('the object is pruned', () => read('web', 'settings') === undefined);
    await fleet.repo.commit({ 'web/web.yaml': null, 'web/rest.yaml': settings('rest') });
    await fleet.converged('other', 'web');
    const many = Array.from({ length: 6 }, (_, at) =>
      settings(`n${at}`).replace('name: settings', `name: s${at}`),
    ).join('---\n');
    await fleet.repo.commit({ 'web/many.yaml': many });
    await fleet.until('six more are there', () => read('web', 's5') === 'n5');
    await fleet.repo.commit({ 'web/many.yaml': null });
    const held = async (): Promise<unknown[]> =>
      (await fleet.store.pool.query<object>('SELECT names, total FROM held_deletions')).rows;
    await fleet.until('the prune is held', async () => (await held()).length === 1);
    expect(read('web', 's5')).toBe('n5');
    expect((await fleet.verdicts())['web']).toBe('OutOfSync Healthy');
    await fleet.store.tx((client) => new Catalogue().approveDeletion(client, { application: 'web' }, { name: 'ada' }));
    await fleet.until('they are pruned', () => read('web', 's5') === undefined);
    await fleet.converged('other', 'web');
    expect(await held()).toEqual([]);
  });

  it('waits for the health of a wave before it goes on', async () => {
    const wave = (at: number, text: string): string =>
      text.replace('metadata: {', `metadata: { annotations: { argocd.argoproj.io/sync-wave: '${at}' },`);
    await fleet.repo.commit({ 'waves/a.yaml': wave(1, DEPLOYMENT), 'waves/b.yaml': wave(2, settings('later')) });
    await apply(application('waves', { path: 'waves', cluster: 'one' }));
    await fleet.converged('other', 'waves', 'web');
    const keys = spoke
      .writes()
      .filter(({ key }) => key.includes('/waves/'))
      .map(({ verb, key }) => `${verb} ${key}`);
    const ready = keys.findIndex((key) => key.includes('Deployment') && key.endsWith('#status'));
    expect(keys.findIndex((key) => key.includes('ConfigMap'))).toBeGreaterThan(ready === -1 ? 0 : ready);
    const { rows } = await fleet.store.pool.query<{ operation: { phase: string } }>(
      `SELECT operation FROM application_details d JOIN applications a ON a.id = d.application_id WHERE a.name = 'waves'`,
    );
    expect(rows[0]?.operation.phase).toBe('Succeeded');
  });

  it('deletes an Application with what it made, and nothing else', async () => {
    await fleet.store.tx((client) => new Catalogue().deleteApplication(client, 'waves', { cascade: true }));
    await fleet.converged('other', 'web');
    expect(spoke.get({ apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'waves', name: 'web' })).toBeUndefined();
    expect(read('waves', 'settings')).toBeUndefined();
    expect(read('other', 'settings')).toBe('other');
  });

  it('says that it knows nothing of a spoke that does not answer, and is right again when it does', async () => {
    spoke.faults.set({ down: true });
    await fleet.until('everything is unknown', async () =>
      Object.values(await fleet.verdicts()).every((verdict) => verdict === 'Unknown Unknown'),
    );
    spoke.faults.set({});
    await fleet.converged('other', 'web');
  });

  it('reports what is not automated, and syncs it when somebody asks', async () => {
    await apply(application('manual', { path: 'other', cluster: 'one', policy: 'retry: { limit: 1 }' }));
    await fleet.until('it is out of sync', async () => (await fleet.verdicts())['manual'] === 'OutOfSync Missing');
    expect(read('manual', 'settings')).toBeUndefined();
    await fleet.requestSync('manual');
    await fleet.converged('manual', 'other', 'web');
    const { rows } = await fleet.store.pool.query<{ initiated_by: string; automated: boolean }>(
      `SELECT initiated_by, automated FROM application_history h JOIN applications a ON a.id = h.application_id WHERE a.name = 'manual'`,
    );
    expect(rows).toEqual([{ initiated_by: 'ada', automated: false }]);
  });

  it('tries a refused object again, and says why', async () => {
    await fleet.repo.commit({ 'bad/bad.yaml': 'apiVersion: example.com/v1\nkind: Widget\nmetadata: { name: w }\n' });
    await apply(application('bad', { path: 'bad', cluster: 'one' }));
    const conditions = async (): Promise<string> => {
      const { rows } = await fleet.store.pool.query<{ text: string }>(
        `SELECT d.conditions::text AS text FROM application_details d JOIN applications a ON a.id = d.application_id WHERE a.name = 'bad'`,
      );
      return rows[0]?.text ?? '';
    };
    await fleet.until('the condition names the kind', async () =>
      (await conditions()).includes('does not know the kind Widget'),
    );
    await fleet.repo.commit({ 'bad/bad.yaml': settings('good') });
    await fleet.converged('bad', 'manual', 'other', 'web');
  });

  it('Cache and queue cannot be poisoned: forged keys change nothing, and real ones are still taken', async () => {
    await fleet.settled();
    const { rows } = await fleet.store.pool.query<{ cluster: string; application: string }>(
      `SELECT c.id AS cluster, a.id AS application FROM clusters c, applications a LIMIT 1`,
    );
    const { cluster = '', application: other = '' } = rows[0] ?? {};
    const forged = [
      '00000000-0000-4000-8000-000000000000',
      other,
      'not-an-id',
      `${cluster}' OR 'a' = 'a`,
      JSON.stringify({ clusterId: cluster, manifests: [settings('forged')] }),
      '../../etc/passwd',
      '__proto__',
    ];
    const before = await fleet.rowsWritten();
    spoke.resetCounts();
    for (const name of ['deploy', 'observe', 'orphans', 'expand', 'source', 'probe'] as const)
      await queue.addMany(name, forged);
    // A replayed key is only one more look at what is there.
    await queue.addMany('deploy', [cluster]);
    await fleet.swept(3);
    const { apply: applied, patch, update, create, delete: deleted } = spoke.counts();
    expect({ applied, patch, update, create, deleted }).toEqual({
      applied: 0,
      patch: 0,
      update: 0,
      create: 0,
      deleted: 0,
    });
    expect(await fleet.rowsWritten()).toEqual(before);
    await fleet.repo.commit({ 'web/rest.yaml': settings('after') });
    await fleet.until('a real change is still carried out', () => read('web', 'settings') === 'after');
    await fleet.converged('bad', 'manual', 'other', 'web');
  });

  it('finishes everything with two workers, one writer at a time, though the queue loses all it holds (laws 1 and 3)', async () => {
    const begun = spoke.writes().length;
    await fleet.startWorker();
    const names = Array.from({ length: 30 }, (_, at) => `app-${String(at).padStart(2, '0')}`);
    await fleet.repo.commit({ 'many/web.yaml': DEPLOYMENT, 'many/settings.yaml': settings('one') });
    await apply(names.map((one) => application(one, { path: 'many', cluster: 'one' })).join('---'));
    await fleet.until('it has begun', () => spoke.writes().length > begun + 10);
    await backend.wipe(fleet);
    await fleet.converged('bad', 'manual', 'other', 'web', ...names);
    const created = spoke
      .writes()
      .filter(({ verb, changed, key }) => verb === 'apply' && changed && /app-\d\d\/settings/.test(key));
    expect(created.length).toBe(names.length);
  });
}

for (const backend of BACKENDS) {
  describe.skipIf(backend.missing !== '')(
    `a worker on a simulated spoke, queue on ${backend.name} ${backend.missing}`.trim(),
    () => workerOnASimulatedSpoke(backend),
  );
}
