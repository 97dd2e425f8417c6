// What the transport refuses, bounds, remembers and keeps to itself, whatever the provider.
import { makeCertificates } from '@wheelwright/spoke-sim';
import { afterEach, describe, expect, it } from 'vitest';
import type { ScmClientOptions } from './options.js';
import { answer, closeAll, serve, testClient, type Handler } from './testing/recorded-server.js';
import type { ScmClient, ScmHost, ScmRepository } from './types.js';

const TOKEN = 'canary-token-31337';
const REPOSITORY = { id: 1, name: 'a', owner: { login: 'acme' }, ssh_url: 's', clone_url: 'c', default_branch: 'main' };
const PAGE = JSON.stringify([REPOSITORY]);

const host = (api: string, more: Partial<ScmHost> = {}): ScmHost =>
  ({ kind: 'github', api, token: TOKEN, organization: 'acme', ...more }) as ScmHost;

/** Asks a server that does what the handler says, once. */
async function ask(handler: Handler, options: ScmClientOptions = {}): Promise<readonly ScmRepository[]> {
  const server = await serve(handler);
  return testClient(options).repositories(host(server.url));
}

async function failureOf(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => {
      throw new Error('it did not fail');
    },
    (error: unknown) => error,
  );
}

afterEach(closeAll);

describe('where it goes', () => {
  it('takes https only, unless the installation allows http', async () => {
    const server = await serve((_arrived, response) => answer(response, PAGE));
    const call = testClient({ allowInsecure: false }).repositories(host(server.url));
    await expect(call).rejects.toMatchObject({ details: { reason: 'InsecureAddress' } });
    expect(server.log).toEqual([]);
  });

  it.each(['http://127.0.0.1:1', 'http://[::ffff:127.0.0.1]:1', 'http://0x7f000001:1', 'http://2130706433:1'])(
    'does not connect to %s unless its network is allowed',
    async (api) => {
      const failure = await failureOf(testClient({ allowedNetworks: [] }).repositories(host(api)));
      expect(failure).toMatchObject({
        details: { reason: 'AddressRefused' },
        message: expect.stringContaining('WHEELWRIGHT_ALLOWED_NETWORKS'),
      });
    },
  );

  it.each(['10.1.2.3', '172.20.0.1', '192.168.1.1', '100.64.0.1', '169.254.169.254', '[fd12::1]'])(
    'does not connect to the private address %s',
    async (address) => {
      const failure = await failureOf(testClient().repositories(host(`https://${address}`)));
      expect(failure).toMatchObject({ details: { reason: 'AddressRefused' } });
    },
  );

  it('judges a name by what it resolves to', async () => {
    const failure = await failureOf(testClient({ allowedNetworks: [] }).repositories(host('http://localhost:1')));
    expect(failure).toMatchObject({ details: { reason: 'AddressRefused' } });
  });

  it('asks only hosts that the setting allows, and names the setting', async () => {
    const server = await serve((_arrived, response) => answer(response, PAGE));
    const allowed = new URL(server.url).host;
    const refused = testClient({ allowedHosts: ['git.example'] }).repositories(host(server.url));
    await expect(refused).rejects.toMatchObject({
      details: { reason: 'HostNotAllowed' },
      message: expect.stringContaining('WHEELWRIGHT_SCM_ALLOWED_HOSTS'),
    });
    expect(server.log).toEqual([]);
    expect(await testClient({ allowedHosts: [allowed] }).repositories(host(server.url))).toHaveLength(1);
    expect(await testClient({ allowedHosts: [`${server.url}/`] }).repositories(host(server.url))).toHaveLength(1);
  });

  it.each(['nowhere', 'https://', 'https:', 'https://git.example?a=b', 'ftp://git.example'])(
    'says that %s is no address',
    async (api) => {
      const call = testClient().repositories(host(api));
      await expect(call).rejects.toMatchObject({ details: { reason: 'InvalidAddress' } });
    },
  );

  it('refuses credentials in the address, and does not repeat them', async () => {
    const failure = await failureOf(testClient().repositories(host('https://ada:hunter2@git.example')));
    expect(failure).toMatchObject({ details: { reason: 'InvalidAddress' } });
    expect(String(failure)).not.toContain('hunter2');
  });

  it('says what keeps it from a host that is not there', async () => {
    const server = await serve((_arrived, response) => answer(response, PAGE));
    await closeAll();
    const failure = await failureOf(testClient().repositories(host(server.url)));
    expect(failure).toMatchObject({
      code: 'SourceFailed',
      details: { reason: 'Unreachable', code: 'ECONNREFUSED' },
      message: expect.stringMatching(/^GitHub at 127.0.0.1:\d+ cannot be reached: it refuses connections/),
    });
  });
});

