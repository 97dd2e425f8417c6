import { insertApplication, insertApplicationSet, insertCluster, insertHeldDeletion } from '@wheelwright/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startGraphqlHub, type GraphqlHub } from '../testing/graphql-hub.js';

let hub: GraphqlHub;
let clusterId: string;

beforeAll(async () => {
  hub = await startGraphqlHub();
  const { pool } = hub.parts.store;
  // The relay empties the outbox as soon as it can: a copy shows what was in it.
  await pool.query(`CREATE TABLE relayed AS SELECT queue, key FROM outbox WITH NO DATA`);
  await pool.query(`CREATE FUNCTION copy_outbox() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN INSERT INTO relayed VALUES (NEW.queue, NEW.key); RETURN NEW; END $$`);
  await pool.query(`CREATE TRIGGER copy AFTER INSERT ON outbox FOR EACH ROW EXECUTE FUNCTION copy_outbox()`);
  clusterId = await insertCluster(pool, { name: 'eu-1' });
  const pausedId = await insertCluster(pool, { name: 'paused-1', paused: true });
  await insertApplication(pool, { name: 'shop', clusterId });
  await insertApplication(pool, { name: 'busy', clusterId });
  await insertApplication(pool, { name: 'nowhere' });
  await insertApplication(pool, { name: 'resting', clusterId: pausedId });
  const doomed = await insertApplication(pool, { name: 'doomed', clusterId, deletionRequestedAt: new Date() });
  await insertHeldDeletion(pool, { owner: { applicationId: doomed }, names: ['/Service/a/b'] });
  const setId = await insertApplicationSet(pool, { name: 'guestbooks' });
  await insertHeldDeletion(pool, { owner: { setId }, names: ['a', 'b'] });
});

afterAll(() => hub.stop());

beforeEach(async () => {
  await hub.parts.store.pool.query('DELETE FROM relayed');
});

const REFUSAL = `... on Refusal { __typename code message }`;

async function mutate(mutation: string): Promise<unknown> {
  const { data, errors } = await hub.ask(`mutation { result: ${mutation} }`);
  expect(errors).toEqual([]);
  return data?.['result'];
}

async function rowsOf(sql: string): Promise<unknown[]> {
  return (await hub.parts.store.pool.query<Record<string, unknown>>(sql)).rows;
}

describe('syncApplication', () => {
  it('writes the operation, the due row and the wake-up together', async () => {
    const result = await mutate(
      `syncApplication(name: "shop", prune: true, resources: [{ group: "apps", kind: "Deployment", name: "front" }]) { ... on SyncAccepted { operationId } ${REFUSAL} }`,
    );
    expect(result).toEqual({ operationId: expect.stringMatching(/^[0-9a-f-]{36}$/) });
    expect(await rowsOf(`SELECT kind, options, requested_by FROM application_operations`)).toEqual([
      {
        kind: 'sync',
        options: { prune: true, dryRun: false, resources: [{ group: 'apps', kind: 'Deployment', name: 'front' }] },
        requested_by: 'token:admin',
      },
    ]);
    expect(await rowsOf(`SELECT seq::int, reason FROM application_due`)).toEqual([
      { seq: 1, reason: 'sync asked for by token:admin' },
    ]);
    expect(await rowsOf(`SELECT queue, key FROM relayed`)).toEqual([{ queue: 'deploy', key: clusterId }]);
  });

  it('raises the due row of an Application that is due already', async () => {
    await mutate(`refreshApplication(name: "shop", hard: true) { ... on RefreshAccepted { operationId } }`);
    expect(await rowsOf(`SELECT kind FROM application_operations ORDER BY requested_at`)).toEqual([
      { kind: 'sync' },
      { kind: 'hardRefresh' },
    ]);
    expect(await rowsOf(`SELECT seq::int FROM application_due`)).toEqual([{ seq: 2 }]);
  });

  it('polls the repository at once for a hard refresh, and only then', async () => {
    const [repository] = await rowsOf(
      `WITH r AS (INSERT INTO repositories (url) VALUES ('https://git.example.com/team/config') RETURNING id)
       UPDATE applications SET repository_id = r.id FROM r WHERE name = 'shop' RETURNING r.id AS key`,
    );
    await mutate(`refreshApplication(name: "shop") { __typename }`);
    expect(await rowsOf(`SELECT key FROM relayed WHERE queue = 'source'`)).toEqual([]);
    await mutate(`refreshApplication(name: "shop", hard: true) { __typename }`);
    expect(await rowsOf(`SELECT key FROM relayed WHERE queue = 'source'`)).toEqual([repository]);
  });

  it.each([
    ['nobody', 'NotFound', 'NotFound', 'there is no Application "nobody"'],
    ['nowhere', 'Refused', 'Conflict', 'no registered cluster'],
    ['resting', 'Refused', 'Conflict', 'is paused'],
    ['doomed', 'Refused', 'Conflict', 'is being deleted'],
  ])('refuses %s as %s', async (name, type, code, words) => {
    const result = await mutate(`syncApplication(name: "${name}") { ${REFUSAL} }`);
    expect(result).toEqual({ __typename: type, code, message: expect.stringContaining(words) });
    expect(await rowsOf(`SELECT 1 FROM relayed`)).toEqual([]);
  });

  it('lets only so many wait', async () => {
    const twenty = Array.from(
      { length: 20 },
      (_, index) => `r${index}: refreshApplication(name: "busy") { __typename }`,
    ).join('\n');
    expect((await hub.ask(`mutation { ${twenty} }`)).errors).toEqual([]);
    expect(await mutate(`syncApplication(name: "busy") { ${REFUSAL} }`)).toMatchObject({
      __typename: 'Refused',
      code: 'TooManyRequests',
    });
  });
});

