import { randomBytes } from 'node:crypto';
import { startSpokeSim, type SpokeSim } from '@wheelwright/spoke-sim';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestHub, type TestHub } from './testing/test-hub.js';
import { send, type RestAnswer, type RestRequest } from './testing/rest.js';

let hub: TestHub;
let sim: SpokeSim;
/** In every credential that these specs send; it must come back in no answer. */
const CANARY = `canary-${randomBytes(8).toString('hex')}`;
const answers: string[] = [];

const anonymous = async (route: string, request: RestRequest = {}): Promise<RestAnswer> => {
  const answer = await send(hub.url, route, request);
  answers.push(answer.text);
  return answer;
};
const admin = (route: string, request: RestRequest = {}): Promise<RestAnswer> =>
  anonymous(route, { token: hub.adminToken, ...request });
const reader = (route: string, request: RestRequest = {}): Promise<RestAnswer> =>
  anonymous(route, { token: hub.readonlyToken, ...request });

const application = (name: string, destination: string): string =>
  `apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: { name: ${name} }
spec:
  source: { repoURL: 'https://git.example.com/org/app.git', path: deploy }
  destination: { name: ${destination}, namespace: app }
`;

function registration(name: string): Record<string, unknown> {
  const token = `${CANARY}-${name}`;
  const spoke = sim.addCluster(name, { token });
  return { name, server: spoke.url, labels: { env: 'test' }, credentials: { bearerToken: token } };
}

async function count(table: string): Promise<number> {
  const { rows } = await hub.parts.store.pool.query<{ n: number }>(`SELECT count(*)::int AS n FROM ${table}`);
  return rows[0]?.n ?? -1;
}

beforeAll(async () => {
  [hub, sim] = await Promise.all([startTestHub(), startSpokeSim()]);
});

afterAll(async () => {
  await hub.stop();
  await sim.close();
});

