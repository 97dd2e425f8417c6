// Server-side apply: ownership, conflicts, removal, no-op, dry run.
import { isJsonObject, type JsonObject } from '@wheelwright/kernel';
import { describe, expect, it } from 'vitest';
import type { ContractClient } from './kube-api.js';
import { APPLY, at, configMap, deployment, listAt, MERGE, paths, textAt, versionOf } from './kube-client.js';

interface Entry {
  readonly manager: string;
  readonly operation: string;
  readonly subresource?: string;
  readonly fieldsV1: JsonObject;
}

/** Owners of an object, without their times. */
function owners(body: JsonObject): readonly Entry[] {
  return listAt(body, 'metadata', 'managedFields').map((entry) => {
    const subresource = textAt(entry, 'subresource');
    const fieldsV1 = at(entry, 'fieldsV1');
    return {
      manager: textAt(entry, 'manager'),
      operation: textAt(entry, 'operation'),
      fieldsV1: isJsonObject(fieldsV1) ? fieldsV1 : {},
      ...(subresource === '' ? {} : { subresource }),
    };
  });
}

const ownerNames = (body: JsonObject): readonly string[] =>
  owners(body).map(({ manager, operation }) => `${operation} ${manager}`);
const containerNames = (body: JsonObject): readonly string[] =>
  listAt(body, 'spec', 'template', 'spec', 'containers').map((item) => textAt(item, 'name'));

