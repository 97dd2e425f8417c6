// Discovery in both forms, the probes, and kinds that CRDs add.
import { randomBytes } from 'node:crypto';
import type { JsonObject, JsonValue } from '@wheelwright/kernel';
import { describe, expect, it } from 'vitest';
import { eventually } from '../eventually.js';
import type { ContractClient } from './kube-api.js';
import { at, itemsOf, MERGE, STRATEGIC, versionOf } from './kube-client.js';

const AGGREGATED = 'application/json;as=APIGroupDiscoveryList;v=v2;g=apidiscovery.k8s.io';
const ALL_VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];

/** The kinds that the hub meets everywhere: plural, kind, scope, whether discovery lists a status subresource. */
const EXPECTED: readonly (readonly [string, string, string, boolean, boolean])[] = [
  ['', 'configmaps', 'ConfigMap', true, false],
  ['', 'secrets', 'Secret', true, false],
  ['', 'services', 'Service', true, true],
  ['', 'namespaces', 'Namespace', false, true],
  ['', 'serviceaccounts', 'ServiceAccount', true, false],
  ['', 'persistentvolumeclaims', 'PersistentVolumeClaim', true, true],
  ['apps', 'deployments', 'Deployment', true, true],
  ['apps', 'statefulsets', 'StatefulSet', true, true],
  ['apps', 'daemonsets', 'DaemonSet', true, true],
  ['batch', 'jobs', 'Job', true, true],
  ['batch', 'cronjobs', 'CronJob', true, true],
  ['networking.k8s.io', 'ingresses', 'Ingress', true, true],
  ['networking.k8s.io', 'networkpolicies', 'NetworkPolicy', true, false],
  ['rbac.authorization.k8s.io', 'clusterroles', 'ClusterRole', false, false],
  ['rbac.authorization.k8s.io', 'rolebindings', 'RoleBinding', true, false],
  ['autoscaling', 'horizontalpodautoscalers', 'HorizontalPodAutoscaler', true, true],
  ['policy', 'poddisruptionbudgets', 'PodDisruptionBudget', true, true],
  ['storage.k8s.io', 'storageclasses', 'StorageClass', false, false],
  ['apiextensions.k8s.io', 'customresourcedefinitions', 'CustomResourceDefinition', false, true],
  ['apiregistration.k8s.io', 'apiservices', 'APIService', false, true],
  ['scheduling.k8s.io', 'priorityclasses', 'PriorityClass', false, false],
  ['coordination.k8s.io', 'leases', 'Lease', true, false],
];

interface Found {
  readonly kind: JsonValue | undefined;
  readonly scope: JsonValue | undefined;
  readonly verbs: JsonValue | undefined;
  readonly status: boolean;
}

/** Looks a resource up in the aggregated form. */
function lookUp(list: JsonObject, group: string, plural: string): Found | undefined {
  const entry = itemsOf(list).find((item) => (at(item, 'metadata', 'name') ?? '') === group);
  const resources = at(entry, 'versions', 0, 'resources');
  const resource = Array.isArray(resources)
    ? resources.find((row: JsonValue) => at(row, 'resource') === plural)
    : undefined;
  if (resource === undefined) return undefined;
  const subresources = at(resource, 'subresources');
  const status =
    Array.isArray(subresources) && subresources.some((row: JsonValue) => at(row, 'subresource') === 'status');
  return {
    kind: at(resource, 'responseKind', 'kind'),
    scope: at(resource, 'scope'),
    verbs: at(resource, 'verbs'),
    status,
  };
}

