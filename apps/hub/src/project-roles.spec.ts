import {
  insertApplication,
  insertApplicationSet,
  insertCluster,
  insertHeldDeletion,
  insertProject,
  insertResource,
} from '@wheelwright/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startGraphqlHub, type GraphqlHub } from './testing/graphql-hub.js';
import { send, type RestAnswer } from './testing/rest.js';
import { askAs, roleToken } from './testing/role-token.js';

/** Words that stand for the project of another team: no answer to a role of `shop` may hold one. */
const SECRET = /bank|vault/i;
const ROLES = {
  all: ['applications', 'applicationsets', 'clusters'].map((resource) => `${resource}, *, shop/*, allow`),
  web: ['applications, get, shop/web, allow', 'applications, sync, shop/web, allow'],
  viewer: ['applications, get, shop/*, allow', 'applicationsets, get, shop/*, allow'],
  syncer: ['applications, sync, shop/*, allow'],
  nothing: [],
};
const OBSERVED = new Date('2026-11-01T10:00:00Z');
type RoleName = keyof typeof ROLES;

let hub: GraphqlHub;
const tokens = new Map<RoleName, string>();

beforeAll(async () => {
  hub = await startGraphqlHub();
  const { pool } = hub.parts.store;
  const roles = Object.entries(ROLES).map(([name, policies]) => ({
    name,
    policies: policies.map((policy) => `p, proj:shop:${name}, ${policy}`),
  }));
  await insertProject(pool, {
    name: 'shop',
    spec: { roles, sourceRepos: ['https://git.example.com/shop/**'], destinations: [{ server: '*', namespace: '*' }] },
  });
  await insertProject(pool, { name: 'bank', spec: { description: 'the bank' } });
  const shared = await insertCluster(pool, { name: 'shared', observedAt: OBSERVED });
  const own = await insertCluster(pool, { name: 'own', project: 'shop' });
  const vault = await insertCluster(pool, { name: 'vault', project: 'bank' });
  const sets = {
    shop: await insertApplicationSet(pool, { name: 'shop-set', project: 'shop' }),
    bank: await insertApplicationSet(pool, { name: 'bank-set', project: 'bank' }),
    mixed: await insertApplicationSet(pool, { name: 'mixed-set', project: 'shop' }),
  };
  const web = await insertApplication(pool, { name: 'web', project: 'shop', clusterId: shared, sync: 'OutOfSync' });
  await insertApplication(pool, { name: 'api', project: 'shop', clusterId: own, setId: sets.shop });
  const bank = await insertApplication(pool, { name: 'bank', project: 'bank', clusterId: shared, setId: sets.bank });
  await insertApplication(pool, { name: 'bank-vault', project: 'bank', clusterId: vault, setId: sets.mixed });
  for (const setId of Object.values(sets)) await insertHeldDeletion(pool, { owner: { setId }, names: ['x'] });
  await insertHeldDeletion(pool, { owner: { applicationId: bank }, names: ['/Service/bank/bank'] });
  await insertHeldDeletion(pool, { owner: { applicationId: web }, names: ['/Service/a/web'] });
  for (const applicationId of [web, bank])
    await insertResource(pool, {
      applicationId,
      clusterId: shared,
      kind: 'Service',
      name: applicationId === bank ? 'bank' : 'web',
    });
  for (const name of Object.keys(ROLES) as RoleName[]) tokens.set(name, await roleToken(hub, `proj:shop:${name}`));
});

afterAll(() => hub.stop());

const ask = (role: RoleName, query: string) => askAs(hub, tokens.get(role) ?? '', query);
const rest = (role: RoleName, route: string, body?: string): Promise<RestAnswer> =>
  send(hub.url, route, { token: tokens.get(role) ?? '', ...(body === undefined ? {} : { body }) });

async function dataOf(role: RoleName, query: string): Promise<unknown> {
  const { data, errors } = await ask(role, query);
  expect(errors).toEqual([]);
  return data;
}

const COUNTS = `total sync { synced outOfSync }`;
const FLEET = `{ fleet { applications { ${COUNTS} } clusters { total } } }`;

