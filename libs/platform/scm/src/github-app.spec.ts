// A GitHub App: what it signs, what it keeps, what it says when it cannot.
import { generateKeyPairSync, verify } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { answer, closeAll, serve, testClient, type TestServer } from './testing/recorded-server.js';
import type { ScmHost, ScmPullRequestHost } from './types.js';

const { privateKey, publicKey } = generateKeyPairSync('rsa', {
  modulusLength: 2_048,
  privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
});
const NOW_MS = 1_800_000_000_000;
const TOKENS = 'POST /api/v3/app/installations/77/access_tokens';

const host = (api: string, key: string = privateKey): ScmHost => ({
  kind: 'github',
  api,
  app: { appId: '42', installationId: '77', privateKey: key },
  organization: 'acme',
});

/** GitHub that gives tokens of an hour by the clock. `refuses` decides which tokens are no longer good. */
async function serveApp(nowMs: () => number, refuses: (token: string) => boolean = () => false): Promise<TestServer> {
  let given = 0;
  return serve(({ request, headers }, response) => {
    if (request === TOKENS) {
      given += 1;
      const expires_at = new Date(nowMs() + 3_600_000).toISOString().replace('.000', '');
      answer(response, JSON.stringify({ token: `ghs_${given}`, expires_at }), { status: 201 });
    } else if (refuses((headers.authorization ?? '').replace('Bearer ', ''))) answer(response, '{}', { status: 401 });
    else answer(response, '[]');
  });
}

afterEach(closeAll);

describe('a GitHub App', () => {
  it('signs for its token with RS256, and asks with the token', async () => {
    const server = await serveApp(() => NOW_MS);
    await testClient({ clock: { nowMs: () => NOW_MS } }).repositories(host(server.url));
    const [forToken, list] = server.log;
    const [head = '', claims = '', signature = ''] = (forToken?.headers.authorization ?? '').slice(7).split('.');
    expect(JSON.parse(Buffer.from(head, 'base64url').toString())).toEqual({ alg: 'RS256', typ: 'JWT' });
    const now = NOW_MS / 1_000;
    expect(JSON.parse(Buffer.from(claims, 'base64url').toString())).toEqual({
      iat: now - 60,
      exp: now + 540,
      iss: '42',
    });
    expect(verify('sha256', Buffer.from(`${head}.${claims}`), publicKey, Buffer.from(signature, 'base64url'))).toBe(
      true,
    );
    expect(list?.headers.authorization).toBe('Bearer ghs_1');
  });

  it('keeps its token until shortly before its end', async () => {
    let nowMs = NOW_MS;
    const server = await serveApp(() => nowMs);
    const client = testClient({ clock: { nowMs: () => nowMs } });
    const tokens = (): number => server.log.filter(({ request }) => request === TOKENS).length;
    await client.repositories(host(server.url));
    nowMs += 54 * 60_000;
    await client.repositories(host(server.url));
    expect(tokens()).toBe(1);
    nowMs += 2 * 60_000;
    await client.repositories(host(server.url));
    expect(tokens()).toBe(2);
    expect(server.log.at(-1)?.headers.authorization).toBe('Bearer ghs_2');
  });

  it('asks once for calls that begin at once', async () => {
    const server = await serveApp(() => NOW_MS);
    const client = testClient({ clock: { nowMs: () => NOW_MS } });
    const project = { ...host(server.url), owner: 'acme', repo: 'a' } as ScmPullRequestHost;
    await Promise.all([client.repositories(host(server.url)), client.pullRequests(project)]);
    expect(server.log.map(({ request }) => request).filter((request) => request === TOKENS)).toHaveLength(1);
  });

  it('gets a new token after one was refused', async () => {
    const server = await serveApp(
      () => NOW_MS,
      (token) => token === 'ghs_1',
    );
    const client = testClient({ clock: { nowMs: () => NOW_MS } });
    await expect(client.repositories(host(server.url))).rejects.toMatchObject({ details: { reason: 'Unauthorized' } });
    expect(await client.repositories(host(server.url))).toEqual([]);
  });

  it('says that its key cannot be read, and nothing of the key', async () => {
    const server = await serveApp(() => NOW_MS);
    const key = '-----BEGIN RSA PRIVATE KEY-----\ncanary\n-----END RSA PRIVATE KEY-----';
    const elliptic = generateKeyPairSync('ec', {
      namedCurve: 'P-256',
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
      publicKeyEncoding: { type: 'spki', format: 'pem' },
    }).privateKey;
    for (const bad of [key, elliptic]) {
      const failure: unknown = await testClient()
        .repositories(host(server.url, bad))
        .catch((error: unknown) => error);
      expect(failure).toMatchObject({ code: 'SourceFailed', details: { reason: 'InvalidCredentials' } });
      expect(JSON.stringify(failure) + String(failure)).not.toContain('canary');
    }
    expect(server.log).toEqual([]);
  });
});