describe('clusters', () => {
  it('registers a spoke and shows it without its credentials', async () => {
    const created = await admin('POST /api/v1/clusters', { body: registration('eu-1') });
    expect(created.status).toBe(201);
    expect(created.body).toMatchObject({
      name: 'eu-1',
      state: 'Connected',
      credentials: 'bearerToken',
      labels: { env: 'test' },
    });
    expect((await reader('GET /api/v1/clusters/eu-1')).body).toEqual(created.body);
    expect((await reader('GET /api/v1/clusters')).body).toMatchObject({
      items: [created.body, { name: 'in-cluster', isHub: true }],
    });
  });

  it('refuses a name or an address that is taken', async () => {
    const first = registration('eu-2');
    expect((await admin('POST /api/v1/clusters', { body: first })).status).toBe(201);
    expect(
      (await admin('POST /api/v1/clusters', { body: { ...first, server: `${String(first['server'])}x` } })).body,
    ).toMatchObject({ code: 'Conflict' });
    expect((await admin('POST /api/v1/clusters', { body: { ...first, name: 'other' } })).status).toBe(409);
  });

  it('A kubeconfig is code: unknown fields, exec and file references are 422 with a pointer', async () => {
    const base = registration('eu-3');
    const cases: [object, string][] = [
      [{ ...base, exec: { command: 'sh' } }, '/exec'],
      [{ ...base, credentials: { bearerToken: CANARY, tokenFile: '/etc/passwd' } }, '/credentials/tokenFile'],
      [{ ...base, tls: { caFile: '/etc/ca' } }, '/tls/caFile'],
      [{ ...base, server: 'file:///etc/passwd' }, '/server'],
      [{ ...base, labels: { a: 5 } }, '/labels/a'],
    ];
    for (const [body, pointer] of cases) {
      const refused = await admin('POST /api/v1/clusters', { body });
      expect([refused.status, refused.type]).toEqual([422, 'application/problem+json']);
      expect(refused.body['errors']).toContainEqual(expect.objectContaining({ pointer }));
    }
  });

  it('refuses a spoke that does not answer or does not know the token, unless verify=false', async () => {
    const wrong = { ...registration('eu-4'), credentials: { bearerToken: `${CANARY}-wrong` } };
    expect((await admin('POST /api/v1/clusters', { body: wrong })).body).toMatchObject({
      status: 422,
      code: 'SpokeUnauthorized',
    });
    const gone = { name: 'gone', server: 'http://127.0.0.1:9', credentials: { bearerToken: CANARY } };
    expect((await admin('POST /api/v1/clusters', { body: gone })).body).toMatchObject({
      status: 422,
      code: 'SpokeUnreachable',
    });
    const kept = await admin('POST /api/v1/clusters?verify=false', { body: gone });
    expect([kept.status, kept.body['state']]).toEqual([201, 'Unreachable']);
    expect((await admin('POST /api/v1/clusters?verify=maybe', { body: gone })).status).toBe(400);
  });

  it('SSRF via cluster: a metadata address is refused', async () => {
    const body = { name: 'meta', server: 'https://169.254.169.254', credentials: { bearerToken: CANARY } };
    expect((await admin('POST /api/v1/clusters', { body })).status).toBe(422);
  });

  it('patches, pages and deletes', async () => {
    await admin('POST /api/v1/clusters', { body: registration('us-1') });
    const patched = await admin('PATCH /api/v1/clusters/us-1', {
      body: { labels: { env: null, tier: 'one' }, paused: true },
    });
    expect(patched.body).toMatchObject({ labels: { tier: 'one' }, paused: true, state: 'Paused' });
    expect((await admin('PATCH /api/v1/clusters/us-1', { body: { server: 'https://x' } })).status).toBe(422);
    const first = await reader('GET /api/v1/clusters?limit=1');
    const second = await reader(`GET /api/v1/clusters?limit=1&after=${String(first.body['next'])}`);
    expect(first.body['items']).not.toEqual(second.body['items']);
    expect((await reader('GET /api/v1/clusters?limit=0')).status).toBe(400);
    expect((await reader('GET /api/v1/clusters?after=nonsense')).status).toBe(400);
    expect((await admin('DELETE /api/v1/clusters/us-1')).body).toEqual({ result: 'deleted', applications: 0 });
    expect((await admin('DELETE /api/v1/clusters/us-1')).body).toMatchObject({ code: 'NotFound', status: 404 });
  });

  it('keeps a spoke that Applications target, unless a cascade says what becomes of them', async () => {
    await admin('POST /api/v1/clusters', { body: registration('us-2') });
    await admin('POST /api/v1/apply', { body: application('on-us-2', 'us-2') });
    expect((await admin('DELETE /api/v1/clusters/us-2')).body).toMatchObject({ status: 409, code: 'StillInUse' });
    expect((await admin('DELETE /api/v1/clusters/us-2?cascade=everything')).status).toBe(400);
    const requested = await admin('DELETE /api/v1/clusters/us-2?cascade=delete');
    expect([requested.status, requested.body]).toEqual([202, { result: 'requested', applications: 1 }]);
    expect((await admin('DELETE /api/v1/clusters/us-2?cascade=orphan')).body).toEqual({
      result: 'deleted',
      applications: 0,
    });
  });
});

