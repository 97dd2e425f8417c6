import { insertApplication, insertCluster } from '@wheelwright/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { send, type RestAnswer } from '../testing/rest.js';
import { startTestHub, type TestHub } from '../testing/test-hub.js';

let hub: TestHub;
beforeAll(async () => {
  hub = await startTestHub();
});
afterAll(() => hub.stop());

const call = (route: string, body?: string): Promise<RestAnswer> =>
  send(hub.url, route, { token: hub.adminToken, ...(body === undefined ? {} : { body }) });
const settings = (data: Readonly<Record<string, string>>): string =>
  JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'argocd-cm' }, data });
const CHECK = 'resource.customizations.health.Service';

/** The health on record of the only object; then it is Healthy again, and nothing is due. */
async function takeHealth(): Promise<{ readonly health: string; readonly due: number }> {
  const { pool } = hub.parts.store;
  const { rows } = await pool.query<{ health: string; due: number }>(
    'SELECT health, (SELECT count(*)::int FROM application_due) AS due FROM resources',
  );
  await pool.query(`UPDATE resources SET health = 'Healthy'`);
  await pool.query('TRUNCATE application_due');
  const [row] = rows;
  if (row === undefined) throw new Error('there is no object');
  return row;
}

it('has Applications judged anew when the checks in argocd-cm are given, changed or deleted', async () => {
  const { pool } = hub.parts.store;
  const cluster = await insertCluster(pool, { name: 'eu-1' });
  const id = await insertApplication(pool, { name: 'shop', clusterId: cluster });
  await pool.query(
    `INSERT INTO resources (application_id, cluster_id, api_group, version, kind, name, uid, health) VALUES ($1, $2, '', 'v1', 'Service', 'one', 'u', '')`,
    [id, cluster],
  );
  await pool.query(
    `INSERT INTO cluster_kinds (cluster_id, api_group, kind, version) VALUES ($1, '', 'Service', 'v1')`,
    [cluster],
  );
  await takeHealth();
  const forgotten = { health: '', due: 1 };

  expect((await call('POST /api/v1/apply?dryRun=true', settings({ [CHECK]: 'return nil' }))).status).toBe(200);
  expect(await takeHealth()).toEqual({ health: 'Healthy', due: 0 });
  await call('POST /api/v1/apply', settings({ [CHECK]: 'return nil' }));
  expect(await takeHealth()).toEqual(forgotten);
  await call('POST /api/v1/apply', settings({ [CHECK]: 'return nil' }));
  expect(await takeHealth()).toEqual({ health: 'Healthy', due: 0 });
  expect((await call('DELETE /api/v1/generator-inputs/ConfigMap/argocd/argocd-cm')).status).toBe(204);
  expect(await takeHealth()).toEqual(forgotten);
});

it('says what of argocd-cm has no effect, and keeps none of it', async () => {
  const answer = await call(
    'POST /api/v1/apply',
    settings({ 'dex.config': 'canary', [`${CHECK}_a_b`]: 'return nil', 'resource.customizations': '[canary' }),
  );
  const { warnings } = answer.body as { readonly warnings: readonly { readonly message: string }[] };
  const messages = warnings.map(({ message }) => message);
  expect(messages).toContainEqual(expect.stringContaining('dex.config is ignored'));
  expect(messages).toContainEqual(expect.stringContaining(`${CHECK}_a_b must end in`));
  expect(messages).toContainEqual(expect.stringContaining('resource.customizations is not a YAML map'));
  expect(answer.text).not.toContain('canary');
  const { rows } = await hub.parts.store.pool.query<{ data: string }>(
    'SELECT data::text AS data FROM generator_inputs',
  );
  expect(rows[0]?.data).not.toContain('dex');
});