describe('Scope is enforced on every path: a role of a project sees its project', () => {
  it('in lists, counts, names, nested fields and the fleet', async () => {
    const data = await dataOf(
      'all',
      `{ applications { totalCount nodes { name project cluster { name applications { total } } set { name counts { total } heldDeletion { names } }
           resources { totalCount nodes { name } } heldDeletion { names } } }
         applicationSets { totalCount nodes { name counts { total } } }
         projects { totalCount nodes { name applications { ${COUNTS} } } }
         fleet { applications { ${COUNTS} } clusters { total } } }`,
    );
    expect(JSON.stringify(data)).not.toMatch(SECRET);
    expect(data).toMatchObject({
      applications: {
        totalCount: 2,
        nodes: [
          {
            name: 'api',
            cluster: { name: 'own', applications: { total: 1 } },
            set: { name: 'shop-set', counts: { total: 1 } },
          },
          { name: 'web', cluster: null, set: null, resources: { totalCount: 1, nodes: [{ name: 'web' }] } },
        ],
      },
      // The mixed set stands in the project; what it has elsewhere is not counted.
      applicationSets: { totalCount: 2, nodes: [{ name: 'mixed-set', counts: { total: 0 } }, { name: 'shop-set' }] },
      projects: { totalCount: 1, nodes: [{ name: 'shop', applications: { total: 2 } }] },
      fleet: { applications: { total: 2, sync: { synced: 1, outOfSync: 1 } }, clusters: { total: 1 } },
    });
  });

  it.each([
    `applications(filter: { text: "bank" }) { totalCount nodes { name } }`,
    `applications(filter: { project: "bank" }) { totalCount nodes { name } }`,
    `applications(filter: { cluster: "vault" }) { totalCount nodes { name } }`,
    `applications(filter: { set: "bank-set" }) { totalCount nodes { name } }`,
    `applications(filter: { set: "mixed-set" }) { totalCount nodes { name } }`,
    `applications(filter: { clusterSelector: "!none", project: "bank" }) { totalCount nodes { name } }`,
    `applicationSets(filter: { text: "bank" }) { totalCount nodes { name } }`,
    `projects(filter: { text: "bank" }) { totalCount nodes { name } }`,
  ])('and nothing by %s', async (field) => {
    expect(await dataOf('all', `{ list: ${field} }`)).toEqual({ list: { totalCount: 0, nodes: [] } });
  });

  it.each([
    'application(name: "bank") { name diff { action } }',
    'applicationSet(name: "bank-set") { name }',
    'project(name: "bank") { name }',
  ])('and what is of others is as what is not there: %s', async (field) => {
    expect(await dataOf('all', `{ found: ${field} }`)).toEqual({ found: null });
    expect(await dataOf('all', `{ found: ${field.replace(/"bank[-a-z]*"/, '"no-such"')} }`)).toEqual({ found: null });
  });

  it('and of the project only what its policies name', async () => {
    expect(
      await dataOf(
        'web',
        `{ applications { totalCount nodes { name observedAt } } projects { nodes { applications { ${COUNTS} } } } }`,
      ),
    ).toEqual({
      applications: { totalCount: 1, nodes: [{ name: 'web', observedAt: OBSERVED.toISOString() }] },
      projects: { nodes: [{ applications: { total: 1, sync: { synced: 0, outOfSync: 1 } } }] },
    });
    expect(await dataOf('web', FLEET)).toEqual({
      fleet: { applications: { total: 1, sync: { synced: 0, outOfSync: 1 } }, clusters: { total: 0 } },
    });
    expect(await dataOf('web', `{ applications(filter: { sync: [Synced] }) { totalCount } }`)).toEqual({
      applications: { totalCount: 0 },
    });
    expect(await dataOf('viewer', `{ application(name: "api") { name cluster { name } } }`)).toEqual({
      application: { name: 'api', cluster: null },
    });
  });

  it.each<[RoleName, string]>([
    ['nothing', `{ applications { totalCount } }`],
    ['nothing', FLEET],
    ['syncer', `{ applications { totalCount } }`],
    ['web', `{ applicationSets { totalCount } }`],
    ['all', `{ clusters { totalCount } }`],
    ['all', `{ cluster(name: "own") { name } }`],
    ['all', `mutation { freezeFleet(reason: "x") { __typename } }`],
    ['all', `mutation { pauseCluster(name: "own") { __typename } }`],
    ['viewer', `mutation { syncApplication(name: "web") { __typename } }`],
    ['viewer', `mutation { approveDeletion(set: "shop-set") { __typename } }`],
  ])('and %s is refused %s', async (role, query) => {
    const { errors } = await ask(role, query);
    expect(errors.map(({ extensions }) => extensions.code)).toEqual(['Forbidden']);
  });
});

