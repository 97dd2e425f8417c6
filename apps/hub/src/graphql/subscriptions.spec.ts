import { insertApplication, insertCluster, insertProject } from '@wheelwright/testing';
import { createClient, type Client } from 'graphql-ws';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { startGraphqlHub, type GraphqlHub } from '../testing/graphql-hub.js';
import { roleToken } from '../testing/role-token.js';
import { Reader } from './reader.js';

let hub: GraphqlHub;
let shopId: string;
let otherId: string;
const clients: Client[] = [];

beforeAll(async () => {
  hub = await startGraphqlHub();
  const { pool } = hub.parts.store;
  const clusterId = await insertCluster(pool, { name: 'eu-1', labels: { region: 'eu' } });
  shopId = await insertApplication(pool, { name: 'shop', clusterId, sync: 'OutOfSync' });
  otherId = await insertApplication(pool, { name: 'other', clusterId });
});

afterEach(async () => {
  for (const client of clients.splice(0)) await client.dispose();
});

afterAll(() => hub.stop());

function connect(token: string): Client {
  const client = createClient({
    url: `${hub.url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${token}` },
    retryAttempts: 0,
  });
  clients.push(client);
  return client;
}

/** What a subscription received so far. */
interface Received {
  readonly events: unknown[];
  readonly failures: unknown[];
  ended: boolean;
}

function subscribe(client: Client, query: string): Received {
  const received: Received = { events: [], failures: [], ended: false };
  client.subscribe(
    { query },
    {
      next: ({ data }) => received.events.push(data),
      error: (error) => received.failures.push(error),
      complete: () => (received.ended = true),
    },
  );
  return received;
}

const eventually = (check: () => void | Promise<void>, timeout = 15_000): Promise<void> =>
  vi.waitFor(check, { timeout, interval: 25 });

/** Publishes again and again until the subscription, which takes a moment to start, has seen it. */
async function publishUntil(channel: string, ids: readonly string[], check: () => void): Promise<void> {
  await eventually(async () => {
    await hub.parts.signals.publish(channel, ids);
    check();
  });
}

describe('applicationChanged', () => {
  it('tells what an Application is now, read with the rights of the subscriber', async () => {
    const query = `subscription { applicationChanged { name sync { status } health { status message } cluster { name } } }`;
    const received = subscribe(connect(hub.tokens.readonly), query);
    const expected = {
      name: 'shop',
      sync: { status: 'OutOfSync' },
      health: { status: 'Healthy', message: '' },
      cluster: { name: 'eu-1' },
    };
    await publishUntil('applications', [shopId], () =>
      expect(received.events).toContainEqual({ applicationChanged: expected }),
    );
    await hub.parts.store.pool.query(
      `UPDATE application_details SET health_message = 'changed' WHERE application_id = $1`,
      [shopId],
    );
    const changed = { ...expected, health: { status: 'Healthy', message: 'changed' } };
    await publishUntil('applications', [shopId], () =>
      expect(received.events).toContainEqual({ applicationChanged: changed }),
    );
    expect(received.failures).toEqual([]);
  });

  it('tells only what satisfies the filter', async () => {
    const received = subscribe(
      connect(hub.tokens.admin),
      `subscription { applicationChanged(filter: { clusterSelector: "region=eu", sync: [Synced] }) { name } }`,
    );
    await publishUntil('applications', [shopId, otherId, '00000000-0000-0000-0000-000000000009'], () =>
      expect(received.events.length).toBeGreaterThan(0),
    );
    expect(received.events).toContainEqual({ applicationChanged: { name: 'other' } });
    expect(received.events).not.toContainEqual({ applicationChanged: { name: 'shop' } });
  });

  it('makes one event and one read of many changes in a short time', async () => {
    const received = subscribe(
      connect(hub.tokens.admin),
      `subscription { applicationChanged(filter: { text: "shop" }) { name } }`,
    );
    await publishUntil('applications', [shopId], () => expect(received.events.length).toBeGreaterThan(0));
    const before = received.events.length;
    const rows = vi.spyOn(hub.app.get(Reader, { strict: false }), 'rows');
    try {
      await Promise.all(Array.from({ length: 20 }, () => hub.parts.signals.publish('applications', [shopId, otherId])));
      await eventually(() => expect(received.events.length).toBeGreaterThan(before));
      expect(received.events.length - before).toBeLessThanOrEqual(2);
      expect(rows.mock.calls.length).toBeLessThanOrEqual(2);
    } finally {
      rows.mockRestore();
    }
  });
});

describe('fleetChanged', () => {
  it('tells of what was declared, deleted and paused, after the commit', async () => {
    const received = subscribe(
      connect(hub.tokens.readonly),
      `subscription { fleetChanged { clusters { paused } applications { total } } }`,
    );
    const last = (): unknown => received.events.at(-1);
    const summary = (paused: number, total: number) => ({
      fleetChanged: { clusters: { paused }, applications: { total } },
    });
    await publishUntil('fleet', [shopId], () => expect(last()).toEqual(summary(0, 2)));
    const headers = { authorization: `Bearer ${hub.tokens.admin}`, 'content-type': 'application/yaml' };
    const body = `{apiVersion: argoproj.io/v1alpha1, kind: Application, metadata: {name: fresh},
      spec: {project: default, source: {repoURL: 'https://git.example.com/a', path: a}, destination: {name: later, namespace: a}}}`;
    const applied = subscribe(connect(hub.tokens.admin), `subscription { applicationChanged { name } }`);
    await publishUntil('applications', [shopId], () => expect(applied.events.length).toBeGreaterThan(0));
    expect((await fetch(`${hub.url}/api/v1/apply`, { method: 'POST', headers, body })).status).toBe(200);
    await eventually(() => expect(applied.events).toContainEqual({ applicationChanged: { name: 'fresh' } }));
    await eventually(() => expect(last()).toEqual(summary(0, 3)));
    await fetch(`${hub.url}/api/v1/applications/fresh`, { method: 'DELETE', headers });
    await eventually(() => expect(last()).toEqual(summary(0, 2)));
    for (const paused of [true, false]) {
      await hub.ask(`mutation { pauseCluster(name: "eu-1", paused: ${paused}) { __typename } }`);
      await eventually(() => expect(last()).toEqual(summary(paused ? 1 : 0, 2)));
    }
    await hub.parts.store.pool.query(`UPDATE cluster_status SET state = 'Connected'`);
  });

  it('tells the summary after a change', async () => {
    const received = subscribe(
      connect(hub.tokens.readonly),
      `subscription { fleetChanged(clusterSelector: "region=eu") { clusters { connected } applications { total } } }`,
    );
    await publishUntil('fleet', [shopId], () =>
      expect(received.events).toContainEqual({
        fleetChanged: { clusters: { connected: 1 }, applications: { total: 2 } },
      }),
    );
  });
});