export function discoveryCases(client: ContractClient): void {
  describe('discovery', () => {
    it('answers version and probes', async () => {
      const version = await client().get('/version');
      expect(version.body).toMatchObject({ major: '1', minor: '35', gitVersion: 'v1.35.4' });
      for (const probe of ['/readyz', '/livez']) expect((await client().get(probe)).body).toMatchObject({ text: 'ok' });
    });

    it('lists groups, versions and kinds in the aggregated form', async () => {
      const core = await client().get('/api', { accept: AGGREGATED });
      const others = await client().get('/apis', { accept: AGGREGATED });
      for (const answer of [core, others]) {
        expect(answer.contentType).toContain('as=APIGroupDiscoveryList');
        expect(answer.body).toMatchObject({ kind: 'APIGroupDiscoveryList', apiVersion: 'apidiscovery.k8s.io/v2' });
      }
      for (const [group, plural, kind, namespaced, status] of EXPECTED) {
        const found = lookUp(group === '' ? core.body : others.body, group, plural);
        const verbs = plural === 'namespaces' ? ALL_VERBS.filter((verb) => verb !== 'deletecollection') : ALL_VERBS;
        expect(found, plural).toEqual({ kind, scope: namespaced ? 'Namespaced' : 'Cluster', verbs, status });
      }
      expect(at(itemsOf(core.body)[0], 'versions', 0, 'freshness')).toBe('Current');
    });

    it('lists the same in the form with a document for each group and version', async () => {
      expect((await client().get('/api')).body).toMatchObject({ kind: 'APIVersions', versions: ['v1'] });
      const groups = await client().get('/apis');
      expect(groups.body.kind).toBe('APIGroupList');
      const apps = { name: 'apps', preferredVersion: { groupVersion: 'apps/v1', version: 'v1' } };
      expect(groups.body.groups).toEqual(expect.arrayContaining([expect.objectContaining(apps)]));
      expect((await client().get('/apis/apps')).body).toMatchObject({ kind: 'APIGroup', ...apps });
      const resources = await client().get('/apis/apps/v1');
      expect(resources.body).toMatchObject({ kind: 'APIResourceList', groupVersion: 'apps/v1' });
      expect(resources.body.resources).toEqual(
        expect.arrayContaining([
          expect.objectContaining({
            name: 'deployments',
            singularName: 'deployment',
            namespaced: true,
            kind: 'Deployment',
            verbs: ALL_VERBS,
            shortNames: ['deploy'],
          }),
          expect.objectContaining({ name: 'deployments/status', verbs: ['get', 'patch', 'update'] }),
        ]),
      );
      expect((await client().get('/api/v1')).body).toMatchObject({ kind: 'APIResourceList', groupVersion: 'v1' });
    });
  });
}

function crd(group: string): JsonObject {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `wheels.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { plural: 'wheels', singular: 'wheel', kind: 'Wheel', shortNames: ['wh'] },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          subresources: { status: {} },
          schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
        },
      ],
    },
  };
}

export function crdCases(client: ContractClient): void {
  describe('custom resources', () => {
    it('serves a new kind, counts its generations, and stops serving it', async () => {
      const api = client();
      const group = `g${randomBytes(4).toString('hex')}.example.com`;
      const path = `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/wheels.${group}`;
      const created = await api.apply(path, crd(group));
      expect(created.status).toBe(201);
      expect(at(created.body, 'metadata', 'generation')).toBe(1);
      await eventually(
        () => api.get(path),
        (answer) => JSON.stringify(at(answer.body, 'status', 'conditions') ?? []).includes('"Established"'),
      );
      const namespace = await api.namespace();
      const wheels = `/apis/${group}/v1/namespaces/${namespace}/wheels`;
      await eventually(
        () => api.get(wheels),
        (answer) => answer.status === 200,
      );
      const wheel: JsonObject = {
        apiVersion: `${group}/v1`,
        kind: 'Wheel',
        metadata: { name: 'front' },
        spec: { spokes: 12, sizes: [1, 2] },
      };
      const first = await eventually(
        () => api.apply(`${wheels}/front`, wheel),
        (answer) => answer.status === 201,
      );
      expect(at(first.body, 'metadata', 'generation')).toBe(1);
      expect(at(first.body, 'metadata', 'managedFields', 0, 'fieldsV1', 'f:spec')).toEqual({
        '.': {},
        'f:spokes': {},
        'f:sizes': {},
      });
      const same = await api.apply(`${wheels}/front`, wheel);
      expect(versionOf(same.body)).toBe(versionOf(first.body));
      const labelled = await api.patch(`${wheels}/front`, MERGE, { metadata: { labels: { a: 'b' } } });
      expect(at(labelled.body, 'metadata', 'generation')).toBe(1);
      const changed = await api.patch(`${wheels}/front`, MERGE, { spec: { spokes: 13 }, status: { round: true } });
      expect(at(changed.body, 'metadata', 'generation')).toBe(2);
      expect(changed.body.status).toBeUndefined();
      const status = await api.patch(`${wheels}/front/status`, MERGE, {
        spec: { spokes: 99 },
        status: { round: true },
      });
      expect(status.body).toMatchObject({ spec: { spokes: 13 }, status: { round: true }, metadata: { generation: 2 } });
      expect((await api.patch(`${wheels}/front`, STRATEGIC, { spec: {} })).status).toBe(415);
      const list = await api.get(wheels);
      expect(list.body).toMatchObject({ kind: 'WheelList', apiVersion: `${group}/v1` });
      expect(itemsOf(list.body)[0]).toMatchObject({ kind: 'Wheel', apiVersion: `${group}/v1` });
      const aggregated = await api.get('/apis', { accept: AGGREGATED });
      expect(lookUp(aggregated.body, group, 'wheels')).toMatchObject({
        kind: 'Wheel',
        scope: 'Namespaced',
        status: true,
      });
      expect((await api.delete(path)).status).toBe(200);
      await eventually(
        () => api.get(wheels),
        (answer) => answer.status === 404,
      );
    });
  });
}
