import { ApplicationId } from '@wheelwright/kernel';
import {
  insertApplication,
  insertApplicationSet,
  insertCluster,
  insertHeldDeletion,
  insertHistory,
  insertResource,
} from '@wheelwright/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startGraphqlHub, type GraphqlHub } from '../testing/graphql-hub.js';

let hub: GraphqlHub;
let shopId: string;

beforeAll(async () => {
  hub = await startGraphqlHub();
  const { pool } = hub.parts.store;
  const eu = await insertCluster(pool, {
    name: 'eu-1',
    labels: { region: 'eu' },
    observedAt: new Date('2026-11-01T10:00:00Z'),
  });
  const us = await insertCluster(pool, { name: 'us-1', labels: { region: 'us' } });
  const setId = await insertApplicationSet(pool, { name: 'guestbooks' });
  await insertApplication(pool, { name: 'api', clusterId: eu, setId, project: 'shop' });
  await insertApplication(pool, { name: 'api_v2', clusterId: us, setId, sync: 'OutOfSync', health: 'Degraded' });
  await insertApplication(pool, { name: 'orphan', sync: 'Unknown', health: 'Unknown' });
  shopId = await insertApplication(pool, {
    name: 'shop',
    clusterId: eu,
    project: 'shop',
    labels: { team: 'b', app: 'a' },
    sync: 'OutOfSync',
    health: 'Progressing',
    revision: 'c0ffee',
    healthMessage: 'waiting for 2 pods',
    conditions: [{ type: 'SyncError', message: 'one object failed', since: '2026-11-01T09:00:00Z' }],
    operation: {
      phase: 'Failed',
      message: 'no',
      startedAt: '2026-11-01T09:00:00Z',
      revision: 'c0ffee',
      initiatedBy: 'ann',
      automated: true,
      retries: 2,
    },
    resourceCount: 3,
    spec: {
      project: 'shop',
      sources: [
        {
          repoURL: 'https://git.example.com/a',
          path: 'one',
          targetRevision: 'v1',
          helm: { parameters: [{ name: 'password', value: 'canary' }] },
        },
        { repoURL: 'https://git.example.com/b', chart: 'two' },
      ],
      destination: { server: 'https://eu-1.example.com:6443', namespace: 'shop' },
    },
  });
  for (const [kind, name, health] of [
    ['Service', 'front', ''],
    ['ConfigMap', 'settings', ''],
    ['Pod', 'front', 'Progressing'],
  ] as const) {
    await insertResource(pool, { applicationId: shopId, clusterId: eu, kind, name, namespace: 'shop', health });
  }
  for (const revision of ['one', 'two', 'three']) {
    await insertHistory(pool, { applicationId: shopId, revision, changeSet: { created: 1, configured: 2, failed: 0 } });
  }
  await insertHeldDeletion(pool, { owner: { applicationId: shopId }, names: ['/ConfigMap/shop/settings'] });
});

afterAll(() => hub.stop());

/** Names of the Applications that satisfy a filter, and their total. */
async function find(filter: object): Promise<unknown> {
  const { data, errors } = await hub.ask(
    `query ($filter: ApplicationFilter) { applications(filter: $filter) { totalCount nodes { name } } }`,
    { variables: { filter } },
  );
  expect(errors).toEqual([]);
  const { totalCount, nodes } = data?.['applications'] as { totalCount: number; nodes: { name: string }[] };
  expect(totalCount).toBe(nodes.length);
  return nodes.map(({ name }) => name);
}

describe('filters', () => {
  it.each([
    [{}, ['api', 'api_v2', 'orphan', 'shop']],
    [{ cluster: 'eu-1' }, ['api', 'shop']],
    [{ cluster: 'nowhere' }, []],
    [{ clusterSelector: 'region!=eu' }, ['api_v2']],
    [{ project: 'shop' }, ['api', 'shop']],
    [{ set: 'guestbooks' }, ['api', 'api_v2']],
    [{ set: 'other' }, []],
    [{ sync: ['OutOfSync'] }, ['api_v2', 'shop']],
    [{ sync: ['OutOfSync', 'Unknown'], health: ['Degraded', 'Unknown'] }, ['api_v2', 'orphan']],
    [{ health: [] }, []],
    [{ text: 'API' }, ['api', 'api_v2']],
    [{ text: 'i_v' }, ['api_v2']],
    [{ text: '%' }, []],
    [{ text: 'api', sync: ['Synced'], cluster: 'eu-1', project: 'shop' }, ['api']],
    [{ cluster: null, sync: null }, ['api', 'api_v2', 'orphan', 'shop']],
  ])('%j', async (filter, names) => {
    expect(await find(filter)).toEqual(names);
  });
});

