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

let hub: TestHub;

beforeAll(async () => {
  hub = await startTestHub();
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
    const admin = route === 'DELETE /api/v1/session' ? 204 : await status(hub.adminToken);
    expect([route, [401, 403].includes(admin)]).toEqual([
      route,
      route === 'POST /webhooks/git' && [401, 403].includes(admin),
    ]);
    expect([route, (await status('wwt_unknown')) === 401]).toEqual([route, need !== 'public']);
  }
});

/** `UPDATE_GOLDEN=1 npx vitest run apps/hub/src/policy-matrix.spec.ts` rewrites it. */
it('openapi.json is what the hub serves', () => {
  const actual = `${JSON.stringify(describeApi(hub.hub.app), null, 2)}\n`;
  if (process.env['UPDATE_GOLDEN'] === '1' || !existsSync(OPENAPI)) writeFileSync(OPENAPI, actual);
  expect(JSON.parse(actual)).toEqual(JSON.parse(readFileSync(OPENAPI, 'utf8')));
});
