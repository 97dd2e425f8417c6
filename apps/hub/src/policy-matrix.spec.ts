import { writeFileSync, readFileSync, existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeApi } from './http/api-docs.js';
import { send } from './testing/rest.js';
import { startTestHub, type TestHub } from './testing/test-hub.js';

const OPENAPI = fileURLToPath(new URL('../openapi.json', import.meta.url));
/** Every route, and who gets past the guard. A new route fails here until somebody has said who may call it. */
const MATRIX: Readonly<Record<string, 'public' | 'readonly' | 'admin'>> = {
  'GET /healthz': 'public',
  'GET /readyz': 'public',
  'POST /api/v1/session': 'public',
  'POST /webhooks/git': 'public',
  'GET /api/v1/session': 'readonly',
  'GET /api/v1/clusters': 'readonly',
  'GET /api/v1/clusters/{name}': 'readonly',
  'GET /metrics': 'readonly',
  'DELETE /api/v1/session': 'readonly',
  'POST /api/v1/clusters': 'admin',
  'PATCH /api/v1/clusters/{name}': 'admin',
  'DELETE /api/v1/clusters/{name}': 'admin',
  'POST /api/v1/apply': 'admin',
  'POST /api/v1/preview': 'readonly',
  'DELETE /api/v1/applications/{name}': 'admin',
  'DELETE /api/v1/applicationsets/{name}': 'admin',
  'DELETE /api/v1/projects/{name}': 'admin',
  'GET /api/v1/generator-inputs': 'readonly',
  'DELETE /api/v1/generator-inputs/{kind}/{namespace}/{name}': 'admin',
  'POST /api/v1/tokens': 'admin',
  'GET /api/v1/tokens': 'admin',
  'DELETE /api/v1/tokens/{name}': 'admin',
};

/** What a project role gets past the guard to, with every policy that there is; what it may do there is decided by the object. */
const OF_PROJECT_ROLES: ReadonlySet<string> = new Set([
  'GET /api/v1/session',
  'DELETE /api/v1/session',
  'POST /api/v1/apply',
  'POST /api/v1/preview',
  'DELETE /api/v1/applications/{name}',
  'DELETE /api/v1/applicationsets/{name}',
]);
const PROJECT = `apiVersion: argoproj.io/v1alpha1
kind: AppProject
metadata: { name: shop }
spec:
  roles:
    - name: ci
      policies:
        - p, proj:shop:ci, applications, *, shop/*, allow
        - p, proj:shop:ci, applicationsets, *, shop/*, allow
        - p, proj:shop:ci, clusters, *, shop/*, allow
        - p, proj:shop:ci, repositories, *, shop/*, allow
`;

let hub: TestHub;
let roleToken: string;

beforeAll(async () => {
  hub = await startTestHub();
  await send(hub.url, 'POST /api/v1/apply', { token: hub.adminToken, body: PROJECT });
  const body = { name: 'ci', role: 'proj:shop:ci' };
  const created = await send(hub.url, 'POST /api/v1/tokens', { token: hub.adminToken, body });
  expect([created.status, created.body['role']]).toEqual([201, 'proj:shop:ci']);
  roleToken = String(created.body['token']);
});

afterAll(() => hub.stop());

function routes(): string[] {
  const { paths } = describeApi(hub.hub.app);
  return Object.entries(paths).flatMap(([path, item]) =>
    Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`),
  );
}

it('Scope is enforced on every path: route x role', async () => {
  expect(routes().sort()).toEqual(Object.keys(MATRIX).sort());
  for (const [route, need] of Object.entries(MATRIX)) {
    const path = route.replace('{name}', 'no-such-thing');
    const status = async (token?: string): Promise<number> =>
      (await send(hub.url, path, token === undefined ? {} : { token })).status;
    const anonymous = await status();
    expect([route, anonymous === 401]).toEqual([route, need !== 'public' && true]);
    const reader = await status(hub.readonlyToken);
    expect([route, reader === 403]).toEqual([route, need === 'admin']);
    const projectRole = await status(roleToken);
    expect([route, projectRole === 403]).toEqual([route, need !== 'public' && !OF_PROJECT_ROLES.has(route)]);
    const admin = route === 'DELETE /api/v1/session' ? 204 : await status(hub.adminToken);
    expect([route, [401, 403].includes(admin)]).toEqual([
      route,
      route === 'POST /webhooks/git' && [401, 403].includes(admin),
    ]);
    expect([route, (await status('wwt_unknown')) === 401]).toEqual([route, need !== 'public']);
  }
});

it('makes no token for a role that no project declares', async () => {
  const refused = { 'proj:shop:other': 400, 'proj:nowhere:ci': 400, 'proj:shop': 422, root: 422 };
  for (const [role, status] of Object.entries(refused)) {
    const answer = await send(hub.url, 'POST /api/v1/tokens', { token: hub.adminToken, body: { name: 'x', role } });
    expect([role, answer.status]).toEqual([role, status]);
    expect(answer.text).toMatch(/declares no role|must be admin, readonly or a role of a project/);
  }
});

/** `UPDATE_GOLDEN=1 npx vitest run apps/hub/src/policy-matrix.spec.ts` rewrites it. */
it('openapi.json is what the hub serves', () => {
  const actual = `${JSON.stringify(describeApi(hub.hub.app), null, 2)}\n`;
  if (process.env['UPDATE_GOLDEN'] === '1' || !existsSync(OPENAPI)) writeFileSync(OPENAPI, actual);
  expect(JSON.parse(actual)).toEqual(JSON.parse(readFileSync(OPENAPI, 'utf8')));
});
