import { insertApplication, insertCluster, insertProject } from '@wheelwright/testing';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startGraphqlHub, type GraphqlHub } from '../testing/graphql-hub.js';
import { Reader } from './reader.js';

/** Open the whole day, every day, but for the moment between two of them. */
const ALWAYS = { schedule: '0 0 * * *', duration: '24h' };
/** A day that comes once in four years is open now in no test that anybody runs twice. */
const HARDLY_EVER = { schedule: '0 0 29 2 *', duration: '1m' };

const SHOP = {
  sourceRepos: ['*'],
  sourceNamespaces: ['shop-*'],
  destinations: [
    { name: 'eu-*', namespace: '*' },
    { namespace: 'shop', clusterSelector: { matchLabels: { region: 'eu' } } },
  ],
  destinationServiceAccounts: [{ server: '*', namespace: '*', defaultServiceAccount: 'deployer' }],
  roles: [{ name: 'ci', policies: ['p, proj:shop:ci, applications, sync, shop/*, allow'], groups: ['builders'] }],
  syncWindows: [
    { kind: 'deny', ...ALWAYS, applications: ['frozen*'], manualSync: true, description: 'holidays' },
    { kind: 'allow', ...HARDLY_EVER, applications: ['rare'], timeZone: 'Europe/Berlin' },
  ],
  orphanedResources: {},
};

let hub: GraphqlHub;

beforeAll(async () => {
  hub = await startGraphqlHub();
  const { pool } = hub.parts.store;
  await insertProject(pool, { name: 'shop', spec: SHOP });
  await insertProject(pool, { name: 'plain' });
  await insertProject(pool, { name: 'tidy', spec: { orphanedResources: {} } });
  const clusters = [await insertCluster(pool, { name: 'eu-1' }), await insertCluster(pool, { name: 'eu-2' })] as const;
  for (const name of ['frozen-1', 'frozen-2', 'rare', 'free'])
    await insertApplication(pool, { name, project: 'shop', clusterId: clusters[0] });
  await insertApplication(pool, { name: 'frozen-homeless', project: 'shop' });
  await insertApplication(pool, { name: 'frozen-plain', project: 'plain', clusterId: clusters[0] });
  await pool.query(
    `INSERT INTO orphaned_resources (cluster_id, project, api_group, kind, namespace, name, seen_at)
     SELECT c, 'shop', '', 'ConfigMap', 'shop', n, '2026-11-01T09:00:00Z'
     FROM unnest($1::uuid[]) AS c, unnest(ARRAY['b', 'a']) AS n`,
    [clusters],
  );
});

afterAll(() => hub.stop());

