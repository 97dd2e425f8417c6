// Phases and hooks of an operation, as a worker runs them on a simulated spoke.
import { Catalogue } from '@wheelwright/intent/adapters';
import type { KubeObject } from '@wheelwright/kernel';
import { startSpokeSim, type SimulatedSpoke, type SpokeSim } from '@wheelwright/spoke-sim';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestFleet } from './testing/test-fleet.js';

const OUTCOME = 'sim.wheelwright.dev/outcome';
const FINALIZER = 'argocd.argoproj.io/hook-finalizer';

interface HookYaml {
  readonly phase: string;
  readonly outcome?: '' | 'stuck' | 'fail';
  readonly policy?: string;
  readonly image?: string;
}

const job = (name: string, { phase, outcome = '', policy, image = 'tool:1' }: HookYaml): string => `apiVersion: batch/v1
kind: Job
metadata:
  ${name.endsWith('-') ? 'generateName' : 'name'}: ${name}
  annotations:
    argocd.argoproj.io/hook: ${phase}
    ${outcome === '' ? '' : `${OUTCOME}: ${outcome}`}
    ${policy === undefined ? '' : `argocd.argoproj.io/hook-delete-policy: ${policy}`}
spec: { template: { spec: { restartPolicy: Never, containers: [{ name: main, image: 'example.com/${image}' }] } } }
`;
const settings = (text: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: settings }\ndata: { text: '${text}' }\n`;
const application = (name: string, policy: string): string => `
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: { name: ${name}, finalizers: [resources-finalizer.argocd.argoproj.io] }
spec:
  project: default
  source: { repoURL: 'REPO', path: ${name}, targetRevision: main }
  destination: { name: one, namespace: ${name} }
  syncPolicy:
    ${policy}
    syncOptions: [CreateNamespace=true]