const REFUSAL = `... on Refusal { __typename code message }`;

describe('what a role may do, it may do to its own', () => {
  it('sync', async () => {
    const sync = (name: string) => `mutation { result: syncApplication(name: "${name}") { __typename ${REFUSAL} } }`;
    for (const role of ['all', 'web', 'syncer'] as const)
      expect(await dataOf(role, sync('web'))).toEqual({ result: { __typename: 'SyncAccepted' } });
    for (const [role, name] of [
      ['all', 'bank'],
      ['all', 'no-such'],
      ['web', 'api'],
      ['syncer', 'bank'],
    ] as const)
      expect(await dataOf(role, sync(name))).toEqual({
        result: { __typename: 'NotFound', code: 'NotFound', message: `there is no Application "${name}"` },
      });
  });

  it('approve held deletions', async () => {
    const approve = (target: string) => `mutation { result: approveDeletion(${target}) { __typename ${REFUSAL} } }`;
    for (const target of ['set: "bank-set"', 'set: "no-such"', 'application: "bank"', 'application: "no-such"'])
      expect(await dataOf('all', approve(target))).toMatchObject({
        result: { __typename: 'NotFound', message: 'no deletion is held there' },
      });
    for (const target of ['set: "shop-set"', 'application: "web"'])
      expect(await dataOf('all', approve(target))).toEqual({ result: { __typename: 'DeletionApproved' } });
    const mixed = await ask('all', approve('set: "mixed-set"'));
    expect(mixed.errors).toMatchObject([{ extensions: { code: 'Forbidden' } }]);
    expect(JSON.stringify(mixed)).not.toMatch(SECRET);
  });

  it.each([
    ['all', 'DELETE /api/v1/applications/bank', 404],
    ['all', 'DELETE /api/v1/applications/bank?dryRun=true', 404],
    ['all', 'DELETE /api/v1/applications/no-such', 404],
    ['all', 'DELETE /api/v1/applications/web?dryRun=true', 200],
    ['all', 'DELETE /api/v1/applicationsets/bank-set', 404],
    ['all', 'DELETE /api/v1/applicationsets/mixed-set', 403],
    ['all', 'DELETE /api/v1/applicationsets/shop-set?dryRun=true', 200],
    ['all', 'DELETE /api/v1/projects/shop', 403],
    ['viewer', 'DELETE /api/v1/applications/web', 403],
    ['viewer', 'DELETE /api/v1/applications/bank', 403],
    ['all', 'POST /api/v1/preview?name=bank-set', 404],
    ['all', 'POST /api/v1/preview?name=no-such', 404],
    ['all', 'POST /api/v1/preview?name=mixed-set', 403],
  ] as const)('%s: %s answers %i', async (role, route, status) => {
    const answer = await rest(role, route);
    expect([answer.status, answer.text]).toEqual([status, expect.any(String)]);
    expect(answer.text.replace(/bank(-set)?/g, (word) => (route.includes(word) ? '' : word))).not.toMatch(SECRET);
  });
});

const application = (name: string, project: string): string => `apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: { name: ${name} }
spec:
  project: ${project}
  source: { repoURL: 'https://git.example.com/shop/config', path: a }
  destination: { server: https://own.example.com:6443, namespace: a }
`;

const set = (name: string, spec: string): string => `apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: { name: ${name} }
spec:
${spec}
  template:
    metadata: { name: '{{name}}' }
    spec:
      project: shop
      source: { repoURL: 'https://git.example.com/shop/config', path: a }
      destination: { server: https://own.example.com:6443, namespace: a }
`;
const LIST = `  generators: [{ list: { elements: [{ name: fresh }] } }]`;

