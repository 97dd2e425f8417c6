import { startSpokeSim, type SpokeSim } from '@wheelwright/spoke-sim';
import { Catalogue } from '@wheelwright/intent/adapters';
import { afterEach, beforeAll, beforeEach, afterAll, describe, expect, it } from 'vitest';
import { TestFleet } from './testing/test-fleet.js';

const settings = (text: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: settings }\ndata: { text: ${text} }\n`;

interface Declared {
  readonly path: string;
  /** Name of the destination. Default: the hub. */
  readonly cluster?: string;
  readonly wave?: number;
  readonly project?: string;
  readonly options?: string;
}

const application = (name: string, { path, cluster, wave, project, options }: Declared): string => `
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: ${name}
  finalizers: [resources-finalizer.argocd.argoproj.io]
  annotations: { argocd.argoproj.io/sync-wave: '${String(wave ?? 0)}' }
spec:
  project: ${project ?? 'default'}
  source: { repoURL: 'REPO', path: ${path}, targetRevision: main }
  destination: { name: ${cluster ?? 'in-cluster'}, namespace: ${cluster === undefined ? 'argocd' : name} }
  syncPolicy:
    automated: { prune: true, selfHeal: true }
    syncOptions: [CreateNamespace=true${options ?? ''}]
`;

let sim: SpokeSim;
let fleet: TestFleet;

beforeAll(async () => {
  sim = await startSpokeSim({ controllerDelayMs: 20 });
});
afterAll(() => sim.close());
beforeEach(async () => {
  fleet = await TestFleet.create();
  const name = `east-${String(sim.clusters().length)}`;
  const { url, token } = sim.addCluster(name);
  await fleet.startWorker();
  await fleet.register({ name: 'east', url, token });
});
afterEach(() => fleet.close());

/** Commits files in which `REPO` stands for the repository. */
const commit = (files: Readonly<Record<string, string | null>>): Promise<string> =>
  fleet.repo.commit(
    Object.fromEntries(
      Object.entries(files).map(([path, text]) => [
        path,
        text === null ? null : text.replaceAll('REPO', fleet.repo.url),
      ]),
    ),
  );
const applyRoot = (declared: Partial<Declared> = {}): Promise<void> =>
  fleet.apply(application('root', { path: 'apps', ...declared }).replaceAll('REPO', fleet.repo.url));
const says = (name: string, text: string): Promise<void> =>
  fleet.until(`${name} says ${text}`, async () => (await fleet.conditionsOf(name)).some((line) => line.includes(text)));
const names = async (): Promise<readonly string[]> => Object.keys(await fleet.verdicts());

describe('an App of Apps', () => {
  it('writes no row while nothing changes (law 4)', { timeout: 60_000 }, async () => {
    await commit({
      'apps/web.yaml': application('web', { path: 'web', cluster: 'east' }),
      'apps/api.yaml': application('api', { path: 'web', cluster: 'east' }),
      'web/settings.yaml': settings('one'),
    });
    await applyRoot();
    await fleet.converged('api', 'root', 'web');
    await fleet.settled();
    const before = await fleet.rowsWritten();
    await fleet.swept(3);
    expect(await fleet.rowsWritten()).toEqual(before);
  });

  it('goes on to the next wave once what came before is healthy', { timeout: 60_000 }, async () => {
    await commit({
      'apps/first.yaml': application('first', { path: 'first', cluster: 'east', wave: 0 }),
      'apps/second.yaml': application('second', { path: 'second', cluster: 'east', wave: 1 }),
      'second/settings.yaml': settings('two'),
    });
    await applyRoot();
    await says('first', 'first');
    await fleet.until('the root waits', async () =>
      Boolean((await fleet.operationOf('root'))?.message.includes('waiting for Application argocd/first')),
    );
    expect(await names()).toEqual(['first', 'root']);
    await commit({ 'first/settings.yaml': settings('one') });
    await fleet.converged('first', 'root', 'second');
  });

  it('that declares itself neither waits for itself nor deletes itself', { timeout: 60_000 }, async () => {
    const self = application('root', { path: 'apps' });
    await commit({
      'apps/root.yaml': self,
      'apps/web.yaml': application('web', { path: 'web', cluster: 'east', wave: 1 }),
      'web/settings.yaml': settings('one'),
    });
    await applyRoot();
    await fleet.converged('root', 'web');
    await commit({ 'apps/root.yaml': null });
    await says('root', 'SelfPruneWarning');
    expect(await names()).toEqual(['root', 'web']);
    await commit({ 'apps/root.yaml': self });
    await fleet.converged('root', 'web');
    await fleet.store.tx((client) => new Catalogue().deleteApplication(client, 'root', { cascade: true }));
    await fleet.until('all of it is gone', async () => (await names()).length === 0);
  });

  it('says that only declared objects can go to the hub, and creates nothing', { timeout: 60_000 }, async () => {
    await commit({
      'apps/web.yaml': application('web', { path: 'web', cluster: 'east' }),
      'apps/settings.yaml': settings('one'),
      'web/settings.yaml': settings('one'),
    });
    await applyRoot();
    await says('root', 'only Application, ApplicationSet and AppProject');
    expect(await names()).toEqual(['root']);
  });

  it('needs a project that permits the hub', { timeout: 60_000 }, async () => {
    await commit({ 'apps/web.yaml': application('web', { path: 'web', cluster: 'east' }) });
    await fleet.apply(`
apiVersion: argoproj.io/v1alpha1
kind: AppProject
metadata: { name: labs }
spec:
  sourceRepos: ['*']
  destinations: [{ server: '*', namespace: '*' }, { server: '!https://kubernetes.default.svc', namespace: '*' }]
`);
    await applyRoot({ project: 'labs' });
    await says('root', 'the cluster in-cluster is denied');
    expect(await names()).toEqual(['root']);
  });

  it('prunes a project once nothing is in it', { timeout: 90_000 }, async () => {
    const project =
      'apiVersion: argoproj.io/v1alpha1\nkind: AppProject\nmetadata: { name: labs }\nspec: { sourceRepos: ["*"] }\n';
    await commit({
      'apps/labs.yaml': project,
      'apps/one.yaml': application('one', { path: 'web', cluster: 'east' }),
      'apps/two.yaml': application('two', { path: 'web', cluster: 'east' }),
      'web/settings.yaml': settings('one'),
    });
    await applyRoot();
    await fleet.converged('one', 'root', 'two');
    await fleet.apply(
      application('mine', { path: 'web', cluster: 'east', project: 'labs' }).replaceAll('REPO', fleet.repo.url),
    );
    await commit({ 'apps/labs.yaml': null });
    await says('root', 'AppProject labs is the project of mine');
    await fleet.store.tx((client) => new Catalogue().deleteApplication(client, 'mine', {}));
    const { pool } = fleet.store;
    // What was refused is tried again with growing pauses: 5, 10, 20 seconds.
    const isGone = async (): Promise<boolean> => (await pool.query('SELECT 1 FROM projects')).rowCount === 0;
    await fleet.until('the project is gone', isGone, 50_000);
    await fleet.converged('one', 'root', 'two');
  });
});