`;
const AUTOMATED = 'automated: { prune: true, selfHeal: true }\n    retry: { limit: 0 }';
const BY_HAND = 'retry: { limit: 0 }';

describe('hooks on a simulated spoke', () => {
  let sim: SpokeSim;
  let spoke: SimulatedSpoke;
  let fleet: TestFleet;
  beforeAll(async () => {
    sim = await startSpokeSim({ controllerDelayMs: 20 });
    spoke = sim.addCluster('one');
    fleet = await TestFleet.create();
    await fleet.startWorker();
    await fleet.register({ name: 'one', url: spoke.url, token: spoke.token });
  });
  afterAll(async () => {
    await fleet.close();
    await sim.close();
  });

  const start = async (name: string, files: Readonly<Record<string, string>>, policy = AUTOMATED): Promise<void> => {
    await fleet.repo.commit(Object.fromEntries(Object.entries(files).map(([file, text]) => [`${name}/${file}`, text])));
    await fleet.apply(application(name, policy).replaceAll('REPO', fleet.repo.url));
  };
  const ref = (namespace: string, name: string) => ({ apiVersion: 'batch/v1', kind: 'Job', namespace, name });
  const jobOf = (namespace: string, name: string): KubeObject | undefined => spoke.get(ref(namespace, name));
  const textOf = (namespace: string): unknown =>
    (
      spoke.get({ apiVersion: 'v1', kind: 'ConfigMap', namespace, name: 'settings' })?.['data'] as
        { text?: string } | undefined
    )?.text;
  const finish = (namespace: string, name: string, outcome = ''): KubeObject =>
    spoke.edit(ref(namespace, name), ({ metadata }) => {
      metadata.annotations = { ...metadata.annotations, [OUTCOME]: outcome };
    });
  const phaseIs = (name: string, phase: string): Promise<void> =>
    fleet.until(`${name} is ${phase}`, async () => (await fleet.operationOf(name))?.phase === phase);
  const remove = (name: string): Promise<unknown> =>
    fleet.store.tx((client) => new Catalogue().deleteApplication(client, name, { cascade: true }));
  const says = (name: string, text: string): Promise<void> =>
    fleet.until(`${name}: ${text}`, async () => (await fleet.operationOf(name))?.message.includes(text) === true);

  it('run around the sync: nothing is applied before PreSync has ended, and PostSync comes when all is healthy', async () => {
    await start('order', {
      'settings.yaml': settings('one'),
      'before.yaml': job('before', { phase: 'PreSync', outcome: 'stuck' }),
      'after.yaml': job('after', { phase: 'PostSync', policy: 'HookSucceeded' }),
      'sorry.yaml': job('sorry', { phase: 'SyncFail' }),
      'never.yaml': job('never', { phase: 'Skip' }),
    });
    await says('order', 'waiting for hook Job order/before (PreSync) to end');
    expect(textOf('order')).toBeUndefined();
    const held = jobOf('order', 'before');
    expect(held?.metadata.finalizers).toContain(FINALIZER);
    expect(held?.metadata.labels?.['wheelwright.dev/managed-by']).toBeUndefined();
    // Somebody who deletes it, or its own time to live, does not take it away from under us.
    finish('order', 'before');
    await phaseIs('order', 'Succeeded');
    await fleet.until('in sync', async () => (await fleet.verdicts())['order'] === 'Synced Healthy');
    expect(textOf('order')).toBe('one');
    expect(jobOf('order', 'before')?.metadata.finalizers ?? []).not.toContain(FINALIZER);
    await fleet.until('after is deleted', () => jobOf('order', 'after') === undefined);
    expect(jobOf('order', 'sorry')).toBeUndefined();
    expect(jobOf('order', 'never')).toBeUndefined();
    const applied = spoke.writes().filter(({ verb, key }) => verb === 'apply' && key.includes('/order'));
    expect(applied.map(({ key }) => key)).toEqual([
      '/Namespace//order',
      'batch/Job/order/before',
      '/ConfigMap/order/settings',
      'batch/Job/order/after',
    ]);
    expect(await fleet.inventoryOf('order')).toEqual(['ConfigMap settings', 'Namespace order']);
  });

  it('run again with the next revision, and not when a drift is repaired', async () => {
    await start('again', { 'settings.yaml': settings('one'), 'before.yaml': job('before', { phase: 'PreSync' }) });
    await phaseIs('again', 'Succeeded');
    const first = jobOf('again', 'before')?.metadata.uid;
    spoke.edit({ apiVersion: 'v1', kind: 'ConfigMap', namespace: 'again', name: 'settings' }, (object) => {
      object['data'] = { text: 'by hand' };
    });
    await fleet.until('the drift is repaired', () => textOf('again') === 'one');
    expect(jobOf('again', 'before')?.metadata.uid).toBe(first);
    await fleet.repo.commit({ 'again/settings.yaml': settings('two') });
    await fleet.until('two is there', () => textOf('again') === 'two');
    expect(jobOf('again', 'before')?.metadata.uid).not.toBe(first);
  });

  it('stop the sync where they fail: nothing is applied, and what is meant for a failure runs', async () => {
    await start('broken', {
      'settings.yaml': settings('one'),
      'before.yaml': job('before', { phase: 'PreSync', outcome: 'fail', policy: 'HookFailed' }),
      'sorry.yaml': job('sorry', { phase: 'SyncFail' }),
    });
    await phaseIs('broken', 'Failed');
    expect((await fleet.operationOf('broken'))?.message).toContain('hook Job broken/before (PreSync) failed: ');
    expect(textOf('broken')).toBeUndefined();
    expect(jobOf('broken', 'sorry')).toBeDefined();
    await fleet.until('the failed hook is deleted', () => jobOf('broken', 'before') === undefined);
    await fleet.repo.commit({ 'broken/before.yaml': job('before', { phase: 'PreSync', image: 'tool:2' }) });
    await fleet.until('the next revision is applied', () => textOf('broken') === 'one');
  });

  it('are tried again after they failed, also where everything else is in sync', async () => {
    await start(
      'retried',
      { 'settings.yaml': settings('one'), 'after-.yaml': job('after', { phase: 'PostSync', outcome: 'fail' }) },
      'automated: {}\n    retry: { limit: 1, backoff: { duration: 1s } }',
    );
    await fleet.until('it failed twice', async () => (await fleet.operationOf('retried'))?.retries === 2);
    await phaseIs('retried', 'Failed');
    expect((await fleet.verdicts())['retried']).toBe('Synced Healthy');
    const made = spoke.writes().filter(({ verb, key }) => verb === 'apply' && key === 'batch/Job/retried/after');
    expect(made).toHaveLength(2);
  });

  it('are known again by a worker that lost its memory of them, and failed where somebody deleted them', async () => {
    await start('crashed', {
      'settings.yaml': settings('one'),
      'b.yaml': job('before-', { phase: 'PreSync', outcome: 'stuck' }),
    });
    await says('crashed', 'waiting for hook');
    const jobs = (): readonly KubeObject[] => spoke.list({ apiVersion: 'batch/v1', kind: 'Job', namespace: 'crashed' });
    expect(jobs()[0]?.metadata.name).toMatch(/^before-[0-9a-f]{7}-presync-\d{10}$/);
    await fleet.store.pool.query(
      `UPDATE application_details d SET attempt = attempt - 'hooks' FROM applications a WHERE a.id = d.application_id AND a.name = 'crashed'`,
    );
    await fleet.until('it is remembered again', async () => {
      const { rows } = await fleet.store.pool.query<{ known: boolean }>(
        `SELECT d.attempt ? 'hooks' AS known FROM application_details d JOIN applications a ON a.id = d.application_id WHERE a.name = 'crashed'`,
      );
      return rows[0]?.known === true;
    });
    expect(jobs()).toHaveLength(1);
    spoke.remove(ref('crashed', jobs()[0]?.metadata.name ?? ''));
    await phaseIs('crashed', 'Failed');
    expect((await fleet.operationOf('crashed'))?.message).toContain('it was deleted before it had ended');
    await fleet.until('it is let go of', () => jobs().length === 0);
  });

  it('of an operation that runs are waited for by the next revision, and replaced when a person says so', async () => {
    await start('waits', {
      'settings.yaml': settings('one'),
      'b.yaml': job('before', { phase: 'PreSync', outcome: 'stuck' }),
    });
    await says('waits', 'waiting for hook Job waits/before');
    const first = jobOf('waits', 'before')?.metadata.uid;
    await fleet.repo.commit({
      'waits/settings.yaml': settings('two'),
      'waits/b.yaml': job('before', { phase: 'PreSync' }),
    });
    await says('waits', 'of an earlier operation to end');
    expect(jobOf('waits', 'before')?.metadata.uid).toBe(first);
    await fleet.requestSync('waits');
    await fleet.until('two is there', () => textOf('waits') === 'two');
    expect(jobOf('waits', 'before')?.metadata.uid).not.toBe(first);
  });

  it('never replace an object that is somebody else’s, and do not run for chosen objects', async () => {
    spoke.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'foreign' } });
    spoke.create({
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { name: 'before', namespace: 'foreign' },
      spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'other:1' }] } } },
    });
    const theirs = jobOf('foreign', 'before')?.metadata.uid;
    await start(
      'foreign',
      { 'settings.yaml': settings('one'), 'b.yaml': job('before', { phase: 'PreSync' }) },
      BY_HAND,
    );
    await fleet.until(
      'it is compared',
      async () => (await fleet.verdicts())['foreign']?.startsWith('OutOfSync') === true,
    );
    await fleet.requestSync('foreign');
    await phaseIs('foreign', 'Failed');
    expect((await fleet.operationOf('foreign'))?.message).toContain('does not belong to this Application');
    expect(jobOf('foreign', 'before')?.metadata.uid).toBe(theirs);
    await fleet.requestSync('foreign', { resources: [{ group: '', kind: 'ConfigMap', name: 'settings' }] });
    await fleet.until('the chosen object is there', () => textOf('foreign') === 'one');
    expect(jobOf('foreign', 'before')?.metadata.uid).toBe(theirs);
  });

  it('run before and after a deletion, the former while everything is still there', async () => {
    await start('leaves', {
      'settings.yaml': settings('one'),
      'before.yaml': job('before', { phase: 'PreSync' }),
      'backup.yaml': job('backup', { phase: 'PreDelete', outcome: 'stuck' }),
      'farewell.yaml': job('farewell', { phase: 'PostDelete', outcome: 'stuck' }).replace(
        'metadata:',
        'metadata:\n  namespace: default',
      ),
    });
    await phaseIs('leaves', 'Succeeded');
    expect(jobOf('leaves', 'backup')).toBeUndefined();
    await remove('leaves');
    await fleet.until('the backup runs', () => jobOf('leaves', 'backup') !== undefined);
    expect(textOf('leaves')).toBe('one');
    finish('leaves', 'backup', 'fail');
    await fleet.until('the deletion stops', async () =>
      (await fleet.conditionsOf('leaves')).some((text) =>
        text.startsWith('DeletionError: hook Job leaves/backup (PreDelete) failed'),
      ),
    );
    expect(textOf('leaves')).toBe('one');
    await fleet.repo.commit({ 'leaves/backup.yaml': job('backup', { phase: 'PreDelete', image: 'tool:2' }) });
    await fleet.until('the last hook runs', () => jobOf('default', 'farewell') !== undefined);
    expect(textOf('leaves')).toBeUndefined();
    expect(jobOf('leaves', 'before')).toBeUndefined();
    expect(jobOf('leaves', 'backup')).toBeUndefined();
    expect((await fleet.verdicts())['leaves']).toBeDefined();
    finish('default', 'farewell');
    await fleet.until('it is gone', async () => (await fleet.verdicts())['leaves'] === undefined);
    expect(jobOf('default', 'farewell')?.metadata.finalizers ?? []).not.toContain(FINALIZER);
  });

  it('do not keep an Application that has none for its deletion: what it ran goes with it', async () => {
    await start('plain', {
      'settings.yaml': settings('one'),
      'before.yaml': job('before', { phase: 'PreSync', outcome: 'stuck' }),
    });
    await says('plain', 'waiting for hook');
    await remove('plain');
    await fleet.until('it is gone', async () => (await fleet.verdicts())['plain'] === undefined);
    expect(jobOf('plain', 'before')).toBeUndefined();
  });
});