describe('one Application', () => {
  const query = `query ($name: String!) { application(name: $name) {
    name project labels { key value } sync { status revision } health { status message }
    conditions { type message since } operation { phase message startedAt finishedAt initiatedBy automated retries }
    destination { server name namespace } sources { repoURL path chart targetRevision }
    cluster { name state } set { name } observedAt resourceCount heldDeletion { names total reason approvedAt }
    resources(first: 2) { totalCount pageInfo { hasNextPage endCursor } nodes { group kind namespace name sync health } }
    history(first: 2) { totalCount nodes { revision phase changes { created configured deleted } } }
  } }`;

  it('says why it is not compared where it goes nowhere', async () => {
    const { data } = await hub.ask(
      '{ application(name: "orphan") { cluster { name } conditions { type message since } } }',
    );
    expect(data?.['application']).toEqual({
      cluster: null,
      conditions: [
        { type: 'InvalidSpecError', message: expect.stringContaining('no registered cluster'), since: null },
      ],
    });
  });

  it('shows everything that is known of it', async () => {
    const { data, errors } = await hub.ask(query, { variables: { name: 'shop' } });
    expect(errors).toEqual([]);
    expect(data?.['application']).toEqual({
      name: 'shop',
      project: 'shop',
      labels: [
        { key: 'app', value: 'a' },
        { key: 'team', value: 'b' },
      ],
      sync: { status: 'OutOfSync', revision: 'c0ffee' },
      health: { status: 'Progressing', message: 'waiting for 2 pods' },
      conditions: [{ type: 'SyncError', message: 'one object failed', since: '2026-11-01T09:00:00.000Z' }],
      operation: {
        phase: 'Failed',
        message: 'no',
        startedAt: '2026-11-01T09:00:00.000Z',
        finishedAt: null,
        initiatedBy: 'ann',
        automated: true,
        retries: 2,
      },
      destination: { server: 'https://eu-1.example.com:6443', name: '', namespace: 'shop' },
      sources: [
        { repoURL: 'https://git.example.com/a', path: 'one', chart: '', targetRevision: 'v1' },
        { repoURL: 'https://git.example.com/b', path: '', chart: 'two', targetRevision: 'HEAD' },
      ],
      cluster: { name: 'eu-1', state: 'Connected' },
      set: null,
      observedAt: '2026-11-01T10:00:00.000Z',
      resourceCount: 3,
      heldDeletion: {
        names: ['/ConfigMap/shop/settings'],
        total: 1,
        reason: 'past the deletion budget',
        approvedAt: null,
      },
      resources: {
        totalCount: 3,
        pageInfo: { hasNextPage: true, endCursor: expect.any(String) },
        nodes: [
          { group: '', kind: 'ConfigMap', namespace: 'shop', name: 'settings', sync: 'Synced', health: null },
          { group: '', kind: 'Pod', namespace: 'shop', name: 'front', sync: 'Synced', health: 'Progressing' },
        ],
      },
      history: {
        totalCount: 3,
        nodes: [
          { revision: 'three', phase: 'Succeeded', changes: { created: 1, configured: 2, deleted: 0 } },
          { revision: 'two', phase: 'Succeeded', changes: { created: 1, configured: 2, deleted: 0 } },
        ],
      },
    });
  });

  it('is null where there is none', async () => {
    expect(await hub.ask(query, { variables: { name: 'nobody' } })).toMatchObject({
      data: { application: null },
      errors: [],
    });
  });

  it('pages its objects and its history', async () => {
    const page = async (
      list: string,
      after: string | null,
    ): Promise<{ names: string[]; end: string | null; more: boolean }> => {
      const { data, errors } = await hub.ask(
        `query ($after: String) { application(name: "shop") { ${list}(first: 1, after: $after) {
          nodes { ${list === 'history' ? 'name: revision' : 'name: kind'} } pageInfo { hasNextPage endCursor } } } }`,
        { variables: { after } },
      );
      expect(errors).toEqual([]);
      const connection = (
        data?.['application'] as Record<
          string,
          { nodes: { name: string }[]; pageInfo: { endCursor: string; hasNextPage: boolean } }
        >
      )[list];
      return {
        names: connection?.nodes.map(({ name }) => name) ?? [],
        end: connection?.pageInfo.endCursor ?? null,
        more: connection?.pageInfo.hasNextPage ?? false,
      };
    };
    for (const [list, expected] of [
      ['resources', ['ConfigMap', 'Pod', 'Service']],
      ['history', ['three', 'two', 'one']],
    ] as const) {
      const seen: string[] = [];
      let after: string | null = null;
      for (let more = true; more;) {
        const read = await page(list, after);
        seen.push(...read.names);
        [after, more] = [read.end, read.more];
      }
      expect(seen).toEqual(expected);
    }
  });

  it('filters its objects', async () => {
    const { data } = await hub.ask(
      `{ application(name: "shop") { a: resources(filter: { kind: ["Pod"] }) { totalCount nodes { name } } b: resources(filter: { health: [Healthy] }) { totalCount } } }`,
    );
    expect(data?.['application']).toEqual({ a: { totalCount: 1, nodes: [{ name: 'front' }] }, b: { totalCount: 0 } });
  });

  it('never shows parameters of its sources', async () => {
    const { data } = await hub.ask(query, { variables: { name: 'shop' } });
    expect(JSON.stringify(data)).not.toContain('canary');
  });
});

describe('diff', () => {
  const query = `{ application(name: "shop") { name diff { key { group kind namespace name } action reason differences { pointer live desired } } } }`;

  it('is compared live', async () => {
    hub.diffs.set(ApplicationId(shopId), [
      {
        key: { group: 'apps', kind: 'Deployment', namespace: 'shop', name: 'front' },
        action: 'update',
        differences: [
          { pointer: '/spec/replicas', live: 1, desired: 3 },
          { pointer: '/spec/paused', live: true },
        ],
      },
    ]);
    const { data } = await hub.ask(query);
    expect(data?.['application']).toEqual({
      name: 'shop',
      diff: [
        {
          key: { group: 'apps', kind: 'Deployment', namespace: 'shop', name: 'front' },
          action: 'update',
          reason: '',
          differences: [
            { pointer: '/spec/replicas', live: 1, desired: 3 },
            { pointer: '/spec/paused', live: true, desired: null },
          ],
        },
      ],
    });
  });

  it('fails alone, in the name of the room that failed', async () => {
    hub.diffs.clear();
    const { status, data, errors } = await hub.ask(query);
    expect([status, data]).toEqual([200, { application: { name: 'shop', diff: null } }]);
    expect(errors).toMatchObject([
      { message: 'the spoke does not answer: check its network', extensions: { code: 'SpokeUnreachable' } },
    ]);
  });
});
