// Generators that ask Git hosts, plugins and decision resources, through a worker: tokens applied as Secrets, answers of a local server and a simulated spoke.
import { startSpokeSim, type SimulatedSpoke, type SpokeSim } from '@wheelwright/spoke-sim';
import { eventually, startAnsweringServer, type AnsweringServer } from '@wheelwright/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { TestFleet } from './testing/test-fleet.js';

const TOKEN = 'canary-token-2718';
const SHA = 'a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1';
let fleet: TestFleet;
let server: AnsweringServer;
let sim: SpokeSim;

beforeAll(async () => {
  [fleet, server, sim] = await Promise.all([TestFleet.create(), startAnsweringServer(), startSpokeSim()]);
  await fleet.register(sim.addCluster('eu-1'));
  await fleet.startWorker({ WHEELWRIGHT_DECISION_CLUSTER: 'eu-1' });
});
afterAll(async () => {
  await fleet.close();
  await Promise.all([server.close(), sim.close()]);
});

const set = (name: string, generator: string, { go = false } = {}): string => `apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: { name: ${name} }
spec:
  goTemplate: ${String(go)}
  generators: [${generator}]
  template:
    metadata: { name: '${name}-${go ? '{{.key}}' : '{{key}}'}' }
    spec:
      source: { repoURL: 'https://git.example.com/acme/web.git', path: deploy }
      destination: { name: eu-1, namespace: web }
`;
const named = (text: string, key: string): string => text.replace('{{key}}', `{{${key}}}`);

async function applicationsOf(prefix: string): Promise<readonly string[]> {
  const { rows } = await fleet.store.pool.query<{ name: string }>(
    `SELECT name FROM applications WHERE name LIKE $1 || '-%' ORDER BY name`,
    [prefix],
  );
  return rows.map(({ name }) => name);
}

async function failureOf(name: string): Promise<string> {
  const { rows } = await fleet.store.pool.query<{ text: string }>(
    `SELECT t.conditions::text || t.issues::text AS text FROM application_set_status t JOIN application_sets s ON s.id = t.set_id WHERE s.name = $1`,
    [name],
  );
  return rows[0]?.text ?? '';
}

it('a set of pull requests waits for its token, and is expanded as soon as it is there', async () => {
  const pull = (number: number) => ({
    number,
    title: 'Title',
    user: { login: 'ada' },
    head: { ref: `feature/${String(number)}`, sha: SHA },
    base: { ref: 'main' },
    labels: [],
  });
  server.answers = {
    ...server.answers,
    'GET /api/v3/repos/acme/web/pulls?state=open&per_page=100': [pull(7), pull(8)],
  };
  const github = `{ owner: acme, repo: web, api: '${server.url}', tokenRef: { secretName: github, key: token } }`;
  await fleet.apply(named(set('pr', `{ pullRequest: { github: ${github} } }`), 'branch_slug'));
  await eventually(
    () => failureOf('pr'),
    (text) => text.includes('The Secret github is not in the namespace argocd'),
  );
  expect(server.log).toEqual([]);
  const wrong = 'labels: { app.kubernetes.io/part-of: argocd } }, stringData: { other: x }';
  await fleet.apply(`{ apiVersion: v1, kind: Secret, metadata: { name: github, ${wrong} }`);
  await eventually(
    () => failureOf('pr'),
    (text) => text.includes('has no key token'),
  );
  await fleet.apply(
    `{ apiVersion: v1, kind: Secret, metadata: { name: github, labels: { argocd.argoproj.io/secret-type: scm-creds } }, stringData: { token: ${TOKEN} } }`,
  );
  await eventually(
    () => applicationsOf('pr'),
    (names) => names.join() === ['pr-feature-7', 'pr-feature-8'].join(),
  );
  expect(server.log[0]?.authorization).toBe(`Bearer ${TOKEN}`);
  const { rows } = await fleet.store.pool.query(
    `SELECT row_to_json(t)::text FROM application_set_status t UNION ALL SELECT row_to_json(o)::text FROM outbox o`,
  );
  expect(JSON.stringify(rows)).not.toContain(TOKEN);
});

it('a plugin answers parameters, once its ConfigMap is there', async () => {
  server.answers = {
    ...server.answers,
    'POST /api/v1/getparams.execute': { output: { parameters: [{ key: 'one' }, { key: 'two' }] } },
  };
  await fleet.apply(set('plug', '{ plugin: { configMapRef: { name: my-plugin } } }', { go: true }));
  await eventually(
    () => failureOf('plug'),
    (text) => text.includes('The ConfigMap my-plugin is not in the namespace argocd'),
  );
  const data = `{ baseUrl: '${server.url}', token: '$github:token' }`;
  await fleet.apply(`{ apiVersion: v1, kind: ConfigMap, metadata: { name: my-plugin }, data: ${data} }`);
  await eventually(
    () => applicationsOf('plug'),
    (names) => names.join() === ['plug-one', 'plug-two'].join(),
  );
});

it('decisions of a spoke choose registered clusters', async () => {
  const spoke = spokeWithDecisions();
  const data = '{ apiVersion: cluster.example.io/v1, kind: placements, matchKey: clusterName }';
  await fleet.apply(`{ apiVersion: v1, kind: ConfigMap, metadata: { name: placement }, data: ${data} }`);
  const generator = '{ clusterDecisionResource: { configMapRef: placement, name: web, requeueAfterSeconds: 1 } }';
  await fleet.apply(named(set('decided', generator), 'clusterName'));
  await eventually(
    () => applicationsOf('decided'),
    (names) => names.join() === ['decided-eu-1'].join(),
  );
  expect(await failureOf('decided')).toContain('UnmatchedDecision');
  // A decision that is gone is an error, and no empty one: the Application stays.
  spoke.remove({ apiVersion: 'cluster.example.io/v1', kind: 'Placement', namespace: 'argocd', name: 'web' });
  await eventually(
    () => failureOf('decided'),
    (text) => text.includes('no clusterDecisionResources found'),
  );
  expect(await applicationsOf('decided')).toEqual(['decided-eu-1']);
});

function spokeWithDecisions(): SimulatedSpoke {
  const spoke = sim.cluster('eu-1');
  if (spoke === undefined) throw new Error('the spoke is gone');
  spoke.create({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'placements.cluster.example.io' },
    spec: {
      group: 'cluster.example.io',
      scope: 'Namespaced',
      names: { plural: 'placements', singular: 'placement', kind: 'Placement' },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
        },
      ],
    },
  });
  spoke.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'argocd' } });
  spoke.create({
    apiVersion: 'cluster.example.io/v1',
    kind: 'Placement',
    metadata: { name: 'web', namespace: 'argocd' },
    status: { clusters: [{ clusterName: 'eu-1' }, { clusterName: 'not-registered' }] },
  });
  return spoke;
}