export function applyCases(client: ContractClient): void {
  describe('server-side apply', () => {
    it('creates an object and records exactly what was applied', async () => {
      const { deployments } = paths(await client().namespace());
      const body = deployment(
        'web',
        { replicas: 2 },
        { ports: [{ containerPort: 80 }], env: [{ name: 'A', value: '1' }], args: ['x'] },
      );
      const created = await client().apply(`${deployments}/web`, body);
      expect(created.status).toBe(201);
      expect(owners(created.body)).toEqual([
        {
          manager: 'tester',
          operation: 'Apply',
          fieldsV1: {
            'f:spec': {
              'f:replicas': {},
              'f:selector': {},
              'f:template': {
                'f:metadata': { 'f:labels': { 'f:app': {} } },
                'f:spec': {
                  'f:containers': {
                    'k:{"name":"main"}': {
                      '.': {},
                      'f:args': {},
                      'f:env': { 'k:{"name":"A"}': { '.': {}, 'f:name': {}, 'f:value': {} } },
                      'f:image': {},
                      'f:name': {},
                      'f:ports': { 'k:{"containerPort":80,"protocol":"TCP"}': { '.': {}, 'f:containerPort': {} } },
                    },
                  },
                },
              },
            },
          },
        },
      ]);
      expect(at(created.body, 'metadata', 'managedFields', 0)).toMatchObject({
        apiVersion: 'apps/v1',
        fieldsType: 'FieldsV1',
      });
    });

    it('takes YAML', async () => {
      const { configMaps } = paths(await client().namespace());
      const yaml = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: one\ndata:\n  a: "1"\n';
      const created = await client().apply(`${configMaps}/one`, yaml);
      expect(created.body).toMatchObject({ data: { a: '1' } });
    });

    it('writes nothing when the same is applied again', async () => {
      const { deployments, configMaps } = paths(await client().namespace());
      const body = deployment('web', {}, { resources: { limits: { cpu: '1000m' } } });
      const first = await client().apply(`${deployments}/web`, body);
      const again = await client().apply(`${deployments}/web`, body);
      expect(again.status).toBe(200);
      expect(again.body).toEqual(first.body);
      const map = await client().apply(`${configMaps}/one`, configMap('one', { a: '1' }));
      expect((await client().apply(`${configMaps}/one`, configMap('one', { a: '1' }))).body).toEqual(map.body);
    });

    it('changes what it owns and removes what it does not apply any more', async () => {
      const { configMaps } = paths(await client().namespace());
      const path = `${configMaps}/one`;
      const first = await client().apply(path, configMap('one', { a: '1', b: '2' }, { labels: { x: 'y' } }));
      const second = await client().apply(path, configMap('one', { a: '3' }));
      expect(second.body).toMatchObject({ data: { a: '3' } });
      expect(at(second.body, 'data', 'b')).toBeUndefined();
      expect(at(second.body, 'metadata', 'labels')).toBeUndefined();
      expect(Number(versionOf(second.body))).toBeGreaterThan(Number(versionOf(first.body)));
      expect(at(second.body, 'metadata', 'uid')).toBe(at(first.body, 'metadata', 'uid'));
    });

    it('leaves alone what others added, and lets a removed field fall back to its default', async () => {
      const { deployments } = paths(await client().namespace());
      const path = `${deployments}/web`;
      await client().apply(path, deployment('web', { replicas: 3, minReadySeconds: 5 }, { imagePullPolicy: 'Never' }));
      await client().patch(path, MERGE, { metadata: { annotations: { note: 'by hand' } } });
      const second = await client().apply(path, deployment('web'));
      expect(at(second.body, 'spec', 'replicas')).toBe(1);
      expect(at(second.body, 'spec', 'minReadySeconds')).toBeUndefined();
      expect(at(second.body, 'spec', 'template', 'spec', 'containers', 0, 'imagePullPolicy')).toBe('IfNotPresent');
      expect(at(second.body, 'metadata', 'annotations', 'note')).toBe('by hand');
      expect([...ownerNames(second.body)].sort()).toEqual(['Apply tester', 'Update contract-suite']);
    });

    it('refuses to change what another manager owns, and names both', async () => {
      const { configMaps } = paths(await client().namespace());
      const path = `${configMaps}/one`;
      await client().apply(path, configMap('one', { a: '1', b: '1' }), 'fieldManager=first');
      await client().patch(path, MERGE, { data: { c: '1' } });
      const one = await client().apply(path, configMap('one', { a: '2' }), 'fieldManager=second');
      expect(one.status).toBe(409);
      expect(one.body).toMatchObject({
        reason: 'Conflict',
        message: 'Apply failed with 1 conflict: conflict with "first": .data.a',
        details: { causes: [{ reason: 'FieldManagerConflict', message: 'conflict with "first"', field: '.data.a' }] },
      });
      const three = await client().apply(path, configMap('one', { a: '2', b: '2', c: '2' }), 'fieldManager=second');
      expect(three.body.message).toContain('Apply failed with 3 conflicts: ');
      expect(three.body.details).toMatchObject({
        causes: expect.arrayContaining([
          { reason: 'FieldManagerConflict', message: 'conflict with "contract-suite" using v1', field: '.data.c' },
        ]),
      });
      expect((await client().get(path)).body.data).toEqual({ a: '1', b: '1', c: '1' });
    });

    it('names fields inside keyed lists', async () => {
      const { deployments } = paths(await client().namespace());
      await client().apply(`${deployments}/web`, deployment('web'), 'fieldManager=first');
      const refused = await client().apply(
        `${deployments}/web`,
        deployment('web', {}, { image: 'other:2' }),
        'fieldManager=second',
      );
      expect(refused.status).toBe(409);
      expect(at(refused.body, 'details', 'causes', 0, 'field')).toBe(
        '.spec.template.spec.containers[name="main"].image',
      );
    });

    it('takes ownership by force', async () => {
      const { configMaps } = paths(await client().namespace());
      const path = `${configMaps}/one`;
      await client().apply(path, configMap('one', { a: '1', b: '1' }), 'fieldManager=first');
      const forced = await client().apply(path, configMap('one', { a: '2' }), 'fieldManager=second&force=true');
      expect(forced.body).toMatchObject({ data: { a: '2', b: '1' } });
      const entries = owners(forced.body);
      expect(entries).toHaveLength(2);
      expect(entries).toContainEqual({ manager: 'first', operation: 'Apply', fieldsV1: { 'f:data': { 'f:b': {} } } });
      expect(entries).toContainEqual({ manager: 'second', operation: 'Apply', fieldsV1: { 'f:data': { 'f:a': {} } } });
    });

    it('shares a field that several managers set to the same value, until the last one lets go', async () => {
      const { configMaps } = paths(await client().namespace());
      const path = `${configMaps}/one`;
      await client().apply(path, configMap('one', { a: '1' }), 'fieldManager=first');
      const shared = await client().apply(path, configMap('one', { a: '1' }), 'fieldManager=second');
      expect(shared.status).toBe(200);
      expect([...ownerNames(shared.body)].sort()).toEqual(['Apply first', 'Apply second']);
      const released = await client().apply(path, configMap('one'), 'fieldManager=first');
      expect(released.body.data).toEqual({ a: '1' });
      const gone = await client().apply(path, configMap('one'), 'fieldManager=second');
      expect(at(gone.body, 'data', 'a')).toBeUndefined();
    });

    it('merges keyed lists by item: adds, keeps those of others, removes its own', async () => {
      const { deployments } = paths(await client().namespace());
      const path = `${deployments}/web`;
      const withContainers = (...names: string[]): JsonObject =>
        deployment('web', {
          template: {
            metadata: { labels: { app: 'web' } },
            spec: { containers: names.map((name) => ({ name, image: `${name}:1` })) },
          },
        });
      await client().apply(path, withContainers('a', 'b'), 'fieldManager=first');
      const sidecar: JsonObject = {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: 'web' },
        spec: { template: { spec: { containers: [{ name: 'side', image: 'side:1' }] } } },
      };
      const added = await client().apply(path, sidecar, 'fieldManager=second');
      expect(containerNames(added.body)).toEqual(['a', 'b', 'side']);
      const fewer = await client().apply(path, withContainers('b'), 'fieldManager=first');
      expect(containerNames(fewer.body)).toEqual(['b', 'side']);
      const turned = await client().apply(path, withContainers('c', 'b'), 'fieldManager=first');
      expect(containerNames(turned.body)).toEqual(['c', 'b', 'side']);
    });

    it('gives fields that are updated to the updater, and takes them from the applier', async () => {
      const { deployments } = paths(await client().namespace());
      const path = `${deployments}/web`;
      await client().apply(path, deployment('web', { replicas: 2 }));
      const scaled = await client().patch(`${path}?fieldManager=scaler`, MERGE, { spec: { replicas: 5 } });
      const update = owners(scaled.body).find(({ manager }) => manager === 'scaler');
      expect(update).toEqual({ manager: 'scaler', operation: 'Update', fieldsV1: { 'f:spec': { 'f:replicas': {} } } });
      const again = await client().apply(path, deployment('web', { replicas: 2 }));
      expect(again.status).toBe(409);
      const without = await client().apply(path, deployment('web'));
      expect(at(without.body, 'spec', 'replicas')).toBe(5);
    });

    it('owns status apart, through its own door', async () => {
      const { deployments } = paths(await client().namespace());
      const path = `${deployments}/web`;
      await client().apply(path, { ...deployment('web'), status: { replicas: 7 } });
      const status = {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: 'web' },
        status: { observedGeneration: 1 },
      };
      const applied = await client().apply(`${path}/status`, status, 'fieldManager=watcher');
      const entry = owners(applied.body).find(({ manager }) => manager === 'watcher');
      expect(entry).toEqual({
        manager: 'watcher',
        operation: 'Apply',
        subresource: 'status',
        fieldsV1: { 'f:status': { 'f:observedGeneration': {} } },
      });
      expect(owners(applied.body).find(({ manager }) => manager === 'tester')?.fieldsV1['f:status']).toBeUndefined();
    });

    it('stores nothing on a dry run, and answers what would be', async () => {
      const { deployments } = paths(await client().namespace());
      const path = `${deployments}/web`;
      const dryCreate = await client().apply(path, deployment('web'), 'fieldManager=tester&dryRun=All');
      expect(dryCreate.status).toBe(201);
      expect(dryCreate.body).toMatchObject({ spec: { replicas: 1 } });
      expect((await client().get(path)).status).toBe(404);
      const created = await client().apply(path, deployment('web'));
      const dry = await client().apply(
        path,
        deployment('web', { replicas: 4 }),
        'fieldManager=tester&dryRun=All&force=true',
      );
      expect(dry.body).toMatchObject({
        spec: { replicas: 4 },
        metadata: { generation: 2, resourceVersion: versionOf(created.body) },
      });
      expect((await client().get(path)).body).toEqual(created.body);
    });

    it('refuses what it cannot take', async () => {
      const { configMaps } = paths(await client().namespace());
      const path = `${configMaps}/one`;
      await client().post(configMaps, configMap('one'));
      const anonymous = await client().call('PATCH', path, { body: configMap('one'), contentType: APPLY });
      expect(anonymous.status).toBe(422);
      expect(anonymous.body).toMatchObject({ details: { kind: 'PatchOptions', causes: [{ field: 'fieldManager' }] } });
      expect((await client().patch(`${path}?force=true`, MERGE, {})).status).toBe(422);
      expect((await client().apply(path, configMap('two'))).status).toBe(400);
      expect((await client().apply(path, configMap('one', {}, { managedFields: [{ manager: 'x' }] }))).status).toBe(
        400,
      );
      expect((await client().apply(path, { ...configMap('one'), kind: 'Secret' })).status).toBe(400);
      expect((await client().apply(path, configMap('one', {}, { resourceVersion: '1' }))).status).toBe(409);
      expect((await client().apply(`${configMaps}/new`, configMap('new', {}, { uid: 'abc' }))).status).toBe(409);
      expect((await client().apply(paths('no-such-namespace').configMaps + '/one', configMap('one'))).status).toBe(404);
    });
  });
}
