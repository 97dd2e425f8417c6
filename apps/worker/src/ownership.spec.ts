// Whose an object is: Applications that move, share, and are interrupted, on simulated spokes.
import { Catalogue } from '@wheelwright/intent/adapters';
import { AppError, TRACKING_ANNOTATION } from '@wheelwright/kernel';
import { startSpokeSim, type SimulatedSpoke, type SpokeSim } from '@wheelwright/spoke-sim';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestFleet } from './testing/test-fleet.js';

const configMap = (name: string, text: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: ${name} }\ndata: { text: ${text} }\n`;

interface Declared {
  readonly path: string;
  readonly cluster: string;
  readonly namespace?: string;
}

describe('Applications and their objects', () => {
  let fleet: TestFleet;
  let sim: SpokeSim;
  let one: SimulatedSpoke;
  let two: SimulatedSpoke;

  beforeAll(async () => {
    fleet = await TestFleet.create();
    sim = await startSpokeSim({ controllerDelayMs: 20 });
    [one, two] = [sim.addCluster('one'), sim.addCluster('two')];
    await fleet.repo.commit({
      'pair/a.yaml': configMap('a', 'one'),
      'pair/b.yaml': configMap('b', 'one'),
      'single/c.yaml': configMap('c', 'one'),
    });
    await fleet.startWorker();
    await fleet.register(one);
    await fleet.register(two);
  });
  afterAll(async () => {
    await fleet.close();
    await sim.close();
  });

  const apply = (name: string, { path, cluster, namespace = name }: Declared): Promise<void> =>
    fleet.apply(`
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: { name: ${name}, finalizers: [resources-finalizer.argocd.argoproj.io] }
spec:
  project: default
  source: { repoURL: '${fleet.repo.url}', path: ${path}, targetRevision: main }
  destination: { name: ${cluster}, namespace: ${namespace} }
  syncPolicy: { automated: { prune: true, selfHeal: true }, syncOptions: [CreateNamespace=true] }
