import { insertApplication, insertCluster, insertHistory } from '@wheelwright/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startGraphqlHub, type GraphqlHub } from '../testing/graphql-hub.js';

const OLD = 'a'.repeat(40);
const BAD = 'b'.repeat(40);
const REFUSAL = `... on Refusal { __typename code message }`;
const HELD = `{ __typename ... on RevisionHeld { operationId revision } ${REFUSAL} }`;

let hub: GraphqlHub;

beforeAll(async () => {
  hub = await startGraphqlHub();
  const { pool } = hub.parts.store;
  const clusterId = await insertCluster(pool, { name: 'eu-1' });
  const applicationId = await insertApplication(pool, { name: 'shop', clusterId, revision: BAD });
  await pool.query(
    `UPDATE applications SET spec = spec || '{"source": {"repoURL": "https://git.example.com/shop", "path": "web", "helm": {"values": "hidden"}}}'`,
  );
  await insertHistory(pool, { applicationId, revision: OLD });
  await insertHistory(pool, { applicationId, revision: BAD, phase: 'Failed' });
  await pool.query(`UPDATE application_history SET source = (SELECT spec -> 'source' FROM applications)`);
});

afterAll(() => hub.stop());

async function mutate(mutation: string): Promise<unknown> {
  const { data, errors } = await hub.ask(`mutation { result: ${mutation} }`);
  expect(errors).toEqual([]);
  return data?.['result'];
}

async function applicationOf(fields: string): Promise<Record<string, unknown>> {
  const { data, errors } = await hub.ask(`{ application(name: "shop") { ${fields} } }`);
  expect(errors).toEqual([]);
  return data?.['application'] as Record<string, unknown>;
}

interface History {
  readonly edges: readonly { readonly node: { readonly id: string; readonly restorable: boolean } }[];
}

async function entries(): Promise<readonly History['edges'][number]['node'][]> {
  const { history } = await applicationOf(`history(first: 5) { edges { node { id restorable } } }`);
  return (history as History).edges.map(({ node }) => node);
}

describe('rollbackApplication', () => {
  it('tells what one can go back to, without parameters', async () => {
    const answer = await applicationOf(
      `history(first: 5) { edges { node { kind restorable reason retries revision source { repoURL path targetRevision } } } }`,
    );
    const source = { repoURL: 'https://git.example.com/shop', path: 'web', targetRevision: 'HEAD' };
    const common = { kind: 'sync', reason: '', retries: 0, source };
    expect(answer).toEqual({
      history: {
        edges: [
          { node: { ...common, restorable: false, revision: BAD } },
          { node: { ...common, restorable: true, revision: OLD } },
        ],
      },
    });
  });

  it('holds the old state, denies what it was at, and asks for the sync', async () => {
    const old = (await entries()).find(({ restorable }) => restorable);
    const result = await mutate(`rollbackApplication(name: "shop", historyId: "${old?.id}", reason: "errors") ${HELD}`);
    expect(result).toMatchObject({ __typename: 'RevisionHeld', revision: OLD });
    expect(await applicationOf(`revisionHold { kind revision reason by denied }`)).toEqual({
      revisionHold: { kind: 'rollback', revision: OLD, reason: 'errors', by: 'token:admin', denied: [BAD] },
    });
    const { rows } = await hub.parts.store.pool.query(
      `SELECT o.kind, o.options, d.reason FROM application_operations o JOIN application_due d USING (application_id)`,
    );
    const options = { prune: false, dryRun: false, origin: 'rollback', reason: 'errors' };
    expect(rows).toEqual([{ kind: 'sync', options, reason: 'rollback asked for by token:admin' }]);
  });

  it.each([
    [`historyId: "0"`, 'NotFound'],
    [`revision: "main"`, 'InvalidRequest'],
    [`revision: "${OLD}", historyId: "1"`, 'InvalidRequest'],
    [`revision: "abcdef1"`, 'NotFound'],
  ])('refuses %s as %s', async (to, code) => {
    expect(await mutate(`rollbackApplication(name: "shop", ${to}) ${HELD}`)).toMatchObject({ code });
  });

  it('refuses an operation that failed', async () => {
    const failed = (await entries()).find(({ restorable }) => !restorable);
    expect(await mutate(`rollbackApplication(name: "shop", historyId: "${failed?.id}") ${HELD}`)).toMatchObject({
      code: 'Conflict',
    });
  });

  it('waits for nobody while the fleet is frozen', async () => {
    await mutate(`freezeFleet(reason: "audit") { __typename }`);
    const refused = await mutate(`rollbackApplication(name: "shop", revision: "${OLD}") ${HELD}`);
    await mutate(`unfreezeFleet { __typename }`);
    expect(refused).toMatchObject({ code: 'Conflict', message: expect.stringContaining('frozen') });
  });
});

describe('pinApplication', () => {
  it('holds a commit that its history knows by a short name, until it is let go', async () => {
    const pinned = await mutate(`pinApplication(name: "shop", revision: "${OLD.slice(0, 8)}") ${HELD}`);
    expect(pinned).toMatchObject({ revision: OLD });
    expect(await applicationOf(`revisionHold { kind denied }`)).toEqual({ revisionHold: { kind: 'pin', denied: [] } });
    const release = `unpinApplication(name: "shop") { __typename ${REFUSAL} }`;
    expect(await mutate(release)).toEqual({ __typename: 'RevisionReleased' });
    expect(await applicationOf(`revisionHold { kind }`)).toEqual({ revisionHold: null });
    expect(await mutate(release)).toMatchObject({ code: 'Conflict' });
  });
});

describe('pauseApplication', () => {
  it('refuses syncs and says who paused it, until it is resumed', async () => {
    expect(await mutate(`pauseApplication(name: "shop", reason: " ") { ${REFUSAL} }`)).toMatchObject({
      code: 'InvalidRequest',
    });
    expect(await mutate(`pauseApplication(name: "shop", reason: "migration") { __typename }`)).toEqual({
      __typename: 'ApplicationPaused',
    });
    expect(await applicationOf(`pause { reason by }`)).toEqual({ pause: { reason: 'migration', by: 'token:admin' } });
    expect(await mutate(`syncApplication(name: "shop") { ${REFUSAL} }`)).toMatchObject({
      code: 'Conflict',
      message: expect.stringContaining('it is paused by token:admin: migration'),
    });
    expect(await mutate(`refreshApplication(name: "shop") { __typename }`)).toEqual({ __typename: 'RefreshAccepted' });
    const resume = `resumeApplication(name: "shop") { __typename ${REFUSAL} }`;
    expect(await mutate(resume)).toEqual({ __typename: 'ApplicationResumed' });
    expect(await applicationOf(`pause { reason }`)).toEqual({ pause: null });
    expect(await mutate(resume)).toMatchObject({ code: 'Conflict' });
  });
});

describe('terminateOperation', () => {
  it('is taken only where something runs, waits, or was asked for', async () => {
    const { pool } = hub.parts.store;
    await pool.query('DELETE FROM application_operations');
    const terminate = `terminateOperation(name: "shop") { __typename ${REFUSAL} }`;
    expect(await mutate(terminate)).toMatchObject({
      code: 'Conflict',
      message: expect.stringContaining('nothing to end'),
    });
    await pool.query(`UPDATE application_details SET attempt = '{"state": "running"}'`);
    expect(await mutate(terminate)).toEqual({ __typename: 'TerminationAccepted' });
    await pool.query(`UPDATE application_details SET attempt = '{"state": "failed", "terminated": true}'`);
    expect(await mutate(terminate)).toMatchObject({ code: 'Conflict' });
  });
});