describe('redirects', () => {
  it('follows one within the host, with the credentials', async () => {
    const server = await serve(({ request }, response) => {
      if (request.includes('/orgs/')) answer(response, '', { status: 301, headers: { location: '/moved' } });
      else answer(response, PAGE);
    });
    expect(await testClient().repositories(host(server.url))).toHaveLength(1);
    expect(server.log.map(({ headers }) => headers.authorization)).toEqual([`Bearer ${TOKEN}`, `Bearer ${TOKEN}`]);
  });

  it('follows none to another host: it gets no request, and so no credentials', async () => {
    const other = await serve((_arrived, response) => answer(response, PAGE));
    const server = await serve((_arrived, response) =>
      answer(response, '', { status: 302, headers: { location: `${other.url}/orgs/acme/repos` } }),
    );
    const failure = await failureOf(testClient().repositories(host(server.url)));
    expect(failure).toMatchObject({ details: { reason: 'Redirected' } });
    expect(String(failure)).toContain(new URL(server.url).host);
    expect(String(failure)).toContain(new URL(other.url).host);
    expect(other.log).toEqual([]);
  });

  it('reads no next page of another host', async () => {
    const other = await serve((_arrived, response) => answer(response, '{"values":[]}'));
    const body = { values: [], next: `${other.url}/2.0/repositories/acme?page=2` };
    const server = await serve((_arrived, response) => answer(response, JSON.stringify(body)));
    const call = testClient().repositories({ kind: 'bitbucket', api: server.url, bearerToken: TOKEN, owner: 'acme' });
    await expect(call).rejects.toMatchObject({ details: { reason: 'Redirected' } });
    expect(other.log).toEqual([]);
  });

  it('ends a circle', async () => {
    const call = ask((_arrived, response) => answer(response, '', { status: 307, headers: { location: '/again' } }));
    await expect(call).rejects.toMatchObject({ details: { reason: 'Redirected' } });
  });
});

describe('refusals of the host', () => {
  it.each([
    [401, 'Unauthorized'],
    [203, 'Unauthorized'],
    [403, 'Forbidden'],
    [500, 'Failed'],
    [204, 'Malformed'],
  ])('tells %i as %s, without the words of the host', async (status, reason) => {
    const failure = await failureOf(
      ask(({ headers }, response) => {
        answer(response, status === 204 ? '' : JSON.stringify({ message: `words ${headers.authorization ?? ''}` }), {
          status,
          headers: { 'x-ratelimit-remaining': '17', 'x-ratelimit-reset': '99' },
        });
      }),
    );
    expect(failure).toMatchObject({ code: 'SourceFailed', details: { reason } });
    expect(JSON.stringify(failure) + String(failure)).not.toMatch(/words|canary/);
  });

  it('tells 404 as NotFound', async () => {
    const call = ask((_arrived, response) => answer(response, '<p>no', { status: 404 }));
    await expect(call).rejects.toMatchObject({ code: 'NotFound' });
  });
});