`);
  const textOf = (spoke: SimulatedSpoke, namespace: string, name: string): string | undefined => {
    const object = spoke.get({ apiVersion: 'v1', kind: 'ConfigMap', namespace, name });
    return (object?.['data'] as { text?: string } | undefined)?.text;
  };
  const ownerOf = (spoke: SimulatedSpoke, namespace: string, name: string): unknown =>
    spoke.get({ apiVersion: 'v1', kind: 'ConfigMap', namespace, name })?.metadata.annotations?.[TRACKING_ANNOTATION];
  const approve = (application: string): Promise<unknown> =>
    fleet.store.tx((client) => new Catalogue().approveDeletion(client, { application }, { name: 'ada' }));
  const remove = (name: string): Promise<unknown> =>
    fleet.store.tx((client) => new Catalogue().deleteApplication(client, name, { cascade: true }));
  const gone = (name: string): Promise<void> =>
    fleet.until(`${name} is gone`, async () => (await fleet.verdicts())[name] === undefined);

  it('Safe deletion: what a move leaves on the old spoke waits for an approval, and goes with it', async () => {
    await apply('mover', { path: 'pair', cluster: 'one' });
    await fleet.converged('mover');
    await apply('mover', { path: 'pair', cluster: 'two' });
    await fleet.until('the deletion is held', async () =>
      (await fleet.conditionsOf('mover')).some((text) => text.startsWith('DeletionHeld')),
    );
    expect(textOf(two, 'mover', 'a')).toBe('one');
    expect(textOf(one, 'mover', 'a')).toBe('one');
    expect(await fleet.conditionsOf('mover')).toContainEqual(expect.stringContaining('are still on one'));
    await approve('mover');
    await fleet.until('the old spoke is clear', () => textOf(one, 'mover', 'b') === undefined);
    await fleet.until('nobody waits any more', async () => (await fleet.conditionsOf('mover')).length === 0);
    expect(textOf(two, 'mover', 'a')).toBe('one');
    expect(await fleet.inventoryOf('mover')).toEqual(['ConfigMap a', 'ConfigMap b', 'Namespace mover']);
  });

  it('Safe deletion: a move back before the approval deletes nothing', async () => {
    await apply('mover', { path: 'pair', cluster: 'one' });
    await fleet.until('it is on both', async () =>
      (await fleet.conditionsOf('mover')).some((text) => text.includes('still on two')),
    );
    await apply('mover', { path: 'pair', cluster: 'two' });
    await fleet.until('it is back', async () =>
      (await fleet.conditionsOf('mover')).some((text) => text.includes('still on one')),
    );
    expect([textOf(one, 'mover', 'a'), textOf(two, 'mover', 'a')]).toEqual(['one', 'one']);
  });

  it('Safe deletion: an Application that lost its destination keeps what it has, and is deleted on every spoke', async () => {
    await apply('mover', { path: 'pair', cluster: 'nowhere' });
    await fleet.swept(2);
    expect([textOf(one, 'mover', 'a'), textOf(two, 'mover', 'a')]).toEqual(['one', 'one']);
    await apply('mover', { path: 'pair', cluster: 'two' });
    await fleet.converged('mover');
    await remove('mover');
    await gone('mover');
    expect([textOf(one, 'mover', 'a'), textOf(two, 'mover', 'a')]).toEqual([undefined, undefined]);
  });

  it('Safe deletion: an object that two Applications declare belongs to the first, and nobody fights', async () => {
    await apply('first', { path: 'single', cluster: 'one', namespace: 'shared' });
    await fleet.converged('first');
    await apply('second', { path: 'single', cluster: 'one', namespace: 'shared' });
    const isWarned = async (): Promise<boolean> =>
      (await fleet.conditionsOf('second')).some((text) => text.startsWith('SharedResourceWarning'));
    await fleet.until('the second is warned', isWarned);
    await fleet.repo.commit({ 'single/c.yaml': configMap('c', 'two') });
    await fleet.until('the first has followed', () => textOf(one, 'shared', 'c') === 'two');
    await fleet.settled();
    expect(ownerOf(one, 'shared', 'c')).toContain('first:');
    expect((await fleet.verdicts())['first']).toBe('Synced Healthy');
    expect(await isWarned()).toBe(true);
  });

  it('Safe deletion: the second owner takes over when the first is deleted', async () => {
    await remove('first');
    await fleet.converged('second');
    expect(textOf(one, 'shared', 'c')).toBe('two');
    expect(ownerOf(one, 'shared', 'c')).toContain('second:');
    await remove('second');
    await gone('second');
  });

  it('Races cannot crash the hub: credentials, labels and Applications change at once, and all of it comes right', async () => {
    const names = Array.from({ length: 8 }, (_, at) => `race-${String(at)}`);
    const racing = await Promise.allSettled([
      ...names.map((name) => apply(name, { path: 'single', cluster: 'two' })),
      ...names.map(() => fleet.rotate('two', two.token)),
      ...names.map((name) => apply(name, { path: 'single', cluster: 'two' })),
    ]);
    // Who comes second with a new name is told so; nothing else may go wrong.
    const refused = racing.flatMap((one): unknown[] => (one.status === 'rejected' ? [one.reason] : []));
    expect(refused.filter((error) => !(error instanceof AppError && error.code === 'Conflict'))).toEqual([]);
    await fleet.rotate('two', 'wrong');
    await fleet.until('it is unknown', async () => (await fleet.verdicts())['race-0'] === 'Unknown Unknown');
    await Promise.all(names.map(() => fleet.rotate('two', two.token)));
    await fleet.converged(...names);
    for (const name of names) await remove(name);
    for (const name of names) await gone(name);
  });

  it('One writer, no time travel: a pass that is cut off half-way leaves nothing behind', async () => {
    await fleet.repo.commit({
      'cut/a.yaml': configMap('a', 'one'),
      'cut/b.yaml': 'apiVersion: v1\nkind: ServiceAccount\nmetadata: { name: b }\n',
    });
    one.faults.set({ latencyMs: 200 });
    await apply('cut', { path: 'cut', cluster: 'one' });
    const isMade = (): boolean =>
      one.get({ apiVersion: 'v1', kind: 'ServiceAccount', namespace: 'cut', name: 'b' }) !== undefined;
    await fleet.until('something was made', isMade);
    // Between two writes: what was made is recorded nowhere.
    one.faults.set({ down: true });
    await fleet.repo.commit({ 'cut/b.yaml': null });
    await fleet.until('the cut is noticed', async () => (await fleet.verdicts())['cut'] === 'Unknown Unknown');
    expect(await fleet.inventoryOf('cut')).toEqual([]);
    one.faults.clear();
    await fleet.converged('cut');
    await fleet.until('what Git no longer declares is gone', () => !isMade());
    await fleet.until(
      'the inventory agrees',
      async () => (await fleet.inventoryOf('cut')).join() === 'ConfigMap a,Namespace cut',
    );
  });
});
