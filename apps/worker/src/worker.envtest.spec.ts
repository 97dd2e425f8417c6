// The worker on a real API server: what the simulator is believed to do, done by the one that decides.
import { Catalogue } from '@wheelwright/intent/adapters';
import { isJsonObject, type JsonObject } from '@wheelwright/kernel';
import { findEnvtest } from '@wheelwright/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RealSpoke, requestsBetween } from './testing/real-spoke.js';
import { TestFleet } from './testing/test-fleet.js';

const found = findEnvtest();

const wave = (at: number): string => `annotations: { argocd.argoproj.io/sync-wave: '${String(at)}' },`;
const deployment = (name: string, meta = ''): string => `apiVersion: apps/v1
kind: Deployment
metadata: { ${meta} name: ${name} }
spec:
  replicas: 2
  selector: { matchLabels: { app: ${name} } }
  template:
    metadata: { labels: { app: ${name} } }
    spec: { containers: [{ name: main, image: 'example.com/web:1' }] }
`;
const configMap = (name: string, text: string, meta = ''): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: { ${meta} name: ${name} }\ndata: { text: ${text} }\n`;

/** One of each kind of object that a small service brings, with fields that the server defaults. */
const SHOP: Readonly<Record<string, string>> = {
  'shop/web.yaml': deployment('web'),
  'shop/settings.yaml': configMap('settings', 'one'),
  'shop/secret.yaml': `apiVersion: v1\nkind: Secret\nmetadata: { name: key }\nstringData: { password: canary }\n`,
  'shop/service.yaml': `apiVersion: v1
kind: Service
metadata: { name: web }
spec: { selector: { app: web }, ports: [{ port: 80 }] }
`,
  'shop/access.yaml': `apiVersion: v1
kind: ServiceAccount
metadata: { name: web }
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: { name: web }
rules: [{ apiGroups: [''], resources: [configmaps], verbs: [get] }]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: { name: web }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: Role, name: web }
subjects: [{ kind: ServiceAccount, name: web, namespace: shop }]
`,
  'shop/a-widget.yaml': `apiVersion: example.com/v1\nkind: Widget\nmetadata: { name: first }\nspec: { size: 3 }\n`,
  'shop/z-definition.yaml': `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: widgets.example.com }
spec:
  group: example.com
  names: { kind: Widget, listKind: WidgetList, plural: widgets, singular: widget }
  scope: Namespaced
  versions:
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema:
          type: object
          properties: { spec: { type: object, properties: { size: { type: integer }, colour: { type: string, default: red } } } }
`,
};
const SHOP_OBJECTS = 9;
const MINE =
  /^(?!LIST|WATCH|CONNECT).* (configmaps|secrets|services|serviceaccounts|roles|rolebindings|deployments|widgets|customresourcedefinitions|namespaces)$/;
const WRITES =
  /^(APPLY|PATCH|PUT|DELETE|DELETECOLLECTION|DRY) (configmaps|secrets|services|serviceaccounts|roles|rolebindings|deployments|widgets|customresourcedefinitions|namespaces)$/;

const application = (name: string): string => `
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: { name: ${name}, finalizers: [resources-finalizer.argocd.argoproj.io] }
spec:
  project: default
  source: { repoURL: 'REPO', path: ${name}, targetRevision: main }
  destination: { name: real, namespace: ${name} }
  syncPolicy:
    automated: { prune: true, selfHeal: true }
    syncOptions: [CreateNamespace=true]
