import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { send, type RestAnswer, type RestRequest } from './testing/rest.js';
import { startTestHub, type TestHub } from './testing/test-hub.js';

let hub: TestHub;

const admin = (route: string, request: RestRequest = {}): Promise<RestAnswer> =>
  send(hub.url, route, { token: hub.adminToken, ...request });
const ask = async (query: string): Promise<unknown> => (await admin('POST /graphql', { body: { query } })).body['data'];

/** The cluster Secret that Argo CD users have for the hub itself. */
const secret = (name: string, labels: string): string => `apiVersion: v1
kind: Secret
metadata:
  name: hub
  labels: { argocd.argoproj.io/secret-type: cluster, ${labels} }
stringData:
  name: '${name}'
  server: https://kubernetes.default.svc
  config: '{"tlsClientConfig":{"insecure":false}}'
`;

const ROOT = `apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: { name: root-app }
spec:
  source: { repoURL: 'https://git.example.com/team/clusters.git', path: applications/prod }
  destination: { server: 'https://kubernetes.default.svc/', namespace: argocd }
`;

beforeAll(async () => {
  hub = await startTestHub();
});
afterAll(() => hub.stop());

describe('the hub as a destination', () => {
  it('is listed, and is no spoke of the fleet', async () => {
    expect(await ask('{ fleet { clusters { total } } clusters { nodes { name server isHub state } } }')).toEqual({
      fleet: { clusters: { total: 0 } },
      clusters: {
        nodes: [{ name: 'in-cluster', server: 'https://kubernetes.default.svc', isHub: true, state: 'Connected' }],
      },
    });
  });

  it('takes Applications that name it, with or without a slash, and without a warning', async () => {
    const { status, body } = await admin('POST /api/v1/apply', { body: ROOT });
    expect([status, body['warnings']]).toEqual([200, []]);
    expect(await ask('{ application(name: "root-app") { cluster { name } } }')).toEqual({
      application: { cluster: { name: 'in-cluster' } },
    });
  });

  it('cannot be registered, deleted or given credentials', async () => {
    const registration = {
      name: 'x',
      server: 'https://kubernetes.default.svc',
      credentials: { bearerToken: 'some-token' },
    };
    const registered = await admin('POST /api/v1/clusters', { body: registration });
    expect([registered.status, registered.text.includes('it is there as in-cluster')]).toEqual([422, true]);
    const byName = { ...registration, name: 'in-cluster', server: 'https://east.example.com' };
    expect((await admin('POST /api/v1/clusters', { body: byName })).status).toBe(422);
    const deleted = await admin('DELETE /api/v1/clusters/in-cluster?cascade=delete');
    expect([deleted.status, deleted.body['code']]).toEqual([409, 'Conflict']);
    const patch = { body: { credentials: { bearerToken: 'some-token' } } };
    expect((await admin('PATCH /api/v1/clusters/in-cluster', patch)).status).toBe(409);
  });

  it('takes labels over REST and by a cluster Secret, whose config is left out with a warning', async () => {
    const patched = await admin('PATCH /api/v1/clusters/in-cluster', { body: { labels: { env: 'mgmt' } } });
    expect([patched.status, patched.body['labels']]).toEqual([200, { env: 'mgmt' }]);
    const applied = await admin('POST /api/v1/apply', { body: secret('in-cluster', 'tier: gold') });
    expect(applied.body).toMatchObject({
      objects: [{ kind: 'Cluster', name: 'in-cluster', result: 'configured' }],
      warnings: [{ line: 1, message: expect.stringContaining('config is left out') as string }],
    });
    expect((await admin('GET /api/v1/clusters/in-cluster')).body['labels']).toEqual({ tier: 'gold' });
  });

  it('can have another name', async () => {
    await admin('POST /api/v1/apply', { body: secret('mgmt', 'tier: gold') });
    expect((await admin('GET /api/v1/clusters/mgmt')).body).toMatchObject({ isHub: true });
    await admin('POST /api/v1/apply', { body: secret('in-cluster', 'tier: gold') });
    expect((await admin('GET /api/v1/clusters/in-cluster')).status).toBe(200);
  });
});