describe('a project', () => {
  it('shows what it declares', async () => {
    const { data, errors } = await hub.ask(`{ project(name: "shop") {
      sourceRepos sourceNamespaces destinations { server name namespace clusterSelector }
      destinationServiceAccounts { server namespace defaultServiceAccount } roles { name description policies groups } } }`);
    expect(errors).toEqual([]);
    expect(data?.['project']).toEqual({
      sourceRepos: ['*'],
      sourceNamespaces: ['shop-*'],
      destinations: [
        { server: '', name: 'eu-*', namespace: '*', clusterSelector: null },
        { server: '', name: '', namespace: 'shop', clusterSelector: { matchLabels: { region: 'eu' } } },
      ],
      destinationServiceAccounts: [{ server: '*', namespace: '*', defaultServiceAccount: 'deployer' }],
      roles: [{ ...SHOP.roles[0], description: '' }],
    });
  });

  it('shows its windows, and which of them are open', async () => {
    const { data, errors } = await hub.ask(`{ project(name: "shop") { syncWindows {
      kind schedule duration timeZone applications namespaces clusters manualSync andOperator syncOverrun description active } } }`);
    expect(errors).toEqual([]);
    const closed = { namespaces: [], clusters: [], andOperator: false, syncOverrun: false };
    expect(data?.['project']).toEqual({
      syncWindows: [
        { ...closed, ...SHOP.syncWindows[0], timeZone: 'UTC', active: true },
        { ...closed, ...SHOP.syncWindows[1], manualSync: false, description: '', active: false },
      ],
    });
  });

  it('shows what was found of its orphans: by spoke and name, so many of so many', async () => {
    const ask = async (name: string, args = ''): Promise<unknown> => {
      const { data, errors } = await hub.ask(
        `{ project(name: "${name}") { orphanedResources${args} { total items { cluster group kind namespace name seenAt } } } }`,
      );
      expect(errors).toEqual([]);
      return (data?.['project'] as { orphanedResources: unknown }).orphanedResources;
    };
    const found = { group: '', kind: 'ConfigMap', namespace: 'shop', seenAt: '2026-11-01T09:00:00.000Z' };
    expect(await ask('shop', '(first: 3)')).toEqual({
      total: 4,
      items: [
        { ...found, cluster: 'eu-1', name: 'a' },
        { ...found, cluster: 'eu-1', name: 'b' },
        { ...found, cluster: 'eu-2', name: 'a' },
      ],
    });
    expect(await ask('tidy')).toEqual({ total: 0, items: [] });
    expect(await ask('plain')).toBeNull();
  });

  it('is as empty as it was declared', async () => {
    const { data } = await hub.ask(
      `{ project(name: "plain") { sourceNamespaces destinations { name } destinationServiceAccounts { server } roles { name } syncWindows { kind } } }`,
    );
    expect(data?.['project']).toEqual({
      sourceNamespaces: [],
      destinations: [],
      destinationServiceAccounts: [],
      roles: [],
      syncWindows: [],
    });
  });

  it.each(['0', '201'])('does not show pages of %s orphans', async (first) => {
    const { errors } = await hub.ask(`{ project(name: "shop") { orphanedResources(first: ${first}) { total } } }`);
    expect(errors.map(({ extensions }) => extensions.code)).toEqual(['InvalidRequest']);
  });

  it('weighs pages that it does not name at their default', async () => {
    const { errors } = await hub.ask(`{ projects(first: 200) { nodes { orphanedResources { items { name } } } } }`);
    expect(errors.map(({ extensions }) => extensions.code)).toEqual(['InvalidRequest']);
  });
});

it('shows of each Application what the windows say, in as many statements for one as for all', async () => {
  const rows = vi.spyOn(hub.app.get(Reader, { strict: false }), 'rows');
  const ask = async (first: number): Promise<{ nodes: readonly unknown[]; statements: number }> => {
    rows.mockClear();
    const { data, errors } = await hub.ask(
      `{ applications(first: ${String(first)}) { nodes { name syncWindow { allowed manualAllowed reason until } } } }`,
    );
    expect(errors).toEqual([]);
    return { ...(data?.['applications'] as { nodes: readonly unknown[] }), statements: rows.mock.calls.length };
  };
  const one = await ask(1);
  const all = await ask(50);
  rows.mockRestore();
  expect(all.statements).toBe(one.statements);
  const frozen = {
    allowed: false,
    manualAllowed: true,
    reason: expect.stringMatching(/^project shop: the deny window "0 0 \* \* \*" for 24h \(UTC\): holidays is active/),
    until: expect.any(String),
  };
  const rare = {
    allowed: false,
    manualAllowed: false,
    reason: expect.stringMatching(/^project shop: no allow window is active, such as "0 0 29 2 \*"/),
    until: expect.any(String),
  };
  expect(all.nodes).toEqual([
    { name: 'free', syncWindow: null },
    { name: 'frozen-1', syncWindow: frozen },
    { name: 'frozen-2', syncWindow: frozen },
    { name: 'frozen-homeless', syncWindow: null },
    { name: 'frozen-plain', syncWindow: null },
    { name: 'rare', syncWindow: rare },
  ]);
});