`;

const core = (plural: string, name: string, namespace = 'shop'): string =>
  `/api/v1/namespaces/${namespace}/${plural}/${name}`;
const apps = (name: string, namespace = 'shop'): string => `/apis/apps/v1/namespaces/${namespace}/deployments/${name}`;

function workerOnARealServer(): void {
  let spoke: RealSpoke;
  let fleet: TestFleet;

  beforeAll(async () => {
    spoke = await RealSpoke.start('real');
    fleet = await TestFleet.create();
    await fleet.repo.commit(SHOP);
    await fleet.startWorker();
    await fleet.register(spoke);
  }, 120_000);
  afterAll(async () => {
    await fleet.close();
    await spoke.stop();
  });

  const apply = (name: string): Promise<void> => fleet.apply(application(name).replaceAll('REPO', fleet.repo.url));
  const textOf = async (name: string, namespace = 'shop'): Promise<unknown> => {
    const data = (await spoke.get(core('configmaps', name, namespace)))?.['data'];
    return isJsonObject(data) ? data['text'] : undefined;
  };
  const isThere = async (path: string): Promise<boolean> => (await spoke.get(path)) !== undefined;
  const managersOf = (live: JsonObject | undefined): string => {
    const meta = live?.['metadata'];
    return isJsonObject(meta) ? JSON.stringify(meta['managedFields']) : '';
  };
  it('brings one of each kind to the spoke, a definition and its custom resource among them', async () => {
    const before = await spoke.requests();
    await apply('shop');
    await fleet.until('the Deployment is there', () => isThere(apps('web')));
    await spoke.makeAvailable('shop', 'web');
    await fleet.converged('shop');
    const sent = requestsBetween(before, await spoke.requests(), MINE);
    const writes = Object.entries(sent).filter(([name]) => /^APPLY/.test(name));
    // One apply per object and one for the namespace; no dry run before a create.
    expect(writes.reduce((sum, [, count]) => sum + count, 0)).toBe(SHOP_OBJECTS + 1);
    expect(Object.keys(sent).filter((name) => name.startsWith('DRY'))).toEqual([]);
    expect(managersOf(await spoke.get(apps('web')))).toContain('"manager":"wheelwright"');
    expect(await spoke.get('/apis/example.com/v1/namespaces/shop/widgets/first')).toMatchObject({
      spec: { size: 3, colour: 'red' },
    });
  });

  it('writes nothing, to the spoke or to Postgres, while nothing changes (law 4)', async () => {
    await fleet.settled();
    const [rows, counts] = [await fleet.rowsWritten(), await spoke.requests()];
    await fleet.swept(3);
    expect(await fleet.rowsWritten()).toEqual(rows);
    expect(requestsBetween(counts, await spoke.requests(), WRITES)).toEqual({});
  });

  it('repairs what was changed by hand and what was deleted by hand', async () => {
    await spoke.patch(core('configmaps', 'settings'), { data: { text: 'by hand' } });
    await spoke.patch(core('services', 'web'), { spec: { selector: { app: 'other' } } });
    await fleet.until('both are repaired', async () => {
      const service = await spoke.get(core('services', 'web'));
      return (
        (await textOf('settings')) === 'one' && JSON.stringify(service?.['spec']).includes('"selector":{"app":"web"}')
      );
    });
    await fleet.converged('shop');
  });

  it('follows a commit with one read, one dry run and one apply of the one object that it changes', async () => {
    await fleet.settled();
    const before = await spoke.requests();
    const commit = await fleet.repo.commit({ 'shop/settings.yaml': configMap('settings', 'two') });
    await fleet.until('the commit is live', async () => (await fleet.revisionOf('shop')) === commit);
    const sent = requestsBetween(before, await spoke.requests(), WRITES);
    expect(sent).toEqual({ 'APPLY configmaps': 1, 'DRY configmaps': 1 });
    expect(await textOf('settings')).toBe('two');
    await fleet.converged('shop');
  });

  it('waits for a definition to be served before it applies an object of its kind', async () => {
    const definition = (SHOP['shop/z-definition.yaml'] ?? '').replace(/idget/g, 'adget');
    await fleet.repo.commit({
      'late/definition.yaml': definition,
      'late/object.yaml': (SHOP['shop/a-widget.yaml'] ?? '').replace('Widget', 'Wadget'),
    });
    await apply('late');
    await fleet.converged('late', 'shop');
    expect(await fleet.operationOf('late')).toMatchObject({ phase: 'Succeeded', message: '3 created' });
  });

  it('prunes what Git drops: leaves at once, workloads when their dependents are gone', async () => {
    await fleet.repo.commit({ 'shop/settings.yaml': null, 'shop/web.yaml': null });
    // No garbage collector runs here: a deletion in the foreground waits until somebody does its work.
    await fleet.until('the Deployment is being deleted', () => spoke.collect(apps('web')));
    await fleet.converged('late', 'shop');
    expect(await isThere(core('configmaps', 'settings'))).toBe(false);
    expect(await isThere(apps('web'))).toBe(false);
    await fleet.until(
      'the inventory forgets it',
      async () => !(await fleet.inventoryOf('shop')).includes('Deployment web'),
    );
  });

  it('goes on to the next wave when the status of the last one says so', async () => {
    await fleet.repo.commit({
      'waves/a.yaml': deployment('first', wave(1)),
      'waves/b.yaml': configMap('second', 'later', wave(2)),
    });
    await apply('waves');
    await fleet.until('it waits', async () =>
      String((await fleet.operationOf('waves'))?.message).includes('waiting for Deployment'),
    );
    expect(await isThere(core('configmaps', 'second', 'waves'))).toBe(false);
    await spoke.makeAvailable('waves', 'first');
    await fleet.converged('late', 'shop', 'waves');
    expect(await textOf('second', 'waves')).toBe('later');
  });

  it('deletes an Application with its objects, wave by wave from the last, and leaves its namespace', async () => {
    await fleet.store.tx((client) => new Catalogue().deleteApplication(client, 'waves', { cascade: true }));
    await fleet.until('the first wave is being deleted', () => spoke.collect(apps('first', 'waves')));
    await fleet.converged('late', 'shop');
    expect(await isThere(core('configmaps', 'second', 'waves'))).toBe(false);
    expect(await isThere(apps('first', 'waves'))).toBe(false);
    expect(await isThere('/api/v1/namespaces/waves')).toBe(true);
    expect(await isThere(core('services', 'web'))).toBe(true);
  });
}

if (found.folder !== undefined) {
  describe('a worker on a real kube-apiserver', workerOnARealServer);
} else if (process.env['WHEELWRIGHT_REQUIRE_ENVTEST'] === '1') {
  it('has a real kube-apiserver', () => {
    expect.fail(found.reason);
  });
} else {
  describe.skip(`a worker on a real kube-apiserver (skipped: ${found.reason})`, () => {
    it('runs', () => undefined);
  });
}