describe('apply', () => {
  const apply = (role: RoleName, text: string, query = ''): Promise<RestAnswer> =>
    rest(role, `POST /api/v1/apply${query}`, text);

  it('takes Applications and sets of the project', async () => {
    const answer = await apply(
      'all',
      `${application('fresh', 'shop')}---\n${application('web', 'shop')}---\n${set('fresh-set', LIST)}`,
    );
    expect([answer.status, answer.body['objects']]).toEqual([
      200,
      [
        { kind: 'Application', name: 'fresh', namespace: 'argocd', result: 'created' },
        { kind: 'Application', name: 'web', namespace: 'argocd', result: 'configured' },
        { kind: 'ApplicationSet', name: 'fresh-set', namespace: 'argocd', result: 'created' },
      ],
    ]);
  });

  it('gives the same answer for the name of another project and one that is not permitted', async () => {
    const [taken, foreign] = [
      await apply('all', application('bank', 'shop')),
      await apply('all', application('new', 'bank')),
    ];
    expect([taken.status, foreign.status]).toEqual([403, 403]);
    expect(String(taken.body['detail']).replace('bank', 'new')).toBe(foreign.body['detail']);
    expect(await hub.parts.store.pool.query(`SELECT project FROM applications WHERE name = 'bank'`)).toMatchObject({
      rows: [{ project: 'bank' }],
    });
  });

  it.each<[string, string, RegExp]>([
    ['a role that may only look', application('web', 'shop'), /no policy of proj:shop:viewer/],
    [
      'a project',
      `apiVersion: argoproj.io/v1alpha1\nkind: AppProject\nmetadata: { name: shop }\nspec: { sourceRepos: ['*'] }\n`,
      /AppProject: only administrators/,
    ],
    [
      'a Secret',
      `apiVersion: v1\nkind: Secret\nmetadata: { name: a, namespace: argocd, labels: { app.kubernetes.io/part-of: argocd } }\nstringData: { a: b }\n`,
      /Secret: only administrators/,
    ],
    [
      'a templated project',
      set('s', LIST).replace('project: shop', "project: '{{name}}'"),
      /ApplicationSet s: no policy/,
    ],
    [
      'a patch',
      set('s', `${LIST}\n  templatePatch: 'spec: { project: bank }'`),
      /templatePatch|could change the project/,
    ],
    [
      'the template of a generator',
      set(
        's',
        `  generators: [{ list: { elements: [{ name: a }], template: { metadata: {}, spec: { project: bank } } } }]`,
      ),
      /must be written out as/,
    ],
    [
      'a foreign repository',
      set(
        's',
        `  generators: [{ git: { repoURL: 'https://git.example.com/bank/config', revision: HEAD, directories: [{ path: '*' }] } }]`,
      ),
      /is not permitted/,
    ],
    [
      'a templated repository',
      set(
        's',
        `  generators: [{ matrix: { generators: [{ list: { elements: [{ name: a }] } }, { git: { repoURL: 'https://git.example.com/shop/{{name}}', revision: HEAD, directories: [{ path: '*' }] } }] } }]`,
      ),
      /must be written out/,
    ],
    [
      'a generator with credentials',
      set(
        's',
        `  generators: [{ scmProvider: { github: { organization: o, api: 'https://attacker.example.com', tokenRef: { secretName: s, key: k } } } }]`,
      ),
      /credentials of the hub/,
    ],
    ['a set with Applications of others', set('mixed-set', LIST), /mixed-set: no policy/],
  ])('refuses %s, to write and to preview', async (what, text, words) => {
    const role = what === 'a role that may only look' ? 'viewer' : 'all';
    for (const query of ['', '?dryRun=true']) {
      const answer = await apply(role, text, query);
      expect([answer.status, answer.text]).toEqual([
        403,
        expect.stringMatching(role === 'viewer' ? /Not allowed/ : words),
      ]);
    }
    if (text.includes('kind: ApplicationSet'))
      expect((await rest(role, 'POST /api/v1/preview', text)).status).toBe(403);
  });

  it('shows where in the text', async () => {
    const { body } = await apply('all', `${application('fresh', 'shop')}---\n${application('other', 'bank')}`);
    expect(body['errors']).toMatchObject([
      { message: expect.stringContaining('Application other'), line: expect.any(Number) },
    ]);
  });
});