describe('apply', () => {
  const project = (name: string): string =>
    `apiVersion: argoproj.io/v1alpha1\nkind: AppProject\nmetadata: { name: ${name} }\nspec: { sourceRepos: ['*'] }\n`;

  it('creates, configures and leaves alone, in the order of the text', async () => {
    const text = [application('one', 'eu-1'), project('team')].join('---\n');
    const entry = (kind: string, name: string, result: string) => ({ kind, name, namespace: 'argocd', result });
    const created = await admin('POST /api/v1/apply', { body: text });
    expect([created.status, created.body['objects']]).toEqual([
      200,
      [entry('Application', 'one', 'created'), entry('AppProject', 'team', 'created')],
    ]);
    const again = await admin('POST /api/v1/apply', { body: text.replace('path: deploy', 'path: other') });
    expect(again.body['objects']).toEqual([
      entry('Application', 'one', 'configured'),
      entry('AppProject', 'team', 'unchanged'),
    ]);
  });

  it('takes YAML, JSON and plain text alike', async () => {
    const json = { apiVersion: 'argoproj.io/v1alpha1', kind: 'AppProject', metadata: { name: 'types' } };
    for (const type of ['application/json', 'application/yaml', 'text/yaml', 'text/plain; charset=utf-8']) {
      expect((await admin('POST /api/v1/apply', { body: JSON.stringify(json), type })).status).toBe(200);
    }
    expect((await admin('POST /api/v1/apply', { body: 'a: 1', type: 'image/png' })).body).toMatchObject({
      status: 415,
      code: 'UnsupportedMediaType',
    });
  });

  it('is all or nothing, and names every fault with line and pointer', async () => {
    const before = await count('applications');
    const broken = application('three', 'eu-1').replace('path: deploy', 'path: [x]');
    const refused = await admin('POST /api/v1/apply', {
      body: [application('two', 'eu-1'), broken, 'kind: Rollout\napiVersion: argoproj.io/v1alpha1\n'].join('---\n'),
    });
    expect(refused.body).toMatchObject({
      status: 422,
      code: 'InvalidDocument',
      errors: [
        expect.objectContaining({ document: 2, line: 12, pointer: '/spec/source/path', code: 'InvalidDocument' }),
        expect.objectContaining({ document: 3, line: 15, pointer: '/kind', code: 'UnsupportedKind' }),
      ],
    });
    expect(await count('applications')).toBe(before);
    expect(
      (await admin('POST /api/v1/apply', { body: 'kind: Rollout\napiVersion: argoproj.io/v1alpha1\n' })).body,
    ).toMatchObject({ code: 'UnsupportedKind', status: 422 });
  });

  it('refuses what a project does not permit, also one of the same text, and says where (enforced at apply)', async () => {
    const strict = `apiVersion: argoproj.io/v1alpha1
kind: AppProject
metadata: { name: strict }
spec: { sourceRepos: ['https://git.example.com/allowed/*'], destinations: [{ name: '*', namespace: team }] }
`;
    const denied = application('denied', 'eu-1').replace('spec:', 'spec:\n  project: strict');
    const answer = await admin('POST /api/v1/apply', { body: `${strict}---\n${denied}` });
    expect(answer.status).toBe(403);
    expect(answer.body).toMatchObject({
      type: 'urn:wheelwright:error:PolicyDenied',
      detail: expect.stringContaining('project strict') as unknown,
      errors: [{ pointer: '/spec', line: expect.any(Number) as unknown }],
    });
    const { rows } = await hub.parts.store.pool.query(
      `SELECT name FROM projects WHERE name = 'strict' UNION SELECT name FROM applications WHERE name = 'denied'`,
    );
    expect(rows).toEqual([]);
  });

  it('keeps nothing of a dry run', async () => {
    const before = [await count('applications'), await count('clusters'), await count('outbox')];
    const answer = await admin('POST /api/v1/apply?dryRun=true', {
      body: `${application('dry', 'eu-1')}---\n${secret('dry-spoke', 'https://dry.example.com')}`,
    });
    expect(answer.body).toMatchObject({
      dryRun: true,
      objects: [
        { name: 'dry', result: 'created' },
        { kind: 'Cluster', name: 'dry-spoke', result: 'created' },
      ],
    });
    expect([await count('applications'), await count('clusters')]).toEqual(before.slice(0, 2));
    expect((await admin('POST /api/v1/apply?dryRun=perhaps', { body: project('x') })).status).toBe(400);
  });

  const secret = (name: string, server: string, config: object = { bearerToken: CANARY }): string =>
    `apiVersion: v1
kind: Secret
metadata:
  name: ${name}-secret
  labels: { argocd.argoproj.io/secret-type: cluster, region: eu }
stringData:
  name: ${name}
  server: ${server}
  config: '${JSON.stringify(config)}'
`;

  it('registers a cluster Secret, for an Application of the same text too', async () => {
    const text = [application('with-spoke', 'argo-1'), secret('argo-1', 'https://argo-1.example.com/')].join('---\n');
    const answer = await admin('POST /api/v1/apply', { body: text });
    expect(answer.body['objects']).toMatchObject([
      { name: 'with-spoke', result: 'created' },
      { kind: 'Cluster', name: 'argo-1', result: 'created' },
    ]);
    expect((await admin('POST /api/v1/apply', { body: text })).body['objects']).toMatchObject([
      { result: 'unchanged' },
      { result: 'unchanged' },
    ]);
    const { rows } = await hub.parts.store.pool.query(
      'SELECT c.name FROM applications a JOIN clusters c ON c.id = a.cluster_id WHERE a.name = $1',
      ['with-spoke'],
    );
    expect(rows).toEqual([{ name: 'argo-1' }]);
    expect((await reader('GET /api/v1/clusters/argo-1')).body).toMatchObject({
      server: 'https://argo-1.example.com',
      labels: { region: 'eu' },
      state: 'Pending',
    });
  });

  it('refuses a cluster Secret that runs programs, with line and pointer, and writes nothing', async () => {
    const text = [
      application('never', 'eu-1'),
      secret('exec', 'https://exec.example.com', { execProviderConfig: { command: CANARY } }),
    ].join('---\n');
    const refused = await admin('POST /api/v1/apply', { body: text });
    expect(refused.status).toBe(422);
    expect(refused.body['errors']).toEqual([
      expect.objectContaining({ document: 2, line: 16, pointer: '/stringData/config/execProviderConfig' }),
    ]);
    const { rowCount } = await hub.parts.store.pool.query(`SELECT 1 FROM applications WHERE name = 'never'`);
    expect(rowCount).toBe(0);
  });

  it('reports unknown fields as warnings', async () => {
    const answer = await admin('POST /api/v1/apply', {
      body: `${project('warned')}  typo: 1\n`.replace('spec: {', 'extra: 1\nspec: {').replace('  typo: 1\n', ''),
    });
    expect(answer.body['warnings']).toEqual([expect.objectContaining({ line: 4, pointer: '/extra' })]);
  });

  it('YAML/JSON/archive bombs bounded: too large, too deep, not UTF-8', async () => {
    expect((await admin('POST /api/v1/apply', { body: ' '.repeat(6 * 1024 * 1024) })).body).toMatchObject({
      status: 413,
      code: 'PayloadTooLarge',
    });
    expect((await admin('POST /api/v1/apply', { body: '['.repeat(9_999) })).status).toBe(422);
    const bytes = await fetch(`${hub.url}/api/v1/apply`, {
      method: 'POST',
      headers: { authorization: `Bearer ${hub.adminToken}`, 'content-type': 'text/yaml' },
      body: new Uint8Array([0xff, 0xfe]),
    });
    expect(bytes.status).toBe(400);
    expect((await admin('GET /readyz')).status).toBe(200);
  });

  it('deletes Applications and sets', async () => {
    await admin('POST /api/v1/apply', { body: application('gone', 'nowhere') });
    expect((await admin('DELETE /api/v1/applications/gone?cascade=false')).body).toEqual({ result: 'deleted' });
    expect((await admin('DELETE /api/v1/applications/gone')).body).toMatchObject({ status: 404, code: 'NotFound' });
    const requested = await admin('DELETE /api/v1/applications/one?cascade=true');
    expect([requested.status, requested.body]).toEqual([202, { result: 'requested' }]);
    const set = `apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: { name: set }\nspec: { generators: [{ list: { elements: [] } }], template: { metadata: { name: x } } }\n`;
    expect((await admin('POST /api/v1/apply', { body: set })).status).toBe(200);
    expect((await admin('DELETE /api/v1/applicationsets/set?cascade=maybe')).status).toBe(400);
    expect((await admin('DELETE /api/v1/applicationsets/set?cascade=orphan')).body).toEqual({
      deleted: 0,
      requested: 0,
      orphaned: 0,
      handedOver: 0,
    });
    expect((await admin('DELETE /api/v1/applicationsets/set')).status).toBe(404);
  });
});