describe('a subscriber', () => {
  it('needs a valid token', async () => {
    const received = subscribe(connect('wwt_unknown'), `subscription { fleetChanged { neverObserved } }`);
    await eventually(() => expect(received.failures).toHaveLength(1));
    expect(received.events).toEqual([]);
  });

  it.each([
    ['an unknown field', `subscription { fleetChanged { nothing } }`, 'Cannot query field'],
    [
      'too many aliases',
      `subscription { fleetChanged { ${Array.from({ length: 31 }, (_, index) => `a${index}: neverObserved`).join(' ')} } }`,
      'aliases',
    ],
    [
      'a selector that cannot be read',
      `subscription { fleetChanged(clusterSelector: "a=(") { neverObserved } }`,
      'label selector',
    ],
    [
      'a filter that cannot be read',
      `subscription { applicationChanged(filter: { clusterSelector: "a=(" }) { name } }`,
      'label selector',
    ],
    ['a query', `{ fleet { neverObserved } }`, 'Invalid operation'],
  ])('is refused %s', async (_case, query, words) => {
    const received = subscribe(connect(hub.tokens.admin), query);
    await eventually(() => expect(received.failures).toHaveLength(1));
    expect(JSON.stringify(received.failures)).toContain(words);
  });

  it('is told nothing more within ten seconds of a revocation', async () => {
    const { pool } = hub.parts.store;
    const received = subscribe(connect(hub.tokens.readonly), `subscription { applicationChanged { name } }`);
    await publishUntil('applications', [shopId], () => expect(received.events.length).toBeGreaterThan(0));
    await pool.query(`UPDATE api_tokens SET revoked_at = now() WHERE name = 'readonly'`);
    await eventually(() => expect(received.failures).toHaveLength(1), 10_500);
    expect(received.failures).toMatchObject([[{ extensions: { code: 'Unauthenticated' } }]]);
    const told = received.events.length;
    await hub.parts.signals.publish('applications', [shopId]);
    const again = subscribe(connect(hub.tokens.readonly), `subscription { applicationChanged { name } }`);
    await eventually(() => expect(again.failures).toHaveLength(1));
    expect(received.events.length).toBe(told);
  });

  it('with a project role is told of what its policies permit, until they change', async () => {
    const { pool } = hub.parts.store;
    const clusterId = await insertCluster(pool, { name: 'us-1' });
    const ids = [await insertApplication(pool, { name: 'web', project: 'team', clusterId }), shopId];
    const rolesOf = (object: string) => [
      { name: 'ci', policies: [`p, proj:team:ci, applications, get, team/${object}, allow`] },
    ];
    await insertProject(pool, { name: 'team', spec: { roles: rolesOf('*') } });
    const client = connect(await roleToken(hub, 'proj:team:ci'));
    const changes = subscribe(client, `subscription { applicationChanged { name cluster { name } } }`);
    const fleet = subscribe(client, `subscription { fleetChanged { applications { total } clusters { total } } }`);
    await publishUntil('applications', ids, () => {
      expect(changes.events.length).toBeGreaterThan(0);
      expect(fleet.events.length).toBeGreaterThan(0);
    });
    for (const event of changes.events) expect(event).toEqual({ applicationChanged: { name: 'web', cluster: null } });
    for (const event of fleet.events)
      expect(event).toEqual({ fleetChanged: { applications: { total: 1 }, clusters: { total: 0 } } });
    await pool.query(`UPDATE projects SET spec = $1 WHERE name = 'team'`, [
      JSON.stringify({ roles: rolesOf('other') }),
    ]);
    await eventually(() => expect([changes.failures.length, fleet.failures.length]).toEqual([1, 1]), 10_500);
    expect(changes.failures).toMatchObject([[{ extensions: { code: 'Unauthenticated' } }]]);
  });

  it('that leaves is forgotten', async () => {
    const client = connect(hub.tokens.admin);
    const received = subscribe(client, `subscription { applicationChanged { name } }`);
    await publishUntil('applications', [shopId], () => expect(received.events.length).toBeGreaterThan(0));
    await client.dispose();
    const rows = vi.spyOn(hub.app.get(Reader, { strict: false }), 'rows');
    try {
      const witness = subscribe(connect(hub.tokens.admin), `subscription { fleetChanged { neverObserved } }`);
      await publishUntil('applications', [shopId], () => expect(witness.events.length).toBeGreaterThan(0));
      const texts = rows.mock.calls.map(([statement]) => statement.text);
      expect(texts.filter((text) => text.includes('FROM applications a'))).toEqual([]);
    } finally {
      rows.mockRestore();
    }
  });
});