describe('approveDeletion', () => {
  it('refuses to approve something else than what was looked at', async () => {
    expect(await mutate(`approveDeletion(set: "guestbooks", digest: "older") { ${REFUSAL} }`)).toMatchObject({
      code: 'Conflict',
    });
  });

  it.each([
    [`set: "guestbooks", digest: "digest"`, ['a', 'b'], 'expand'],
    [`application: "doomed"`, ['/Service/a/b'], 'deploy'],
  ])('approves by %s and has it carried out', async (target, names, queue) => {
    const result = await mutate(
      `approveDeletion(${target}) { ... on DeletionApproved { heldDeletion { names total approvedBy approvedAt } } ${REFUSAL} }`,
    );
    expect(result).toEqual({
      heldDeletion: { names, total: names.length, approvedBy: 'token:admin', approvedAt: expect.any(String) },
    });
    expect(await rowsOf(`SELECT DISTINCT queue FROM relayed`)).toEqual([{ queue }]);
  });

  it.each([
    [`set: "other"`, 'NotFound'],
    [`application: "shop"`, 'NotFound'],
    [`set: "guestbooks", application: "doomed"`, 'InvalidRequest'],
  ])('refuses %s as %s', async (target, code) => {
    expect(await mutate(`approveDeletion(${target}) { ${REFUSAL} }`)).toMatchObject({ code });
  });
});

describe('pauseCluster', () => {
  it('pauses and resumes', async () => {
    const pause = (paused: boolean): Promise<unknown> =>
      mutate(
        `pauseCluster(name: "eu-1", paused: ${paused}) { ... on ClusterPaused { cluster { name paused state } } ${REFUSAL} }`,
      );
    expect(await pause(true)).toEqual({ cluster: { name: 'eu-1', paused: true, state: 'Paused' } });
    expect(await pause(false)).toMatchObject({ cluster: { name: 'eu-1', paused: false } });
  });

  it('says which cluster there is not', async () => {
    expect(await mutate(`pauseCluster(name: "other", paused: true) { ${REFUSAL} }`)).toMatchObject({
      __typename: 'NotFound',
      code: 'NotFound',
    });
  });
});

