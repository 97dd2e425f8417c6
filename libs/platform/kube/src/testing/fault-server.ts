// A server that misbehaves exactly as told, and a client of it: what the transport's tests stand on.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { AppError, ClusterId } from '@wheelwright/kernel';
import { addressPolicy } from '../addresses.js';
import { SpokeClients, type SpokeClientsOptions } from '../clients.js';
import type { ApiResource, SpokeClient } from '../types.js';

export type Handler = (request: IncomingMessage, response: ServerResponse, body: string) => void;

export const TOKEN = 'canary-token-5d41402abc4b2a76';
export const CONFIG_MAPS: ApiResource = {
  group: '',
  version: 'v1',
  kind: 'ConfigMap',
  plural: 'configmaps',
  namespaced: true,
  verbs: [],
};
export const SECRETS: ApiResource = { ...CONFIG_MAPS, kind: 'Secret', plural: 'secrets' };
export const REF = { namespace: 'a', name: 'x' };
export const CONFIG_MAP = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { namespace: 'a', name: 'x', uid: 'u1', resourceVersion: '1' },
};

export const closers: (() => Promise<void>)[] = [];
/** Ends all servers and clients. */
export async function closeAll(): Promise<void> {
  for (const close of closers.splice(0).reverse()) await close();
}

/** An API server that misbehaves exactly as told. */
export async function serve(
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

export function connect(
  url: string,
  options: SpokeClientsOptions = {},
): { clients: SpokeClients; client: SpokeClient } {
  const clients = new SpokeClients({ addressPolicy: addressPolicy(['127.0.0.0/8']), ...options });
  closers.push(() => clients.close());
  const client = clients.get(
    { id: ClusterId('c1'), server: url, tls: {}, credentials: { kind: 'bearerToken', token: TOKEN } },
    'v1',
  );
  return { clients, client };
}

export function json(response: ServerResponse, value: unknown, code = 200): void {
  response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

export function status(code: number, reason: string, extra: object = {}): object {
  return { kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason, message: `${reason} happened`, ...extra };
}

export async function failureOf(promise: Promise<unknown>): Promise<AppError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof AppError)) throw new Error(`expected an AppError, got ${String(error)}`);
  return error;
}

export async function eventually(isTrue: () => boolean): Promise<void> {
  const end = Date.now() + 5_000;
  while (!isTrue()) {
    if (Date.now() > end) throw new Error('it did not become true');
    await new Promise((resolve) => setImmediate(resolve));
  }
}
