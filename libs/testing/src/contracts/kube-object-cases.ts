// Create, read, update and patch; versions, generations and defaults; and how failures are said.
import type { JsonObject } from '@wheelwright/kernel';
import { describe, expect, it } from 'vitest';
import type { ContractClient } from './kube-api.js';
import { at, configMap, deployment, JSON_PATCH, MERGE, PARTIAL, paths, STRATEGIC, versionOf } from './kube-client.js';

const EDIT = 'contract-suite';

export function objectCases(client: ContractClient): void {
  describe('objects', () => {
    it('creates an object and answers it as it is stored', async () => {
      const namespace = await client().namespace();
      const { configMaps } = paths(namespace);
      const created = await client().post(configMaps, configMap('one', { a: '1' }, { labels: { x: 'y' } }));
      expect(created.status).toBe(201);
      expect(created.body).toMatchObject({
        kind: 'ConfigMap',
        apiVersion: 'v1',
        metadata: { name: 'one', namespace },
        data: { a: '1' },
      });
      expect(at(created.body, 'metadata', 'uid')).toMatch(/^[0-9a-f-]{36}$/);
      expect(at(created.body, 'metadata', 'creationTimestamp')).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
      expect(at(created.body, 'metadata', 'generation')).toBeUndefined();
      expect(at(created.body, 'metadata', 'managedFields')).toEqual([
        {
          manager: EDIT,
          operation: 'Update',
          apiVersion: 'v1',
          time: expect.any(String),
          fieldsType: 'FieldsV1',
          fieldsV1: { 'f:data': { '.': {}, 'f:a': {} }, 'f:metadata': { 'f:labels': { '.': {}, 'f:x': {} } } },
        },
      ]);
      expect((await client().get(`${configMaps}/one`)).body).toEqual(created.body);
    });

    it('answers metadata alone when asked to', async () => {
      const { deployments } = paths(await client().namespace());
      await client().post(deployments, deployment('web'));
      const answer = await client().get(`${deployments}/web`, { accept: PARTIAL });
      expect(Object.keys(answer.body).sort()).toEqual(['apiVersion', 'kind', 'metadata']);
      expect(answer.body).toMatchObject({
        kind: 'PartialObjectMetadata',
        apiVersion: 'meta.k8s.io/v1',
        metadata: { name: 'web', generation: 1 },
      });
    });

    it('makes a name from generateName', async () => {
      const { configMaps } = paths(await client().namespace());
      const created = await client().post(configMaps, {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { generateName: 'made-' },
      });
      expect(at(created.body, 'metadata', 'name')).toMatch(/^made-[a-z0-9]{5}$/);
    });

    it('replaces an object, refuses an old version, and writes nothing when nothing changed', async () => {
      const { configMaps } = paths(await client().namespace());
      const created = await client().post(configMaps, configMap('one', { a: '1' }));
      const same = await client().put(`${configMaps}/one`, created.body);
      expect(versionOf(same.body)).toBe(versionOf(created.body));
      const updated = await client().put(`${configMaps}/one`, { ...created.body, data: { a: '2' } });
      expect(updated.status).toBe(200);
      expect(Number(versionOf(updated.body))).toBeGreaterThan(Number(versionOf(created.body)));
      expect(at(updated.body, 'metadata', 'uid')).toBe(at(created.body, 'metadata', 'uid'));
      const stale = await client().put(`${configMaps}/one`, { ...created.body, data: { a: '3' } });
      expect(stale.status).toBe(409);
      expect(stale.body).toMatchObject({ kind: 'Status', status: 'Failure', reason: 'Conflict', code: 409 });
      expect(stale.body.message).toContain('the object has been modified');
    });

    it('patches in three ways', async () => {
      const { deployments } = paths(await client().namespace());
      const path = `${deployments}/web`;
      await client().post(deployments, deployment('web', {}, { env: [{ name: 'A', value: '1' }] }));
      const merged = await client().patch(path, MERGE, {
        spec: { replicas: 3 },
        metadata: { labels: { tier: 'front' } },
      });
      expect(merged.body).toMatchObject({ spec: { replicas: 3 }, metadata: { labels: { tier: 'front' } } });
      const strategic = await client().patch(path, STRATEGIC, {
        metadata: { labels: { tier: null } },
        spec: { template: { spec: { containers: [{ name: 'main', env: [{ name: 'B', value: '2' }] }] } } },
      });
      const container = at(strategic.body, 'spec', 'template', 'spec', 'containers', 0);
      expect(container).toMatchObject({ name: 'main', image: 'registry.example/web:1' });
      expect(JSON.stringify(at(container, 'env'))).toContain('"A"');
      expect(JSON.stringify(at(container, 'env'))).toContain('"B"');
      expect(at(strategic.body, 'metadata', 'labels')).toBeUndefined();
      const patched = await client().patch(path, JSON_PATCH, [
        { op: 'test', path: '/spec/replicas', value: 3 },
        { op: 'replace', path: '/spec/replicas', value: 4 },
        { op: 'add', path: '/metadata/annotations', value: { 'a/b': 'c' } },
        { op: 'remove', path: '/spec/template/spec/containers/0/env' },
      ]);
      expect(patched.body).toMatchObject({ spec: { replicas: 4 }, metadata: { annotations: { 'a/b': 'c' } } });
      expect(at(patched.body, 'spec', 'template', 'spec', 'containers', 0, 'env')).toBeUndefined();
      const failed = await client().patch(path, JSON_PATCH, [{ op: 'test', path: '/spec/replicas', value: 99 }]);
      expect(failed.status).toBe(422);
    });

    it('counts a generation for the spec (and annotations of Deployments), not for labels or status', async () => {
      const { deployments } = paths(await client().namespace());
      const path = `${deployments}/web`;
      const generation = (body: JsonObject) => at(body, 'metadata', 'generation');
      expect(generation((await client().post(deployments, deployment('web'))).body)).toBe(1);
      expect(generation((await client().patch(path, MERGE, { spec: { replicas: 2 } })).body)).toBe(2);
      expect(generation((await client().patch(path, MERGE, { metadata: { labels: { a: 'b' } } })).body)).toBe(2);
      expect(generation((await client().patch(path, MERGE, { metadata: { annotations: { a: 'b' } } })).body)).toBe(3);
      const status = await client().patch(`${path}/status`, MERGE, {
        spec: { replicas: 9 },
        status: { observedGeneration: 3 },
      });
      expect(status.body).toMatchObject({
        metadata: { generation: 3 },
        spec: { replicas: 2 },
        status: { observedGeneration: 3 },
      });
      const main = await client().patch(path, MERGE, { status: { observedGeneration: 77 } });
      expect(at(main.body, 'status', 'observedGeneration')).not.toBe(77);
    });

    it('keeps no generation for ConfigMaps, Secrets, Services and service accounts', async () => {
      const namespace = await client().namespace();
      const kinds: readonly (readonly [string, JsonObject])[] = [
        ['configmaps', configMap('one')],
        ['secrets', { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'one' } }],
        ['services', { apiVersion: 'v1', kind: 'Service', metadata: { name: 'one' }, spec: { ports: [{ port: 80 }] } }],
        ['serviceaccounts', { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'one' } }],
      ];
      for (const [plural, body] of kinds) {
        const created = await client().post(`/api/v1/namespaces/${namespace}/${plural}`, body);
        expect(created.status, plural).toBe(201);
        expect(at(created.body, 'metadata', 'generation'), plural).toBeUndefined();
      }
    });

    it('fills in defaults and stored forms', async () => {
      const { secrets, services, deployments } = paths(await client().namespace());
      const secret = await client().post(secrets, {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 'one' },
        data: { b: 'Mg==' },
        stringData: { a: 'plain', b: 'wins' },
      });
      expect(secret.body).toMatchObject({ type: 'Opaque', data: { a: 'cGxhaW4=', b: 'd2lucw==' } });
      expect(secret.body.stringData).toBeUndefined();
      const service = await client().post(services, {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'one' },
        spec: { selector: { app: 'web' }, ports: [{ port: 80 }] },
      });
      expect(service.body.spec).toEqual({
        selector: { app: 'web' },
        ports: [{ port: 80, protocol: 'TCP', targetPort: 80 }],
        type: 'ClusterIP',
        sessionAffinity: 'None',
        clusterIP: expect.stringMatching(/^10\./),
        clusterIPs: [expect.stringMatching(/^10\./)],
        ipFamilies: ['IPv4'],
        ipFamilyPolicy: 'SingleStack',
        internalTrafficPolicy: 'Cluster',
      });
      const resources = { limits: { cpu: '1000m', memory: '1024Mi' }, requests: { cpu: 0.5 } };
      const created = await client().post(
        deployments,
        deployment('web', {}, { ports: [{ containerPort: 80 }], resources }),
      );
      expect(created.body.spec).toEqual({
        replicas: 1,
        revisionHistoryLimit: 10,
        progressDeadlineSeconds: 600,
        strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '25%', maxSurge: '25%' } },
        selector: { matchLabels: { app: 'web' } },
        template: {
          metadata: { labels: { app: 'web' } },
          spec: {
            restartPolicy: 'Always',
            terminationGracePeriodSeconds: 30,
            dnsPolicy: 'ClusterFirst',
            securityContext: {},
            schedulerName: 'default-scheduler',
            containers: [
              {
                name: 'main',
                image: 'registry.example/web:1',
                ports: [{ containerPort: 80, protocol: 'TCP' }],
                resources: { limits: { cpu: '1', memory: '1Gi' }, requests: { cpu: '500m' } },
                terminationMessagePath: '/dev/termination-log',
                terminationMessagePolicy: 'File',
                imagePullPolicy: 'IfNotPresent',
              },
            ],
          },
        },
      });
    });

    it('stores nothing on a dry run', async () => {
      const { configMaps } = paths(await client().namespace());
      const dry = await client().post(`${configMaps}?dryRun=All`, configMap('one', { a: '1' }));
      expect(dry.status).toBe(201);
      expect((await client().get(`${configMaps}/one`)).status).toBe(404);
      const created = await client().post(configMaps, configMap('one', { a: '1' }));
      const patched = await client().patch(`${configMaps}/one?dryRun=All`, MERGE, { data: { a: '2' } });
      expect(patched.body).toMatchObject({ data: { a: '2' }, metadata: { resourceVersion: versionOf(created.body) } });
      expect((await client().delete(`${configMaps}/one?dryRun=All`)).status).toBe(200);
      expect((await client().get(`${configMaps}/one`)).body).toEqual(created.body);
    });
  });
}

