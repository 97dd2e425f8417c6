import { insertApplication, insertApplicationSet, insertCluster } from '@wheelwright/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { send, type RestAnswer } from './testing/rest.js';
import { startTestHub, type TestHub } from './testing/test-hub.js';

let hub: TestHub;
let clusterId: string;

beforeAll(async () => {
  hub = await startTestHub();
  clusterId = await insertCluster(hub.parts.store.pool, { name: 'eu-1' });
});
afterAll(() => hub.stop());

const admin = (route: string): Promise<RestAnswer> => send(hub.url, route, { token: hub.adminToken });

/** A set with Applications on the spoke, each with one live object, that its deletion takes with it. */
async function insertSet(name: string, applications: number): Promise<void> {
  const { pool } = hub.parts.store;
  const setId = await insertApplicationSet(pool, { name });
  for (let index = 0; index < applications; index += 1) {
    const id = await insertApplication(pool, { name: `${name}-${String(index)}`, setId, clusterId });
    await pool.query(`UPDATE applications SET finalizers = '{resources-finalizer.argocd.argoproj.io}' WHERE id = $1`, [
      id,
    ]);
    await pool.query(
      `INSERT INTO resources (application_id, cluster_id, api_group, version, kind, namespace, name, uid)
       VALUES ($1, $2, 'apps', 'v1', 'Deployment', 'web', 'web', 'uid')`,
      [id, clusterId],
    );
  }
}

async function standing(name: string): Promise<number> {
  const { rows } = await hub.parts.store.pool.query<{ n: number }>(
    `SELECT count(*)::int AS n FROM applications WHERE name LIKE $1 || '-%' AND deletion_requested_at IS NULL`,
    [name],
  );
  return rows[0]?.n ?? -1;
}

describe('deleting a set', () => {
  it('can be looked at first, and asks for its name where many would go', async () => {
    await insertSet('many', 5);
    const plan = await admin('DELETE /api/v1/applicationsets/many?dryRun=true');
    expect([plan.status, plan.body]).toEqual([
      200,
      {
        set: 'many',
        applications: Array.from({ length: 5 }, (_, index) => ({
          name: `many-${String(index)}`,
          cluster: 'eu-1',
          action: 'deleteWithResources',
          resources: 1,
        })),
        total: 5,
        counts: { delete: 0, deleteWithResources: 5, orphan: 0, handOver: 0 },
        resources: 5,
        needsConfirmation: true,
      },
    ]);
    const refused = await admin('DELETE /api/v1/applicationsets/many');
    expect([refused.status, refused.body['code']]).toEqual([409, 'DeletionHeld']);
    expect(refused.body['detail']).toMatch(/5 Applications.*dryRun=true.*confirm=many/);
    expect((await admin('DELETE /api/v1/applicationsets/many?confirm=few')).status).toBe(409);
    expect((await admin('DELETE /api/v1/applicationsets/many?dryRun=maybe&confirm=many')).status).toBe(400);
    expect(await standing('many')).toBe(5);
    const done = await admin('DELETE /api/v1/applicationsets/many?confirm=many');
    expect([done.status, done.body]).toEqual([200, { deleted: 0, requested: 5, orphaned: 0, handedOver: 0 }]);
  });

  it('needs no word for a few, or where they stay', async () => {
    await insertSet('few', 3);
    expect((await admin('DELETE /api/v1/applicationsets/few')).body).toMatchObject({ requested: 3 });
    await insertSet('kept', 4);
    expect((await admin('DELETE /api/v1/applicationsets/kept?cascade=orphan&dryRun=true')).body).toMatchObject({
      counts: { orphan: 4 },
      needsConfirmation: false,
    });
    expect((await admin('DELETE /api/v1/applicationsets/kept?cascade=orphan')).body).toMatchObject({ orphaned: 4 });
    expect(await standing('kept')).toBe(4);
  });
});

it('says which objects go with an Application', async () => {
  await insertSet('own', 1);
  expect((await admin('DELETE /api/v1/applications/own-0?dryRun=true')).status).toBe(409);
  await admin('DELETE /api/v1/applicationsets/own?cascade=orphan');
  const plan = await admin('DELETE /api/v1/applications/own-0?dryRun=true');
  expect([plan.status, plan.body]).toEqual([
    200,
    {
      application: 'own-0',
      action: 'deleteWithResources',
      objects: [{ group: 'apps', kind: 'Deployment', namespace: 'web', name: 'web', cluster: 'eu-1' }],
      total: 1,
    },
  ]);
  expect(await standing('own')).toBe(1);
});

it('deletes a project that no Application names', async () => {
  const { pool } = hub.parts.store;
  await pool.query(`INSERT INTO projects (name, spec, digest) VALUES ('labs', '{}', ''), ('used', '{}', '')`);
  await insertApplication(pool, { name: 'user', project: 'used', clusterId });
  const used = await admin('DELETE /api/v1/projects/used');
  expect([used.status, used.body['code']]).toEqual([409, 'StillInUse']);
  expect((await admin('DELETE /api/v1/projects/labs?dryRun=true')).body).toEqual({ result: 'deleted', dryRun: true });
  expect((await admin('DELETE /api/v1/projects/labs')).body).toEqual({ result: 'deleted', dryRun: false });
  expect((await admin('DELETE /api/v1/projects/labs')).status).toBe(404);
});
