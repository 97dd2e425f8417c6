import { insertApplication, insertCluster } from '@wheelwright/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startGraphqlHub, type GraphqlHub } from '../testing/graphql-hub.js';
import { grantsPredicate } from './grants.js';
import { fleetClusters, fleetVerdicts } from './queries/fleet.queries.js';

let hub: GraphqlHub;

beforeAll(async () => {
  hub = await startGraphqlHub();
  const { pool } = hub.parts.store;
  const old = new Date('2026-01-01T00:00:00Z');
  const eu = await insertCluster(pool, { name: 'eu-1', labels: { region: 'eu', env: 'prod' }, observedAt: old });
  const us = await insertCluster(pool, { name: 'us-1', labels: { region: 'us', env: 'prod' }, observedAt: new Date() });
  await insertCluster(pool, { name: 'dev-1', labels: { region: 'eu', env: 'dev' }, state: 'Unreachable' });
  await insertCluster(pool, { name: 'off-1', labels: { region: 'ap' }, paused: true, observedAt: new Date() });
  await insertApplication(pool, { name: 'a', clusterId: eu, project: 'shop' });
  await insertApplication(pool, { name: 'b', clusterId: eu, sync: 'OutOfSync', health: 'Degraded' });
  await insertApplication(pool, {
    name: 'c',
    clusterId: us,
    project: 'shop',
    sync: 'OutOfSync',
    health: 'Progressing',
  });
  await insertApplication(pool, { name: 'd', sync: 'Unknown', health: 'Unknown' });
});

afterAll(() => hub.stop());

const FLEET = `query ($selector: String, $project: String) {
  fleet(clusterSelector: $selector, project: $project) {
    clusters { total pending connected unreachable unauthorized paused }
    applications { total sync { synced outOfSync unknown } health { healthy suspended progressing missing degraded unknown } }
    oldestObservation
    neverObserved
  }
}`;

describe('fleet', () => {
  it('counts everything', async () => {
    const { data, errors } = await hub.ask(FLEET);
    expect(errors).toEqual([]);
    expect(data?.['fleet']).toEqual({
      clusters: { total: 4, pending: 0, connected: 2, unreachable: 1, unauthorized: 0, paused: 1 },
      applications: {
        total: 4,
        sync: { synced: 1, outOfSync: 2, unknown: 1 },
        health: { healthy: 1, suspended: 0, progressing: 1, missing: 0, degraded: 1, unknown: 1 },
      },
      oldestObservation: '2026-01-01T00:00:00.000Z',
      neverObserved: 1,
    });
  });

  it.each([
    ['region=eu', 2, 2],
    ['region in (eu,us),env!=dev', 2, 3],
    ['!env', 1, 0],
    ['env,region notin (us)', 2, 2],
    ['region=nowhere', 0, 0],
  ])('counts the spokes selected by %s', async (selector, clusters, applications) => {
    const { data } = await hub.ask(FLEET, { variables: { selector } });
    expect(data?.['fleet']).toMatchObject({ clusters: { total: clusters }, applications: { total: applications } });
  });

  it('counts the Applications of a project and the spokes that it uses', async () => {
    const { data } = await hub.ask(FLEET, { variables: { project: 'shop' } });
    expect(data?.['fleet']).toMatchObject({
      clusters: { total: 2 },
      applications: { total: 2, sync: { synced: 1, outOfSync: 1 } },
    });
  });

  it('says why a selector cannot be read', async () => {
    const { errors } = await hub.ask(FLEET, { variables: { selector: 'a=(' } });
    expect(errors[0]).toMatchObject({ extensions: { code: 'InvalidRequest' } });
    expect(errors[0]?.message).toContain('label selector');
  });

  it('never reads rows of Applications', async () => {
    const grants = grantsPredicate({ id: '', name: '', role: 'admin', via: 'token' });
    const scope = { clusterSelector: 'region=eu', project: 'shop' };
    for (const { text, values } of [fleetClusters(grants, scope), fleetVerdicts(grants, scope)]) {
      const { rows } = await hub.parts.store.pool.query<{ 'QUERY PLAN': string }>(`EXPLAIN ${text}`, [...values]);
      const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
      expect(plan).toMatch(/application_rollups|clusters/);
      expect(plan).not.toMatch(/\bapplications\b|application_status|application_details/);
    }
  });
});
