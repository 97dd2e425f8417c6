// What a client remembers of earlier answers: when not to ask, and what need not be sent again.
import { afterEach, describe, expect, it } from 'vitest';
import { answer, closeAll, serve, serveExchanges, testClient } from './testing/recorded-server.js';
import type { ScmHost } from './types.js';

const TOKEN = 'canary-token-31337';
const REPOSITORY = { id: 1, name: 'a', owner: { login: 'acme' }, ssh_url: 's', clone_url: 'c', default_branch: 'main' };
const PAGE = JSON.stringify([REPOSITORY]);

const host = (api: string, token = TOKEN): ScmHost => ({ kind: 'github', api, token, organization: 'acme' });

afterEach(closeAll);

describe('rate limits', () => {
  const NOW_MS = 1_800_000_000_000;
  const reset = String(NOW_MS / 1_000 + 90);
  const far = String(NOW_MS / 1_000 + 999_999);

  it.each([
    { name: '429 with seconds', status: 429, headers: { 'retry-after': '30' }, retryAfterMs: 30_000 },
    {
      name: '429 with a date',
      status: 429,
      headers: { 'retry-after': new Date(NOW_MS + 45_000).toUTCString() },
      retryAfterMs: 45_000,
    },
    {
      name: '403 of GitHub',
      status: 403,
      headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': reset },
      retryAfterMs: 90_000,
    },
    { name: '403 of GitHub, second kind', status: 403, headers: { 'retry-after': '60' }, retryAfterMs: 60_000 },
    {
      name: '429 of GitLab',
      status: 429,
      headers: { 'ratelimit-remaining': '0', 'ratelimit-reset': reset },
      retryAfterMs: 90_000,
    },
    { name: '429 with a span', status: 429, headers: { 'ratelimit-reset': '20' }, retryAfterMs: 20_000 },
    { name: '429 without a word', status: 429, headers: {}, retryAfterMs: 60_000 },
    { name: '429 for ever', status: 429, headers: { 'x-ratelimit-reset': far }, retryAfterMs: 3_600_000 },
    { name: '429 with nonsense', status: 429, headers: { 'retry-after': 'soon' }, retryAfterMs: 60_000 },
  ])('$name', async ({ status, retryAfterMs, ...limited }) => {
    const headers: Record<string, string> = { ...limited.headers };
    const clock = { nowMs: () => NOW_MS };
    const server = await serve((_arrived, response) => answer(response, '{}', { status, headers }));
    await expect(testClient({ clock }).repositories(host(server.url))).rejects.toMatchObject({
      code: 'Unavailable',
      details: { reason: 'RateLimited', retryAfterMs },
    });
  });

  it('does not ask again until the time is over, for these credentials', async () => {
    let nowMs = NOW_MS;
    const server = await serve(({ headers }, response) => {
      const isLimited = headers.authorization === `Bearer ${TOKEN}` && nowMs === NOW_MS;
      answer(response, isLimited ? '{}' : PAGE, isLimited ? { status: 429, headers: { 'retry-after': '30' } } : {});
    });
    const client = testClient({ clock: { nowMs: () => nowMs } });
    const asked = async (): Promise<unknown> => client.repositories(host(server.url)).catch((error: unknown) => error);
    expect(await asked()).toMatchObject({ details: { retryAfterMs: 30_000 } });
    expect(await asked()).toMatchObject({ details: { retryAfterMs: 30_000 } });
    expect(server.log).toHaveLength(1);
    expect(await client.repositories(host(server.url, 'another'))).toHaveLength(1);
    nowMs += 30_001;
    expect(await client.repositories(host(server.url))).toHaveLength(1);
    expect(client.counters()).toMatchObject({ requests: 3, rateLimited: 1 });
  });
});

describe('kept answers', () => {
  const REQUEST = 'GET /api/v3/orgs/acme/repos?per_page=100';

  it('are of one identity alone', async () => {
    const server = await serveExchanges([{ request: REQUEST, headers: { etag: '"1"' }, body: [REPOSITORY] }]);
    const client = testClient();
    await client.repositories(host(server.url));
    await client.repositories(host(server.url, 'another'));
    expect(client.counters()).toMatchObject({ requests: 2, notModified: 0 });
    expect(server.log[1]?.headers['if-none-match']).toBeUndefined();
  });

  it('are confirmed by time where there is no tag', async () => {
    const since = 'Wed, 21 Oct 2026 07:28:00 GMT';
    const server = await serve(({ headers }, response) => {
      if (headers['if-modified-since'] === since) response.writeHead(304).end();
      else answer(response, PAGE, { headers: { 'last-modified': since } });
    });
    const client = testClient();
    const first = await client.repositories(host(server.url));
    expect(await client.repositories(host(server.url))).toEqual(first);
    expect(client.counters().notModified).toBe(1);
  });

  it('make room for others', async () => {
    const server = await serveExchanges([{ request: REQUEST, headers: { etag: '"1"' }, body: [REPOSITORY] }]);
    const client = testClient({ cacheBytes: 0 });
    await client.repositories(host(server.url));
    await client.repositories(host(server.url));
    expect(client.counters().notModified).toBe(0);
  });
});
