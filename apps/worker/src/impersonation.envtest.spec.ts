// Least privilege on spokes by impersonation, on a real API server with RBAC: its own audit log says who did what.
import { findEnvtest } from '@wheelwright/testing';
import { Catalogue, freezeFleet, unfreezeFleet } from '@wheelwright/intent/adapters';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RealSpoke } from './testing/real-spoke.js';
import { TestFleet } from './testing/test-fleet.js';

const found = findEnvtest();
const USER = 'system:serviceaccount:shop:deployer';

const PROJECT = `apiVersion: argoproj.io/v1alpha1
kind: AppProject
metadata: { name: shop }
spec:
  sourceRepos: ['**']
  destinations: [{ name: real, namespace: '*' }]
  clusterResourceWhitelist: [{ group: '*', kind: '*' }]
  destinationServiceAccounts: [{ server: '*', namespace: shop, defaultServiceAccount: deployer }]
`;
const application = (name: string, namespace: string): string => `apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: { name: ${name}, finalizers: [resources-finalizer.argocd.argoproj.io] }
spec:
  project: shop
  source: { repoURL: 'REPO', path: ${name}, targetRevision: main }
  destination: { name: real, namespace: ${namespace} }
  syncPolicy: { automated: { prune: true, selfHeal: true } }
`;
const configMap = (name: string, text: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: ${name} }\ndata: { text: ${text} }\n`;
const CLUSTER_ROLE = `apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: { name: too-much }
rules: [{ apiGroups: [''], resources: [secrets], verbs: ['*'] }]
`;
const RBAC = '/apis/rbac.authorization.k8s.io/v1/namespaces/shop';

function impersonation(): void {
  let spoke: RealSpoke;
  let fleet: TestFleet;

  beforeAll(async () => {
    spoke = await RealSpoke.start('real');
    fleet = await TestFleet.create();
    for (const name of ['shop', 'elsewhere'])
      await spoke.create('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
    const verbs = ['get', 'list', 'create', 'patch', 'delete'];
    await spoke.create(`${RBAC}/roles`, {
      metadata: { name: 'deployer' },
      rules: [{ apiGroups: [''], resources: ['configmaps'], verbs }],
    });
    await spoke.create(`${RBAC}/rolebindings`, {
      metadata: { name: 'deployer' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'deployer' },
      subjects: [{ kind: 'ServiceAccount', name: 'deployer', namespace: 'shop' }],
    });
    await fleet.repo.commit({
      'mapped/settings.yaml': configMap('settings', 'one'),
      'greedy/role.yaml': CLUSTER_ROLE,
      'unmapped/settings.yaml': configMap('settings', 'one'),
    });
    await fleet.startWorker();
    await fleet.register(spoke);
    await fleet.apply(PROJECT);
  }, 120_000);
  afterAll(async () => {
    await fleet.close();
    await spoke.stop();
  });

  const apply = (name: string, namespace: string): Promise<void> =>
    fleet.apply(application(name, namespace).replaceAll('REPO', fleet.repo.url));
  const conditions = async (name: string): Promise<string> => (await fleet.conditionsOf(name)).join('; ');
  const textOf = async (): Promise<unknown> =>
    JSON.stringify((await spoke.get('/api/v1/namespaces/shop/configmaps/settings'))?.['data']);

  it('syncs, repairs and prunes as the mapped service account: the audit log has no write of the bare agent', async () => {
    await apply('mapped', 'shop');
    await fleet.converged('mapped');
    await spoke.patch('/api/v1/namespaces/shop/configmaps/settings', { data: { text: 'by hand' } });
    await fleet.until('the drift is repaired', async () => (await textOf()) === '{"text":"one"}');
    await fleet.repo.commit({ 'mapped/settings.yaml': null, 'mapped/other.yaml': configMap('other', 'two') });
    await fleet.until('the old one is pruned', async () => (await textOf()) === undefined);
    await fleet.converged('mapped');
    const requests = await spoke.requestsOfWorkers();
    const writes = requests.filter(({ verb }) => /^(create|update|patch|delete)/.test(verb));
    expect(writes.length).toBeGreaterThanOrEqual(4);
    expect([...new Set(writes.map(({ impersonatedUser }) => impersonatedUser?.username))]).toEqual([USER]);
    // Reads of single objects, for diff and health, are the account's too; only lists of the sweep and discovery are the agent's own.
    const gets = requests.filter(({ verb, requestURI }) => verb === 'get' && requestURI.includes('/namespaces/'));
    expect(gets.every(({ impersonatedUser }) => impersonatedUser?.username === USER)).toBe(true);
  });

  it('is refused by the spoke where the account has no right, and the spoke stays connected', async () => {
    await apply('greedy', 'shop');
    await fleet.until('it says who may not', async () => (await conditions('greedy')).includes(`As ${USER}`));
    const { rows } = await fleet.store.pool.query<{ state: string }>(
      'SELECT s.state FROM cluster_status s JOIN clusters c ON c.id = s.cluster_id WHERE NOT c.is_hub',
    );
    expect(rows).toEqual([{ state: 'Connected' }]);
    expect(await spoke.get('/apis/rbac.authorization.k8s.io/v1/clusterroles/too-much')).toBeUndefined();
  });

  it('asks nothing of the spoke for a destination that its project does not map', async () => {
    await apply('unmapped', 'elsewhere');
    await fleet.until('it is refused', async () =>
      (await conditions('unmapped')).includes('no service account for the namespace "elsewhere"'),
    );
    const touched = (await spoke.requestsOfWorkers()).filter(({ requestURI }) => requestURI.includes('elsewhere'));
    expect(touched).toEqual([]);
  });

  it('writes nothing while the fleet is frozen, says so, and goes on when the freeze is over', async () => {
    await fleet.store.tx((client) => freezeFleet(client, 'black friday', { name: 'ada' }));
    await fleet.repo.commit({ 'mapped/other.yaml': configMap('other', 'three') });
    await fleet.until('it says why', async () =>
      (await conditions('mapped')).includes('Frozen: the fleet is frozen by ada: black friday'),
    );
    await fleet.store.tx((client) => new Catalogue().deleteApplication(client, 'greedy', { cascade: true }));
    await fleet.requestSync('mapped');
    await fleet.until('the request is refused', async () =>
      String((await fleet.operationOf('mapped'))?.message).includes('black friday'),
    );
    const before = await spoke.get('/api/v1/namespaces/shop/configmaps/other');
    expect(before).toMatchObject({ data: { text: 'two' } });
    await fleet.store.tx((client) => unfreezeFleet(client));
    await fleet.until('the commit is live', async () => {
      const live = await spoke.get('/api/v1/namespaces/shop/configmaps/other');
      return JSON.stringify(live?.['data']) === '{"text":"three"}';
    });
    await fleet.until('it says nothing of a freeze any more', async () => (await conditions('mapped')) === '');
  });
}

if (found.folder !== undefined) {
  describe('Least privilege on spokes by impersonation', impersonation);
} else if (process.env['WHEELWRIGHT_REQUIRE_ENVTEST'] === '1') {
  it('has a real kube-apiserver', () => {
    expect.fail(found.reason);
  });
} else {
  describe.skip(`Least privilege on spokes by impersonation (skipped: ${found.reason})`, () => {
    it('runs', () => undefined);
  });
}
