import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { AppError, ClusterId } from '@wheelwright/kernel';
import { addressPolicy } from './index.js';
import {
  closeAll,
  CONFIG_MAP,
  CONFIG_MAPS,
  connect,
  eventually,
  failureOf,
  json,
  REF,
  serve,
  status,
  TOKEN,
} from './testing/fault-server.js';

afterEach(closeAll);

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

  it('says which process and which view a request comes from', async () => {
    const agents: unknown[] = [];
    const { url } = await serve((request, response) => {
      agents.push(request.headers['user-agent']);
      json(response, CONFIG_MAP);
    });
    const { client } = connect(url, { userAgent: 'wheelwright/h\u00f4te:1\r\n' });
    await client.get(CONFIG_MAPS, REF);
    await client.withGuard(() => undefined, 'lease 7').get(CONFIG_MAPS, REF);
    expect(agents).toEqual(['wheelwright/h-te:1--', 'wheelwright/h-te:1-- (lease 7)']);
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

  it("makes every request of a view as another user, and takes a 403 there for that user's, not the spoke's", async () => {
    const user = 'system:serviceaccount:shop:deployer';
    const users: unknown[] = [];
    const { url } = await serve((request, response) => {
      users.push(request.headers['impersonate-user']);
      const forbidden = { kind: 'Status', status: 'Failure', reason: 'Forbidden', code: 403, message: 'not yours' };
      if (request.headers['impersonate-user'] === user) json(response, forbidden, 403);
      else json(response, CONFIG_MAP);
    });
    const { client } = connect(url);
    await client.get(CONFIG_MAPS, REF);
    expect(
      await failureOf(
        client
          .as(user)
          .withGuard(() => undefined)
          .get(CONFIG_MAPS, REF),
      ),
    ).toMatchObject({
      code: 'SpokeRejected',
      message: expect.stringContaining(user) as unknown,
    });
    await client.get(CONFIG_MAPS, REF);
    expect(users).toEqual([undefined, user, undefined]);
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
