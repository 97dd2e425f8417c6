import type { ApplicationId, ClusterId } from '@wheelwright/kernel';
import { startSpokeSim, type SimulatedSpoke, type SpokeSim } from '@wheelwright/spoke-sim';
import { markDue } from '@wheelwright/status/adapters';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { TestFleet } from './testing/test-fleet.js';

const settings = (text: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: settings, annotations: { argocd.argoproj.io/sync-wave: '2' } }\ndata: { text: ${text} }\n`;
/** Never ready: a pod of it finds no node. */
const STUCK = `apiVersion: v1
kind: PersistentVolumeClaim
metadata: { name: stuck, annotations: { argocd.argoproj.io/sync-wave: '1' } }
spec: { accessModes: [ReadWriteOnce], storageClassName: none, resources: { requests: { storage: 1Gi } } }
`;
const APPLICATION = `apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: { name: shop }
spec:
  project: default
  source: { repoURL: 'REPO', path: shop, targetRevision: main }
  destination: { name: one, namespace: shop }
  syncPolicy: { automated: { selfHeal: true }, retry: { limit: -1 }, syncOptions: [CreateNamespace=true] }
`;

let sim: SpokeSim;
let spoke: SimulatedSpoke;
let fleet: TestFleet;

beforeAll(async () => {
  sim = await startSpokeSim({ controllerDelayMs: 20 });
  spoke = sim.addCluster('one');
  fleet = await TestFleet.create();
  await fleet.repo.commit({ 'shop/settings.yaml': settings('a') });
  await fleet.startWorker();
  await fleet.register({ name: 'one', url: spoke.url, token: spoke.token });
  await fleet.apply(APPLICATION.replace('REPO', fleet.repo.url));
  await fleet.until('it is live', () => live() === 'a');
});

afterAll(async () => {
  await fleet.close();
  await sim.close();
});

function live(): string | undefined {
  const object = spoke.get({ apiVersion: 'v1', kind: 'ConfigMap', namespace: 'shop', name: 'settings' });
  return (object?.['data'] as { text?: string } | undefined)?.text;
}

/** Writes something about the Application, `$1`, and has it looked at. */
async function change(statement: string): Promise<void> {
  await fleet.store.tx(async (client) => {
    const { rows } = await client.query<{ id: ApplicationId; cluster: ClusterId }>(
      'SELECT id, cluster_id AS cluster FROM applications',
    );
    for (const { id, cluster } of rows) {
      await client.query(statement, [id]);
      await markDue(client, cluster, [{ id, reason: 'asked for by ada' }]);
    }
  });
}

const told = async (text: string): Promise<boolean> =>
  (await fleet.conditionsOf('shop')).some((condition) => condition.startsWith(text));

it('lets nothing move while it is paused, and says why', async () => {
  await change(`INSERT INTO application_pauses (application_id, reason, paused_by) VALUES ($1, 'migration', 'ada')`);
  await fleet.repo.commit({ 'shop/settings.yaml': settings('b') });
  await fleet.until('it says so', () => told('Paused: it is paused by ada: migration'));
  await fleet.requestSync('shop');
  await fleet.until('a request is refused', async () => (await fleet.operationOf('shop'))?.phase === 'Error');
  expect([live(), (await fleet.verdicts())['shop']]).toEqual(['a', 'OutOfSync Healthy']);
  await change('DELETE FROM application_pauses WHERE application_id = $1');
  await fleet.until('it moves again', () => live() === 'b');
});

it('ends an operation that waits for ever, and does not begin it again by itself', async () => {
  await fleet.repo.commit({ 'shop/stuck.yaml': STUCK, 'shop/settings.yaml': settings('c') });
  await fleet.until(
    'it waits',
    async () => (await fleet.operationOf('shop'))?.message.includes('waiting for') === true,
  );
  await change(
    `INSERT INTO application_operations (application_id, kind, requested_by) VALUES ($1, 'terminate', 'ada')`,
  );
  await fleet.until('it has ended', async () => (await fleet.operationOf('shop'))?.phase === 'Failed');
  await fleet.until('it says so', () => told('SyncError: terminated by ada'));
  await fleet.settled();
  expect([live(), (await fleet.operationOf('shop'))?.phase]).toEqual(['b', 'Failed']);
  const { rows } = await fleet.store.pool.query(
    `SELECT phase, message FROM application_history ORDER BY id DESC LIMIT 1`,
  );
  expect(rows).toEqual([{ phase: 'Failed', message: expect.stringContaining('terminated by ada') }]);
  await fleet.repo.commit({ 'shop/stuck.yaml': null, 'shop/settings.yaml': settings('d') });
  await fleet.until('something newer is deployed', () => live() === 'd');
});
