import {
  insertApplication,
  insertApplicationSet,
  insertCluster,
  insertHeldDeletion,
  insertProject,
} from '@wheelwright/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startGraphqlHub, type GraphqlHub } from '../testing/graphql-hub.js';

let hub: GraphqlHub;

beforeAll(async () => {
  hub = await startGraphqlHub();
  const { pool } = hub.parts.store;
  const observedAt = new Date(Date.now() - 90_000);
  const eu = await insertCluster(pool, { name: 'eu-1', labels: { region: 'eu' }, observedAt });
  await insertCluster(pool, { name: 'us-1', state: 'Unauthorized', reason: 'Forbidden', project: 'shop' });
  const setId = await insertApplicationSet(pool, {
    name: 'guestbooks',
    applicationCount: 2,
    conditions: [{ type: 'ErrorOccurred', status: 'False', reason: 'ok', message: '', since: '2026-11-01T09:00:00Z' }],
    issues: [{ severity: 'warning', code: 'TrailingSlash', message: 'matches nothing', pointer: '/spec/generators/0' }],
  });
  await insertApplicationSet(pool, { name: 'quiet' });
  await insertHeldDeletion(pool, { owner: { setId }, names: ['a', 'b'] });
  await insertApplication(pool, { name: 'a', clusterId: eu, setId, project: 'shop' });
  await insertApplication(pool, { name: 'b', clusterId: eu, setId, sync: 'OutOfSync', health: 'Missing' });
  await insertProject(pool, { name: 'shop', spec: { description: 'the shop', sourceRepos: ['*'] } });
  await insertProject(pool, { name: 'other' });
});

afterAll(() => hub.stop());

/** Names in a list that satisfy a filter. */
async function find(list: string, filter: string): Promise<unknown> {
  const { data, errors } = await hub.ask(`{ list: ${list}(filter: ${filter}) { totalCount nodes { name } } }`);
  expect(errors).toEqual([]);
  const { totalCount, nodes } = data?.['list'] as { totalCount: number; nodes: { name: string }[] };
  expect(totalCount).toBe(nodes.length);
  return nodes.map(({ name }) => name);
}

describe('lists', () => {
  it.each([
    ['clusters', '{ selector: "region=eu" }', ['eu-1']],
    ['clusters', '{ state: [Unauthorized, Pending] }', ['us-1']],
    ['clusters', '{ project: "shop" }', ['us-1']],
    ['clusters', '{ text: "US-1.EXAMPLE" }', ['us-1']],
    ['applicationSets', '{ text: "BOOK" }', ['guestbooks']],
    ['applicationSets', '{ hasIssues: true }', ['guestbooks']],
    ['applicationSets', '{ hasIssues: false }', ['quiet']],
    ['projects', '{ text: "sh" }', ['shop']],
  ])('%s %s', async (list, filter, names) => {
    expect(await find(list, filter)).toEqual(names);
  });
});

it('shows a set with its counters, issues and what is held', async () => {
  const { data, errors } = await hub.ask(`{ applicationSet(name: "guestbooks") {
    name upToDate applicationCount counts { total sync { synced outOfSync } health { healthy missing } }
    conditions { type status reason since } issues { severity code message pointer application } heldDeletion { names total digest } } }`);
  expect(errors).toEqual([]);
  expect(data?.['applicationSet']).toEqual({
    name: 'guestbooks',
    upToDate: true,
    applicationCount: 2,
    counts: { total: 2, sync: { synced: 1, outOfSync: 1 }, health: { healthy: 1, missing: 1 } },
    conditions: [{ type: 'ErrorOccurred', status: 'False', reason: 'ok', since: '2026-11-01T09:00:00.000Z' }],
    issues: [
      {
        severity: 'warning',
        code: 'TrailingSlash',
        message: 'matches nothing',
        pointer: '/spec/generators/0',
        application: null,
      },
    ],
    heldDeletion: { names: ['a', 'b'], total: 2, digest: 'digest' },
  });
});

it('shows a spoke, how old the last look at it is, and its Applications', async () => {
  const { data } = await hub.ask(
    `{ cluster(name: "eu-1") { name server state labels { key value } kubernetesVersion observedAgeSeconds applications { total } } }`,
  );
  expect(data?.['cluster']).toMatchObject({
    name: 'eu-1',
    server: 'https://eu-1.example.com:6443',
    state: 'Connected',
    labels: [{ key: 'region', value: 'eu' }],
    kubernetesVersion: 'v1.35.4',
    applications: { total: 2 },
  });
  const { observedAgeSeconds } = data?.['cluster'] as { observedAgeSeconds: number };
  expect(observedAgeSeconds).toBeGreaterThanOrEqual(90);
  expect(observedAgeSeconds).toBeLessThan(600);
});

it('shows a project', async () => {
  const { data } = await hub.ask(`{ project(name: "shop") { name description sourceRepos applications { total } } }`);
  expect(data?.['project']).toEqual({
    name: 'shop',
    description: 'the shop',
    sourceRepos: ['*'],
    applications: { total: 1 },
  });
});

it.each(['cluster', 'application', 'applicationSet', 'project'])('%s of an unknown name is null', async (field) => {
  expect((await hub.ask(`{ ${field}(name: "nobody") { name } }`)).data).toEqual({ [field]: null });
});