describe('bounds', () => {
  it('takes no answer that is too large, whether it says so or not', async () => {
    const handlers: Handler[] = [
      (_arrived, response) => answer(response, JSON.stringify('x'.repeat(10_000))),
      (_arrived, response) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        const more = (): void => {
          while (!response.destroyed && response.write(' '.repeat(1_000)));
        };
        response.on('drain', more);
        more();
      },
    ];
    for (const handler of handlers) {
      const call = ask(handler, { maxAnswerBytes: 5_000 });
      await expect(call).rejects.toMatchObject({ code: 'SourceFailed', details: { reason: 'TooLarge' } });
    }
  });

  it('reads no body where only the status matters', async () => {
    const server = await serve((_arrived, response) => answer(response, 'x'.repeat(1_000_000)));
    const repository = { organization: 'acme', repository: 'a', repositoryId: 1, url: 'u', labels: [] };
    const at = { branch: { name: 'main', sha: 'a'.repeat(40) }, path: 'x' };
    const client = testClient({ maxAnswerBytes: 5_000 });
    expect(await client.pathExists(host(server.url), repository, at)).toBe(true);
  });

  it('gives up on a host that never answers', async () => {
    const call = ask(() => undefined, { requestTimeoutMs: 50 });
    await expect(call).rejects.toMatchObject({ details: { reason: 'Timeout' } });
  });

  it('gives up on a host that never ends its answer', async () => {
    const call = ask(
      (_arrived, response) => response.writeHead(200, { 'content-type': 'application/json' }).write('['),
      { requestTimeoutMs: 100 },
    );
    await expect(call).rejects.toMatchObject({ details: { reason: 'Timeout' } });
  });

  it('gives up on a list that never ends in time', async () => {
    const next = { link: '<https://x/?page=2>; rel="next"' };
    const call = ask((_arrived, response) => answer(response, '[]', { headers: next }), {
      callTimeoutMs: 100,
      maxPages: Number.MAX_SAFE_INTEGER,
    });
    await expect(call).rejects.toMatchObject({
      message: expect.stringContaining('did not answer all of it within 100 ms'),
    });
  });

  it('answers no part of a list that is too long', async () => {
    const next = { link: '<https://x/?page=2>; rel="next"' };
    const endless: Handler = (_arrived, response) => answer(response, PAGE, { headers: next });
    await expect(ask(endless, { maxPages: 3 })).rejects.toMatchObject({ details: { reason: 'TooMany' } });
    await expect(ask(endless, { maxItems: 3 })).rejects.toMatchObject({ details: { reason: 'TooMany' } });
  });
});

describe('hostile answers', () => {
  it.each([
    ['not JSON', 'none', 'it is not JSON'],
    ['an object for a list', '{}', 'it is not a list'],
    ['a prototype', '[{"__proto__":{"polluted":true}}]', 'it has a member named __proto__'],
    ['a prototype that is hidden', '[{"\\u005f_proto__":1}]', 'it has a member named __proto__'],
    ['millions of values', `[${'1,'.repeat(600_000)}1]`, 'it holds more than 500000 values'],
    ['a deep value', `${'['.repeat(100_000)}${']'.repeat(100_000)}`, 'GitHub'],
    ['a missing member', '[{"id":1}]', '[0].name'],
    ['a number for a name', JSON.stringify([{ ...REPOSITORY, default_branch: 5 }]), '[0].default_branch'],
    ['a name without end', JSON.stringify([{ ...REPOSITORY, name: 'x'.repeat(2_000) }]), '[0].name'],
  ])('refuses %s', async (_name, body, fault) => {
    const failure = await failureOf(ask((_arrived, response) => answer(response, body)));
    expect(failure).toMatchObject({ code: 'SourceFailed', details: { reason: 'Malformed', provider: 'GitHub' } });
    expect(String(failure)).toContain(fault);
    expect('polluted' in {}).toBe(false);
  });

  it('refuses what does not say that it is JSON', async () => {
    const html = { headers: { 'content-type': 'text/html' } };
    const call = ask((_arrived, response) => answer(response, PAGE, html));
    await expect(call).rejects.toMatchObject({ details: { reason: 'Malformed' } });
  });

  it('takes no commit that is none', async () => {
    const server = await serve((_arrived, response) => answer(response, '{"name":"main","commit":{"sha":"--upload"}}'));
    const repository = { organization: 'a', repository: 'b', repositoryId: 1, url: '', labels: [], defaultBranch: 'm' };
    const call = testClient().branches(host(server.url), repository, { all: false });
    await expect(call).rejects.toMatchObject({ details: { reason: 'Malformed' } });
  });

  it('lets no name climb out of its place in the address', async () => {
    const server = await serve((_arrived, response) => answer(response, PAGE));
    const call = testClient().repositories(host(server.url, { organization: '..' }));
    await expect(call).rejects.toMatchObject({ code: 'InvalidRequest' });
    await expect(testClient().repositories(host(server.url, { organization: 'a/../b?c#d' }))).resolves.toHaveLength(1);
    expect(server.log.map(({ request }) => request)).toEqual([
      'GET /api/v3/orgs/a%2F..%2Fb%3Fc%23d/repos?per_page=100',
    ]);
  });
});

