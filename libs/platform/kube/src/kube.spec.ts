import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { AppError, ClusterId } from '@wheelwright/kernel';
import { addressPolicy, SpokeClients, type ApiResource, type SpokeClient, type SpokeClientsOptions } from './index.js';

type Handler = (request: IncomingMessage, response: ServerResponse, body: string) => void;

const TOKEN = 'canary-token-5d41402abc4b2a76';
const CONFIG_MAPS: ApiResource = {
  group: '',
  version: 'v1',
  kind: 'ConfigMap',
  plural: 'configmaps',
  namespaced: true,
  verbs: [],
};
const SECRETS: ApiResource = { ...CONFIG_MAPS, kind: 'Secret', plural: 'secrets' };
const REF = { namespace: 'a', name: 'x' };
const CONFIG_MAP = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { namespace: 'a', name: 'x', uid: 'u1', resourceVersion: '1' },
};

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** An API server that misbehaves exactly as told. */
async function serve(
  handler: Handler,
): Promise<{ url: string; sockets: Set<Socket>; accepted: () => number; server: Server }> {
  const sockets = new Set<Socket>();
  let accepted = 0;
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      handler(request, response, body);
    });
  });
  server.on('connection', (socket) => {
    accepted += 1;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, 'close');
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${String(port)}`, sockets, accepted: () => accepted, server };
}

function connect(url: string, options: SpokeClientsOptions = {}): { clients: SpokeClients; client: SpokeClient } {
  const clients = new SpokeClients({ addressPolicy: addressPolicy(['127.0.0.0/8']), ...options });
  closers.push(() => clients.close());
  const client = clients.get(
    { id: ClusterId('c1'), server: url, tls: {}, credentials: { kind: 'bearerToken', token: TOKEN } },
    'v1',
  );
  return { clients, client };
}

function json(response: ServerResponse, value: unknown, code = 200): void {
  response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

function status(code: number, reason: string, extra: object = {}): object {
  return { kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason, message: `${reason} happened`, ...extra };
}

async function failureOf(promise: Promise<unknown>): Promise<AppError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof AppError)) throw new Error(`expected an AppError, got ${String(error)}`);
  return error;
}

async function eventually(isTrue: () => boolean): Promise<void> {
  const end = Date.now() + 5_000;
  while (!isTrue()) {
    if (Date.now() > end) throw new Error('it did not become true');
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe('calls', () => {
  it('sends the token, encodes names, reads objects and says undefined for what is not there', async () => {
    const seen: string[] = [];
    const { url } = await serve((request, response) => {
      seen.push(`${request.method ?? ''} ${request.url ?? ''} ${request.headers.authorization ?? ''}`);
      if (request.url?.endsWith('/gone') === true)
        json(response, status(404, 'NotFound', { details: { name: 'gone' } }), 404);
      else json(response, CONFIG_MAP);
    });
    const { client } = connect(`${url}/prefix/`);
    expect(await client.get(CONFIG_MAPS, { namespace: 'a', name: 'system:x' })).toEqual(CONFIG_MAP);
    expect(await client.get(CONFIG_MAPS, { namespace: 'a', name: 'gone' })).toBeUndefined();
    expect(seen[0]).toBe(`GET /prefix/api/v1/namespaces/a/configmaps/system%3Ax Bearer ${TOKEN}`);
    expect(client.counts().get).toBe(2);
    await expect(client.get(CONFIG_MAPS, { namespace: 'a', name: '..' })).rejects.toMatchObject({
      code: 'InvalidDocument',
    });
    await expect(client.get(CONFIG_MAPS, { namespace: 'a/../b', name: 'x' })).rejects.toMatchObject({
      code: 'InvalidDocument',
    });
  });

  it('does not take a page that is not from the API server for an absent object', async () => {
    const { url } = await serve((_request, response) =>
      response.writeHead(404, { 'content-type': 'text/plain' }).end('404 page not found'),
    );
    const { client } = connect(url);
    const error = await failureOf(client.get(CONFIG_MAPS, REF));
    expect(error).toMatchObject({ code: 'SpokeRejected', details: { status: 404, reason: 'NotServed' } });
  });

  it('applies with a manager, and runs the guard before writes only', async () => {
    const seen: { url: string | undefined; type: string | undefined; body: string }[] = [];
    const { url } = await serve((request, response, body) => {
      seen.push({ url: request.url, type: request.headers['content-type'], body });
      json(response, CONFIG_MAP);
    });
    const { client } = connect(url);
    let isHeld = true;
    const guarded = client.withGuard(() => {
      if (!isHeld) throw new AppError('LeaseLost', 'gone');
    });
    const desired = { ...CONFIG_MAP, data: { a: '1' } };
    await guarded.apply(CONFIG_MAPS, desired, { fieldManager: 'wheelwright', force: true });
    isHeld = false;
    await guarded.apply(CONFIG_MAPS, desired, { fieldManager: 'wheelwright', dryRun: true });
    await guarded.get(CONFIG_MAPS, REF);
    await expect(guarded.apply(CONFIG_MAPS, desired, { fieldManager: 'wheelwright' })).rejects.toMatchObject({
      code: 'LeaseLost',
    });
    await expect(guarded.delete(CONFIG_MAPS, REF, { uid: 'u1' })).rejects.toMatchObject({ code: 'LeaseLost' });
    expect(seen).toHaveLength(3);
    expect(seen[0]?.url).toBe('/api/v1/namespaces/a/configmaps/x?fieldManager=wheelwright&force=true');
    expect(seen[0]?.type).toBe('application/apply-patch+yaml');
    expect(JSON.parse(seen[0]?.body ?? '')).toEqual(desired);
    expect(client.counts()).toMatchObject({ apply: 1, dryRun: 1, get: 1, delete: 0 });
  });

  it('deletes one identity: a new object of the same name is left alone', async () => {
    let live = CONFIG_MAP;
    const bodies: unknown[] = [];
    const { url } = await serve((request, response, body) => {
      if (request.method === 'GET') json(response, live);
      else {
        bodies.push(JSON.parse(body));
        json(response, status(409, 'Conflict'), 409);
      }
    });
    const { client } = connect(url);
    await expect(client.delete(CONFIG_MAPS, REF, { uid: 'u1', resourceVersion: '0' })).rejects.toMatchObject({
      code: 'SpokeConflict',
    });
    live = { ...CONFIG_MAP, metadata: { ...CONFIG_MAP.metadata, uid: 'u2' } };
    expect(await client.delete(CONFIG_MAPS, REF, { uid: 'u1', propagationPolicy: 'Foreground' })).toBe('gone');
    expect(bodies[1]).toEqual({
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      preconditions: { uid: 'u1' },
      propagationPolicy: 'Foreground',
    });
  });
});

describe('lists', () => {
  const page = (names: readonly string[], next = ''): object => ({
    kind: 'PartialObjectMetadataList',
    metadata: { resourceVersion: '7', continue: next },
    items: names.map((name) => ({ metadata: { name, uid: `u-${name}`, resourceVersion: '1' } })),
  });

  it('follows the pages, and starts again once when the spoke forgets the list', async () => {
    let expired = false;
    const { url } = await serve((request, response) => {
      const token = new URL(request.url ?? '', 'http://x').searchParams.get('continue');
      if (token === null) json(response, page(['a', 'b'], 't1'));
      else if (!expired) {
        expired = true;
        json(response, status(410, 'Expired'), 410);
      } else json(response, page(['c']));
    });
    const { client } = connect(url);
    const list = await client.listMetadata(CONFIG_MAPS, { labelSelector: 'a=b', limit: 2 });
    expect(list.items.map((item) => item.name)).toEqual(['a', 'b', 'c']);
    expect(client.counts().list).toBe(4);
  });

  it.each([
    [
      'a failed page',
      (response: ServerResponse) => {
        json(response, status(500, 'InternalError'), 500);
      },
    ],
    [
      'an answer that is no list',
      (response: ServerResponse) => {
        json(response, { kind: 'Status', metadata: {} });
      },
    ],
    [
      'an item without identity',
      (response: ServerResponse) => {
        json(response, { ...page([]), items: [{ metadata: { name: 'a' } }] });
      },
    ],
    [
      'a dropped connection',
      (response: ServerResponse) => {
        response.writeHead(200, { 'content-length': '100' }).write('{"kind');
        response.destroy();
      },
    ],
  ])('an error is not an empty list: %s', async (_what, answer) => {
    const { url } = await serve((request, response) => {
      if (request.url?.includes('continue') === true) answer(response);
      else json(response, page(['a'], 't1'));
    });
    const { client } = connect(url);
    await failureOf(client.listMetadata(CONFIG_MAPS));
  });
});

describe('faults', () => {
  it.each([
    [401, 'Unauthorized', 'SpokeUnauthorized'],
    [403, 'Forbidden', 'SpokeUnauthorized'],
    [409, 'Conflict', 'SpokeConflict'],
    [422, 'Invalid', 'SpokeRejected'],
    [500, 'InternalError', 'SpokeRejected'],
    [503, 'ServiceUnavailable', 'SpokeUnreachable'],
  ])('%i is %s', async (code, reason, expected) => {
    const { url } = await serve((_request, response) => {
      json(response, status(code, reason, { message: `token ${TOKEN}\u0000` }), code);
    });
    const { client } = connect(url);
    const error = await failureOf(client.get(CONFIG_MAPS, REF));
    expect(error).toMatchObject({ code: expected, details: { status: code, reason } });
    expect(JSON.stringify([error.message, error.details])).not.toContain(TOKEN);
  });

  it('names the managers that own contested fields', async () => {
    const causes = [
      { reason: 'FieldManagerConflict', message: 'conflict with "kubectl" using v1', field: '.data.a' },
      { reason: 'FieldManagerConflict', message: 'conflict with "hpa" using apps/v1', field: '.data.b' },
    ];
    const { url } = await serve((_request, response) => {
      json(response, status(409, 'Conflict', { details: { causes } }), 409);
    });
    const error = await failureOf(connect(url).client.apply(CONFIG_MAPS, CONFIG_MAP, { fieldManager: 'wheelwright' }));
    expect(error.details).toMatchObject({ managers: ['hpa', 'kubectl'], fields: ['.data.a', '.data.b'] });
  });

  it('repeats no value of a Secret, whatever the spoke says about it', async () => {
    const { url } = await serve((_request, response) => {
      json(
        response,
        status(422, 'Invalid', {
          message: 'data: "hunter2" is bad',
          details: { causes: [{ message: 'hunter2', field: 'data.password' }] },
        }),
        422,
      );
    });
    const error = await failureOf(
      connect(url).client.apply(SECRETS, { ...CONFIG_MAP, kind: 'Secret' }, { fieldManager: 'wheelwright' }),
    );
    expect(JSON.stringify([error.message, error.details])).not.toContain('hunter2');
    expect(error.message).toContain('data.password');
  });

  it('follows no redirect, so that the credentials go nowhere else', async () => {
    const other = await serve((_request, response) => {
      json(response, CONFIG_MAP);
    });
    const { url } = await serve((_request, response) =>
      response.writeHead(302, { location: `${other.url}/api` }).end(),
    );
    const error = await failureOf(connect(url).client.get(CONFIG_MAPS, REF));
    expect(error).toMatchObject({ code: 'SpokeRejected', details: { reason: 'Redirect' } });
    expect(error.message).toContain(new URL(other.url).host);
    expect(other.accepted()).toBe(0);
  });

  it('refuses an answer past the cap, and one that is not JSON; drops __proto__', async () => {
    const { url } = await serve((request, response) => {
      if (request.url === '/big') json(response, { fill: 'x'.repeat(10_000) });
      else if (request.url === '/html') response.end('<html>');
      else response.end('{"a":1,"__proto__":{"polluted":true}}');
    });
    const { client } = connect(url);
    const get = (path: string, maxBytes: number): ReturnType<SpokeClient['request']> =>
      client.request({ verb: 'other', method: 'GET', path, maxBytes });
    expect(await failureOf(get('/big', 1_000))).toMatchObject({
      code: 'SpokeRejected',
      details: { reason: 'ResponseTooLarge' },
    });
    expect(await failureOf(get('/html', 1_000))).toMatchObject({
      code: 'SpokeRejected',
      details: { reason: 'NotJson' },
    });
    expect(Object.keys((await get('/proto', 1_000)).body)).toEqual(['a']);
  });

  it('gives up at the deadline, and when its caller does', async () => {
    const { url } = await serve(() => undefined);
    const { client } = connect(url);
    expect(await failureOf(client.get(CONFIG_MAPS, REF, { deadlineMs: 50 }))).toMatchObject({
      code: 'SpokeUnreachable',
      details: { reason: 'Timeout' },
    });
    const controller = new AbortController();
    const call = failureOf(client.get(CONFIG_MAPS, REF, { signal: controller.signal }));
    controller.abort(new AppError('LeaseLost', 'over'));
    expect((await call).code).toBe('LeaseLost');
  });

  it('waits as long as a 429 says and sends again, or fails where the deadline is nearer', async () => {
    let answers = 0;
    const { url } = await serve((_request, response) => {
      answers += 1;
      if (answers === 1) json(response.setHeader('retry-after', '1'), status(429, 'TooManyRequests'), 429);
      else if (answers === 2) json(response, CONFIG_MAP);
      else json(response.setHeader('retry-after', '30'), status(429, 'TooManyRequests'), 429);
    });
    const { client } = connect(url);
    const startedMs = performance.now();
    expect(await client.get(CONFIG_MAPS, REF)).toEqual(CONFIG_MAP);
    expect(performance.now() - startedMs).toBeGreaterThan(900);
    expect(await failureOf(client.get(CONFIG_MAPS, REF))).toMatchObject({
      code: 'SpokeThrottled',
      details: { retryAfterMs: 30_000 },
    });
  });

  it('opens the breaker after three dead connections, lets one probe through, and closes again', async () => {
    const { url, server, accepted } = await serve((_request, response) => {
      json(response, CONFIG_MAP);
    });
    let isDead = true;
    server.on('connection', (socket) => {
      if (isDead) socket.destroy();
    });
    const { client } = connect(url, { breaker: { firstPauseMs: 60, random: () => 0.5 } });
    for (let round = 0; round < 3; round += 1)
      expect((await failureOf(client.get(CONFIG_MAPS, REF))).code).toBe('SpokeUnreachable');
    const tried = accepted();
    expect(await failureOf(client.get(CONFIG_MAPS, REF))).toMatchObject({ details: { reason: 'BreakerOpen' } });
    expect(accepted()).toBe(tried);
    isDead = false;
    const end = Date.now() + 5_000;
    let object: unknown;
    while (object === undefined && Date.now() < end) object = await client.get(CONFIG_MAPS, REF).catch(() => undefined);
    expect(object).toEqual(CONFIG_MAP);
    expect(await client.get(CONFIG_MAPS, REF)).toEqual(CONFIG_MAP);
  });

  it('says which address it could not reach', async () => {
    const { url, server } = await serve(() => undefined);
    server.close();
    await once(server, 'close');
    closers.splice(0);
    const error = await failureOf(connect(url).client.version());
    expect(error).toMatchObject({ code: 'SpokeUnreachable', details: { reason: 'ECONNREFUSED' } });
  });
});

describe('connections', () => {
  it('keeps them, makes new ones for new credentials, and leaves none behind when the spoke goes', async () => {
    const tokens = new Set<string>();
    const { url, sockets, accepted } = await serve((request, response) => {
      tokens.add(request.headers.authorization ?? '');
      json(response, CONFIG_MAP);
    });
    const { clients, client } = connect(url, { window: { start: 4, max: 4 } });
    for (let round = 0; round < 20; round += 1) await client.get(CONFIG_MAPS, REF);
    // The pool may open a second one while the first still ends its last exchange.
    expect(accepted()).toBeLessThanOrEqual(2);
    await Promise.all(Array.from({ length: 40 }, () => client.get(CONFIG_MAPS, REF)));
    expect(accepted()).toBeLessThanOrEqual(4);
    const target = {
      id: ClusterId('c1'),
      server: url,
      tls: {},
      credentials: { kind: 'bearerToken', token: 'second' } as const,
    };
    await clients.get(target, 'v2').get(CONFIG_MAPS, REF);
    expect([...tokens]).toEqual([`Bearer ${TOKEN}`, 'Bearer second']);
    await clients.drop(ClusterId('c1'));
    await eventually(() => sockets.size === 0);
  });

  it('sends Impersonate-User on every request of a target that has one', async () => {
    const users = new Set<unknown>();
    const { url } = await serve((request, response) => {
      users.add(request.headers['impersonate-user']);
      json(response, CONFIG_MAP);
    });
    const { clients } = connect(url);
    const impersonate = 'system:serviceaccount:a:deployer';
    const client = clients.get(
      { id: ClusterId('c2'), server: url, tls: {}, credentials: { kind: 'bearerToken', token: 't' }, impersonate },
      '1',
    );
    await client.get(CONFIG_MAPS, REF);
    await client.apply(CONFIG_MAPS, CONFIG_MAP, { fieldManager: 'wheelwright' });
    expect([...users]).toEqual([impersonate]);
  });

  it('refuses addresses of the hub itself, as a number or as a name that resolves to one (SSRF via cluster URLs)', async () => {
    const { url, accepted } = await serve((_request, response) => {
      json(response, CONFIG_MAP);
    });
    const { port } = new URL(url);
    for (const host of ['127.0.0.1', '2130706433', '0x7f.1', '[::ffff:127.0.0.1]', 'localhost']) {
      const { client } = connect(`http://${host}:${port}`, { addressPolicy: addressPolicy() });
      expect(await failureOf(client.version())).toMatchObject({
        code: 'SpokeUnreachable',
        details: { reason: 'AddressRefused' },
      });
    }
    expect(accepted()).toBe(0);
  });
});
