import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { AppError, ClusterId } from '@wheelwright/kernel';
import { addressPolicy, SpokeClients, type SpokeClient } from '@wheelwright/platform-kube';
import { sweep } from './sweep.js';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

interface Fake {
  kinds: Record<string, 'Current' | 'Stale'>;
  lists: Record<string, object[] | number>;
  readonly requests: string[];
}

/** An API server that serves the kinds and lists given. A number instead of a list is the status of a failure. */
async function spoke(fake: Fake): Promise<SpokeClient> {
  const server = createServer((request, response) => {
    fake.requests.push(request.url ?? '');
    answer(fake, request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const clients = new SpokeClients({ addressPolicy: addressPolicy(['127.0.0.0/8']) });
  closers.push(async () => {
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  });
  closers.push(() => clients.close());
  const { port } = server.address() as AddressInfo;
  const credentials = { kind: 'bearerToken', token: 'token' } as const;
  return clients.get({ id: ClusterId('c1'), server: `http://127.0.0.1:${String(port)}`, tls: {}, credentials }, '1');
}

function answer(fake: Fake, request: IncomingMessage, response: ServerResponse): void {
  const { pathname } = new URL(request.url ?? '', 'http://x');
  const json = (value: object, code = 200): void => {
    response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(value));
  };
  if (pathname === '/apis') json({ kind: 'APIGroupDiscoveryList', items: [] });
  else if (pathname === '/api') {
    const versions = Object.entries(fake.kinds).map(([kind, freshness]) => ({
      version: 'v1',
      freshness,
      resources: [{ resource: `${kind.toLowerCase()}s`, responseKind: { kind }, scope: 'Namespaced', verbs: ['list'] }],
    }));
    json({ kind: 'APIGroupDiscoveryList', items: [{ metadata: {}, versions }] });
  } else {
    const list = fake.lists[pathname.split('/').at(-1) ?? ''] ?? 404;
    if (typeof list === 'number') json({ kind: 'Status', code: list, reason: 'Failed' }, list);
    else json({ kind: 'PartialObjectMetadataList', metadata: { resourceVersion: '1' }, items: list });
  }
}

const CONFIG_MAP = { group: '', version: 'v1', kind: 'ConfigMap' };
const SECRET = { group: '', version: 'v1', kind: 'Secret' };
const item = (name: string, resourceVersion = '1'): object => ({
  metadata: {
    name,
    namespace: 'a',
    uid: `u-${name}`,
    resourceVersion,
    annotations: { 'argocd.argoproj.io/tracking-id': `web:/ConfigMap:a/${name}` },
  },
});
const options = { installationId: 'hub-1' };

async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe('a sweep', () => {
  it('lists each kind once, by our label; an equal digest brings no items', async () => {
    const fake: Fake = {
      kinds: { ConfigMap: 'Current', Secret: 'Current' },
      lists: { configmaps: [item('x')], secrets: [] },
      requests: [],
    };
    const client = await spoke(fake);
    const first = await sweep(client, [CONFIG_MAP, SECRET], options);
    expect(first.kinds.map((kind) => [kind.kind, kind.objectCount, kind.isChanged])).toEqual([
      ['ConfigMap', 1, true],
      ['Secret', 0, true],
    ]);
    expect(first.kinds[0]?.items[0]).toMatchObject({
      key: { kind: 'ConfigMap', namespace: 'a', name: 'x' },
      uid: 'u-x',
      trackingId: 'web:/ConfigMap:a/x',
      deleting: false,
    });
    const known = first.kinds.map((kind) => ({ ...kind, knownDigest: kind.digest }));
    fake.requests.length = 0;
    const second = await sweep(client, known, options);
    expect(second.kinds.map((kind) => [kind.isChanged, kind.items.length])).toEqual([
      [false, 0],
      [false, 0],
    ]);
    expect(fake.requests.sort()).toEqual([
      '/api/v1/configmaps?labelSelector=wheelwright.dev%2Fmanaged-by%3Dhub-1&limit=500',
      '/api/v1/secrets?labelSelector=wheelwright.dev%2Fmanaged-by%3Dhub-1&limit=500',
    ]);
    fake.lists['configmaps'] = [item('x', '2')];
    expect((await sweep(client, known, options)).kinds.map((kind) => kind.isChanged)).toEqual([true, false]);
  });

  it.each([401, 403, 404, 500, 503])('an error is not an empty list: %i on one kind fails the whole', async (code) => {
    const client = await spoke({
      kinds: { ConfigMap: 'Current', Secret: 'Current' },
      lists: { configmaps: [item('x')], secrets: code },
      requests: [],
    });
    const error = await failureOf(sweep(client, [CONFIG_MAP, SECRET], options));
    expect(error).toBeInstanceOf(AppError);
    expect(error).toMatchObject({ code: 'ObserveFailed', details: { status: code } });
  });

  it('takes a kind for gone only where a fresh, complete discovery says so', async () => {
    const fake: Fake = {
      kinds: { ConfigMap: 'Current', Secret: 'Current' },
      lists: { configmaps: [], secrets: [] },
      requests: [],
    };
    const client = await spoke(fake);
    await sweep(client, [CONFIG_MAP, SECRET], options);
    fake.kinds = { ConfigMap: 'Stale' };
    client.invalidate();
    expect(await failureOf(sweep(client, [CONFIG_MAP, SECRET], options))).toMatchObject({ code: 'ObserveFailed' });
    fake.kinds = { ConfigMap: 'Current' };
    const gone = await sweep(client, [CONFIG_MAP, SECRET], options);
    expect(gone.unknownKinds).toEqual([SECRET]);
    expect(gone.kinds.find((kind) => kind.kind === 'Secret')).toMatchObject({
      objectCount: 0,
      isChanged: true,
      items: [],
    });
  });
});