describe('calls', () => {
  it('joins equal ones under way, and no others', async () => {
    const waiting: (() => void)[] = [];
    const server = await serve((_arrived, response) => waiting.push(() => answer(response, PAGE)));
    const client = testClient();
    const calls = [
      client.repositories(host(server.url)),
      client.repositories(host(server.url)),
      client.repositories(host(server.url, { token: 'another' })),
      client.repositories(host(server.url), { cloneProtocol: 'https' }),
    ];
    await expect.poll(() => waiting.length).toBe(3);
    waiting.forEach((go) => go());
    const [first, second, , https] = await Promise.all(calls);
    expect(second).toEqual(first);
    expect(https?.[0]?.url).toBe('c');
    expect(client.counters()).toMatchObject({ requests: 3, joined: 1 });
  });

  it('do not run out of time while they wait for a socket', async () => {
    const server = await serve(({ request }, response) => {
      if (!request.includes('/orgs/silent/')) answer(response, PAGE);
    });
    const client = testClient({ connections: 1, requestTimeoutMs: 100 });
    const silent = failureOf(client.repositories(host(server.url, { organization: 'silent' })));
    const patient = client.repositories(host(server.url));
    expect(await silent).toMatchObject({ details: { reason: 'Timeout' } });
    expect(await patient).toHaveLength(1);
  });

  it('end when the client is closed', async () => {
    const server = await serve(() => undefined);
    const client: ScmClient = testClient();
    const call = failureOf(client.repositories(host(server.url)));
    await expect.poll(() => server.log.length).toBe(1);
    await client.close();
    const closed = { code: 'Unavailable', details: { reason: 'Closed' } };
    expect(await call).toMatchObject(closed);
    expect(await failureOf(client.repositories(host(server.url)))).toMatchObject(closed);
  });
});

describe('certificates', () => {
  it('are verified, by the authority of the host too, unless the host is insecure', async () => {
    const { ca, cert, key } = makeCertificates();
    const server = await serve((_arrived, response) => answer(response, PAGE), { cert, key });
    const client = testClient({ allowInsecure: false });
    await expect(client.repositories(host(server.url))).rejects.toMatchObject({
      details: { reason: 'Unreachable' },
      message: expect.stringContaining('its TLS certificate is not trusted'),
    });
    expect(server.log).toEqual([]);
    expect(await client.repositories(host(server.url, { ca }))).toHaveLength(1);
    expect(await client.repositories(host(server.url, { insecure: true }))).toHaveLength(1);
    await expect(client.repositories(host(server.url))).rejects.toMatchObject({ details: { reason: 'Unreachable' } });
  });

  it('of an authority must be PEM', async () => {
    const { cert, key } = makeCertificates();
    const server = await serve((_arrived, response) => answer(response, PAGE), { cert, key });
    const call = testClient().repositories(host(server.url, { ca: 'nonsense' }));
    await expect(call).rejects.toMatchObject({ code: 'SourceFailed' });
  });
});