describe('sessions and tokens', () => {
  it('logs in, says who, logs out', async () => {
    const login = await anonymous('POST /api/v1/session', { body: { username: 'admin', password: hub.adminPassword } });
    expect([login.status, Object.keys(login.body)]).toEqual([200, ['token', 'expiresAt']]);
    expect((await reader('GET /api/v1/session')).body).toMatchObject({
      name: 'token:reader',
      role: 'readonly',
      via: 'token',
    });
    expect((await reader('DELETE /api/v1/session')).status).toBe(204);
  });

  it('refuses wrong credentials, bad bodies and bad JSON', async () => {
    const wrong = await anonymous('POST /api/v1/session', { body: { username: 'admin', password: `${CANARY}-guess` } });
    expect([wrong.status, wrong.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
    const closed = await anonymous('POST /api/v1/session', {
      body: { username: 'admin', password: CANARY, remember: true },
    });
    expect(closed.body).toMatchObject({ status: 422, errors: [{ pointer: '/remember' }] });
    expect((await anonymous('POST /api/v1/session', { body: '{', type: 'application/json' })).body).toMatchObject({
      status: 400,
      code: 'InvalidRequest',
    });
    expect(
      (await anonymous('POST /api/v1/session', { body: '{"__proto__": {}}', type: 'application/json' })).status,
    ).toBe(400);
    expect((await anonymous('POST /api/v1/session', { body: '', type: 'application/json' })).status).toBe(422);
    expect((await anonymous('POST /api/v1/session', { body: 'a: b' })).status).toBe(415);
    expect(
      (await anonymous('POST /api/v1/session', { body: { username: 'x'.repeat(2_000_000), password: 'x' } })).status,
    ).toBe(413);
  });

  it('makes, lists and revokes API tokens', async () => {
    const created = await admin('POST /api/v1/tokens', { body: { name: 'ci', role: 'readonly' } });
    expect([created.status, String(created.body['token']).slice(0, 4)]).toEqual([201, 'wwt_']);
    expect((await admin('POST /api/v1/tokens', { body: { name: 'ci', role: 'readonly' } })).status).toBe(409);
    expect((await admin('POST /api/v1/tokens', { body: { name: 'a b', role: 'root' } })).body['errors']).toHaveLength(
      2,
    );
    expect(JSON.stringify((await admin('GET /api/v1/tokens')).body)).not.toContain(String(created.body['token']));
    // As clients do that name a type with every request.
    expect((await admin('DELETE /api/v1/tokens/ci', { body: '', type: 'application/json' })).status).toBe(204);
    expect((await anonymous('GET /api/v1/session', { token: String(created.body['token']) })).status).toBe(401);
    expect((await admin('DELETE /api/v1/tokens/ci')).status).toBe(404);
  });
});

describe('answers', () => {
  it('carry security headers and the request id', async () => {
    const answer = await anonymous('GET /healthz', { headers: { 'x-request-id': 'from-the-caller-1' } });
    expect(answer.headers.get('x-request-id')).toBe('from-the-caller-1');
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'");
    const made = await anonymous('GET /nowhere', { headers: { 'x-request-id': 'bad id <script>' } });
    expect(made.body['instance']).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('say only code and request id where the hub failed', async () => {
    await hub.parts.store.pool.query('ALTER TABLE api_tokens RENAME TO api_tokens_away');
    try {
      const failed = await admin('GET /api/v1/tokens');
      expect(Object.keys(failed.body).sort()).toEqual(['code', 'instance', 'status', 'title', 'type']);
      expect(failed.body).toMatchObject({ status: 500, code: 'Internal', type: 'urn:wheelwright:error:Internal' });
    } finally {
      await hub.parts.store.pool.query('ALTER TABLE api_tokens_away RENAME TO api_tokens');
    }
  });

  it('serve metrics to a token', async () => {
    await anonymous('GET /no/such/route');
    const { text } = await reader('GET /metrics');
    expect(text).toContain('process_cpu_seconds_total');
    const count = (labels: string): string => `wheelwright_http_request_seconds_count{service="hub",${labels}}`;
    expect(text).toContain(count('method="DELETE",route="/api/v1/clusters/:name",status="404"'));
    expect(text).toContain(count('method="GET",route="none",status="404"'));
    expect(text).not.toContain('/no/such/route');
  });
});

/** Last: everything above has put its answers in. */
describe('Cluster credentials never come back', () => {
  it('in no answer of these specs, and in no row as text', async () => {
    expect(answers.length).toBeGreaterThan(60);
    expect(answers.filter((text) => text.includes(CANARY))).toEqual([]);
    for (const table of [
      'clusters',
      'cluster_status',
      'cluster_credentials',
      'outbox',
      'applications',
      'login_attempts',
    ]) {
      const { rows } = await hub.parts.store.pool.query<{ row: string }>(`SELECT t::text AS row FROM ${table} t`);
      expect(rows.filter(({ row }) => row.includes(CANARY))).toEqual([]);
    }
  });
});