describe('rights', () => {
  it.each([
    `syncApplication(name: "shop") { __typename }`,
    `refreshApplication(name: "shop") { __typename }`,
    `approveDeletion(set: "guestbooks") { __typename }`,
    `pauseCluster(name: "eu-1", paused: true) { __typename }`,
  ])('readonly may not %s', async (mutation) => {
    const { status, errors } = await hub.ask(`mutation { ${mutation} }`, { role: 'readonly' });
    expect(status).toBe(200);
    expect(errors).toMatchObject([{ extensions: { code: 'Forbidden' } }]);
  });

  it('readonly may read everything', async () => {
    const { errors } = await hub.ask(
      `{ fleet { clusters { total } } clusters { totalCount } applications { totalCount } applicationSets { totalCount } projects { totalCount } cluster(name: "eu-1") { name } application(name: "shop") { name } applicationSet(name: "guestbooks") { name } project(name: "x") { name } }`,
      { role: 'readonly' },
    );
    expect(errors).toEqual([]);
  });
});

describe('sync windows', () => {
  it('refuse a sync by hand with the window in the way, unless the window lets people', async () => {
    const window = { kind: 'deny', schedule: '* * * * *', duration: '1h', applications: ['guarded'] };
    const { pool } = hub.parts.store;
    await insertApplication(pool, { name: 'guarded', clusterId, project: 'nightly' });
    await pool.query(`INSERT INTO projects (name, spec, digest) VALUES ('nightly', $1, '')`, [
      JSON.stringify({ syncWindows: [window] }),
    ]);
    expect(await mutate(`syncApplication(name: "guarded") { ${REFUSAL} }`)).toMatchObject({
      code: 'Conflict',
      message: expect.stringContaining('* * * * *') as unknown,
    });
    await pool.query(`UPDATE projects SET spec = $1 WHERE name = 'nightly'`, [
      JSON.stringify({ syncWindows: [{ ...window, manualSync: true }] }),
    ]);
    expect(await mutate(`syncApplication(name: "guarded") { ... on SyncAccepted { operationId } }`)).toEqual({
      operationId: expect.any(String) as unknown,
    });
  });
});

describe('freezeFleet', () => {
  const FREEZE = `... on FleetFrozen { freeze { reason frozenBy } } ${REFUSAL}`;

  it('says who froze the fleet and why, refuses syncs but no dry runs, and ends with what waited due', async () => {
    expect(await mutate(`freezeFleet(reason: " ") { ${FREEZE} }`)).toMatchObject({ code: 'InvalidRequest' });
    expect(await mutate(`freezeFleet(reason: "black friday") { ${FREEZE} }`)).toEqual({
      freeze: { reason: 'black friday', frozenBy: 'token:admin' },
    });
    const { data } = await hub.ask(`{ fleet { freeze { reason frozenAt } } }`, { role: 'readonly' });
    expect(data).toMatchObject({ fleet: { freeze: { reason: 'black friday' } } });
    expect(await mutate(`syncApplication(name: "shop") { ${REFUSAL} }`)).toMatchObject({
      code: 'Conflict',
      message: expect.stringContaining('black friday') as unknown,
    });
    expect(await mutate(`syncApplication(name: "shop", dryRun: true) { ... on SyncAccepted { operationId } }`)).toEqual(
      {
        operationId: expect.any(String) as unknown,
      },
    );
    await rowsOf(`UPDATE application_details d SET conditions = '[{"type": "Frozen", "message": "", "since": ""}]'
      FROM applications a WHERE a.id = d.application_id AND a.name = 'busy'`);
    await rowsOf(`DELETE FROM application_due`);
    expect(await mutate(`unfreezeFleet { ... on FleetUnfrozen { unfrozen } ${REFUSAL} }`)).toEqual({ unfrozen: true });
    expect(
      await rowsOf(`SELECT a.name, d.reason FROM application_due d JOIN applications a ON a.id = d.application_id`),
    ).toEqual([{ name: 'busy', reason: 'the freeze is over' }]);
    expect(await mutate(`unfreezeFleet { ${REFUSAL} }`)).toMatchObject({ code: 'NotFound' });
  });

  it('is for administrators', async () => {
    const { errors } = await hub.ask(`mutation { freezeFleet(reason: "x") { __typename } }`, { role: 'readonly' });
    expect(errors[0]?.extensions.code).toBe('Forbidden');
  });
});
