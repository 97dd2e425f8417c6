// Plugins: posted to under the same rules as Git hosts.
import { afterEach, describe, expect, it } from 'vitest';
import { answer, closeAll, serve, testClient } from './testing/recorded-server.js';

const REQUEST = {
  bearer: 'canary-token',
  body: { applicationSetName: 'a', input: { parameters: {} } },
  timeoutMs: 5_000,
};

afterEach(closeAll);

describe('postJson', () => {
  it('posts JSON with the token and answers JSON', async () => {
    const server = await serve((_arrived, response) => answer(response, '{"output":{"parameters":[{"a":1}]}}'));
    const url = `${server.url}/api/v1/getparams.execute`;
    expect(await testClient().postJson(url, REQUEST)).toEqual({ output: { parameters: [{ a: 1 }] } });
    const [arrived] = server.log;
    expect(arrived?.request).toBe('POST /api/v1/getparams.execute');
    expect(arrived?.headers).toMatchObject({
      authorization: 'Bearer canary-token',
      'content-type': 'application/json',
    });
    expect(JSON.parse(arrived?.body ?? '')).toEqual(REQUEST.body);
  });

  it.each([
    ['NotFound', 404, '{}'],
    ['Unauthorized', 401, '{}'],
    ['RateLimited', 429, '{}'],
    ['Failed', 500, '{}'],
    ['Redirected', 307, '{}'],
    ['Malformed', 200, ''],
    ['Malformed', 200, '{"__proto__":{}}'],
  ])('tells %s of %i', async (reason, status, body) => {
    const server = await serve((_arrived, response) => answer(response, body, { status, headers: { location: '/x' } }));
    const failure: unknown = await testClient()
      .postJson(server.url, REQUEST)
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({ details: { reason, provider: 'The plugin' } });
    expect(JSON.stringify(failure) + String(failure)).not.toContain('canary');
    expect(server.log).toHaveLength(1);
  });

  it('keeps to its time, to allowed hosts and networks', async () => {
    const server = await serve(() => undefined);
    const reasonOf = async (call: Promise<unknown>): Promise<unknown> =>
      call.catch((error: unknown) => (error as { details: { reason: string } }).details.reason);
    expect(await reasonOf(testClient().postJson(server.url, { ...REQUEST, timeoutMs: 50 }))).toBe('Timeout');
    expect(await reasonOf(testClient({ allowedNetworks: [] }).postJson(server.url, REQUEST))).toBe('AddressRefused');
    expect(await reasonOf(testClient({ allowedHosts: ['a.example'] }).postJson(server.url, REQUEST))).toBe(
      'HostNotAllowed',
    );
    expect(await reasonOf(testClient({ allowInsecure: false }).postJson(server.url, REQUEST))).toBe('InsecureAddress');
    expect(await reasonOf(testClient().postJson('plugin', REQUEST))).toBe('InvalidAddress');
  });
});