interface Failure {
  readonly status: number;
  readonly body: JsonObject;
}

function expectFailure(answer: Failure, ...[code, reason, details]: [number, string, JsonObject?]): void {
  expect(answer.status).toBe(code);
  expect(answer.body).toMatchObject({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    reason,
    code,
  });
  if (details !== undefined) expect(answer.body.details).toMatchObject(details);
}

export function errorCases(client: ContractClient): void {
  describe('errors', () => {
    it('says 401 for a missing and for a wrong token', async () => {
      for (const token of [null, 'wrong']) {
        const answer = await client().get('/api/v1/namespaces', { token });
        expectFailure(answer, 401, 'Unauthorized');
        expect(answer.body.message).toBe('Unauthorized');
      }
    });

    it('says 404 for what is not there, and names it', async () => {
      const namespace = await client().namespace();
      const { configMaps, deployments } = paths(namespace);
      const object = await client().get(`${deployments}/none`);
      expectFailure(object, 404, 'NotFound', { name: 'none', group: 'apps', kind: 'deployments' });
      expect(object.body.message).toBe('deployments.apps "none" not found');
      expectFailure(await client().put(`${configMaps}/none`, configMap('none')), 404, 'NotFound', {
        name: 'none',
        kind: 'configmaps',
      });
      expectFailure(await client().patch(`${configMaps}/none`, MERGE, {}), 404, 'NotFound', { name: 'none' });
      expectFailure(await client().delete(`${configMaps}/none`), 404, 'NotFound', { name: 'none' });
      const nowhere = await client().post(paths('no-such-namespace').configMaps, configMap('one'));
      expectFailure(nowhere, 404, 'NotFound', { name: 'no-such-namespace', kind: 'namespaces' });
      expectFailure(await client().get('/apis/apps/v1/things'), 404, 'NotFound');
      expect((await client().get('/apis/no.such.group/v1/things')).status).toBe(404);
    });

    it('says 409 for a name that is taken', async () => {
      const { configMaps } = paths(await client().namespace());
      await client().post(configMaps, configMap('one'));
      expectFailure(await client().post(configMaps, configMap('one')), 409, 'AlreadyExists', {
        name: 'one',
        kind: 'configmaps',
      });
    });

    it('says 422 for an object that cannot be stored, with the field', async () => {
      const { configMaps, deployments } = paths(await client().namespace());
      const nameless = await client().post(configMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata: {} });
      expectFailure(nameless, 422, 'Invalid', {
        kind: 'ConfigMap',
        causes: [{ reason: 'FieldValueRequired', field: 'metadata.name' }],
      });
      const misnamed = await client().post(configMaps, configMap('Not_A_Name'));
      expectFailure(misnamed, 422, 'Invalid', {
        name: 'Not_A_Name',
        causes: [{ reason: 'FieldValueInvalid', field: 'metadata.name' }],
      });
      const unmatched = await client().post(
        deployments,
        deployment('web', { selector: { matchLabels: { app: 'other' } } }),
      );
      expectFailure(unmatched, 422, 'Invalid', { group: 'apps', kind: 'Deployment' });
      expect(unmatched.body.message).toContain('`selector` does not match template `labels`');
      await client().post(deployments, deployment('web'));
      const moved = await client().patch(`${deployments}/web`, MERGE, {
        spec: { selector: { matchLabels: { app: 'b' } }, template: { metadata: { labels: { app: 'b' } } } },
      });
      expectFailure(moved, 422, 'Invalid');
      expect(moved.body.message).toContain('field is immutable');
    });

    it('says 400 for a body that does not fit its URL', async () => {
      const { configMaps } = paths(await client().namespace());
      const elsewhere = await client().post(configMaps, configMap('one', {}, { namespace: 'default' }));
      expectFailure(elsewhere, 400, 'BadRequest');
      const otherKind = await client().post(configMaps, {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 'one' },
      });
      expectFailure(otherKind, 400, 'BadRequest');
      expectFailure(await client().call('POST', configMaps, { body: '{nope' }), 400, 'BadRequest');
      await client().post(configMaps, configMap('one'));
      expectFailure(await client().put(`${configMaps}/one`, configMap('two')), 400, 'BadRequest');
    });

    it('says 405 and 415 for a method and a patch type that are not served', async () => {
      const { configMaps } = paths(await client().namespace());
      await client().post(configMaps, configMap('one'));
      expectFailure(await client().post(`${configMaps}/one`, {}), 405, 'MethodNotAllowed');
      expectFailure(await client().patch(`${configMaps}/one`, 'text/plain', {}), 415, 'UnsupportedMediaType');
    });
  });
}
