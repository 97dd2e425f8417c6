import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { send, type RestAnswer, type RestRequest } from '../testing/rest.js';
import { startTestHub, type TestHub } from '../testing/test-hub.js';

let hub: TestHub;
/** In every text of a Secret that these specs send; it must come back in no answer and stand in no row. */
const CANARY = `canary-${randomBytes(8).toString('hex')}`;
const answers: string[] = [];

async function call(route: string, request: RestRequest = {}): Promise<RestAnswer> {
  const answer = await send(hub.url, route, { token: hub.adminToken, ...request });
  answers.push(answer.text);
  return answer;
}

const LABELS = 'labels: { argocd.argoproj.io/secret-type: scm-creds }';
const secret = (name: string, text: string): string =>
  `apiVersion: v1\nkind: Secret\nmetadata: { name: ${name}, ${LABELS} }\nstringData: { token: ${text} }\n`;
const set = `apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: { name: previews }
spec:
  generators:
    - pullRequest: { github: { owner: acme, repo: web, tokenRef: { secretName: github, key: token } } }
  template:
    metadata: { name: 'web-{{number}}' }
    spec:
      source: { repoURL: 'https://git.example.com/acme/web.git', path: deploy, targetRevision: '{{head_sha}}' }
      destination: { name: nowhere, namespace: app }
`;

async function expansionsAsked(): Promise<number> {
  const { rows } = await hub.parts.store.pool.query<{ n: number }>(
    `SELECT count(*)::int AS n FROM set_dependencies WHERE kind = 'input'`,
  );
  return rows[0]?.n ?? -1;
}

beforeAll(async () => {
  hub = await startTestHub();
});
afterAll(() => hub.stop());

describe('inputs of generators', () => {
  it('come through apply beside the set that names them', async () => {
    const answer = await call('POST /api/v1/apply', { body: `${secret('github', CANARY)}---\n${set}` });
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({
      objects: [
        { kind: 'Secret', name: 'github', namespace: 'argocd', result: 'created' },
        { kind: 'ApplicationSet', name: 'previews', result: 'created' },
      ],
    });
    expect(await expansionsAsked()).toBe(1);
    const again = await call('POST /api/v1/apply', { body: secret('github', CANARY) });
    expect(again.body).toMatchObject({ objects: [{ result: 'unchanged' }] });
  });

  it('keep nothing of a dry run', async () => {
    const answer = await call('POST /api/v1/apply?dryRun=true', { body: secret('other', CANARY) });
    expect(answer.body).toMatchObject({ objects: [{ kind: 'Secret', result: 'created' }] });
    const { body } = await call('GET /api/v1/generator-inputs');
    expect(JSON.stringify(body)).not.toContain('other');
  });

  it('are listed by name, for readers too, and deleted by administrators only', async () => {
    const { body } = await call('GET /api/v1/generator-inputs', { token: hub.readonlyToken });
    expect(body).toMatchObject({
      items: [{ kind: 'Secret', namespace: 'argocd', name: 'github', keys: ['token'] }],
    });
    const route = 'DELETE /api/v1/generator-inputs/Secret/argocd/github';
    expect((await call(route, { token: hub.readonlyToken })).status).toBe(403);
    expect((await call('DELETE /api/v1/generator-inputs/Pod/argocd/github')).status).toBe(400);
    expect((await call(route)).status).toBe(204);
    expect((await call(route)).status).toBe(404);
  });

  it('that are no inputs are refused with what to do', async () => {
    const body = 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: plain }\n';
    const answer = await call('POST /api/v1/apply', { body });
    expect(answer.status).toBe(422);
    expect(answer.text).toContain('wheelwright.dev/generator-input');
  });

  it('never come back: in no answer, and in no row as text', async () => {
    await call('POST /api/v1/apply', { body: secret('github', CANARY) });
    await call('POST /api/v1/apply', { body: secret('Wrong_Name', CANARY) });
    await call('POST /api/v1/apply', { body: `${secret('github', CANARY)}data: ${CANARY}\n` });
    await call('GET /api/v1/generator-inputs');
    const { rows } = await hub.parts.store.pool.query(
      `SELECT row_to_json(g)::text, encode(ciphertext, 'escape') FROM generator_inputs g`,
    );
    expect(answers.length).toBeGreaterThan(10);
    for (const text of [...answers, JSON.stringify(rows)]) expect(text).not.toContain(CANARY);
  });
});
