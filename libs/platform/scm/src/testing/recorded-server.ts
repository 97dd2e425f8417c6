// A Git host of recorded answers: what the specs of this package ask. `fixtures/<provider>/*.json` holds exchanges; `{host}` in them is the server.
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { z } from 'zod';
import { createScmClient } from '../client.js';
import type { ScmClientOptions } from '../options.js';
import type { ScmClient } from '../types.js';

const EXCHANGES = z.array(
  z.object({
    /** Method, path and query exactly as they are sent. */
    request: z.string(),
    status: z.number().optional(),
    headers: z.record(z.string(), z.string()).optional(),
    body: z.unknown().optional(),
  }),
);
export type Exchange = z.infer<typeof EXCHANGES>[number];

/** A request as it arrived. */
export interface Arrived {
  readonly request: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export type Handler = (arrived: Arrived, response: ServerResponse) => void;

export interface TestServer {
  readonly url: string;
  readonly log: readonly Arrived[];
}

const FIXTURES = join(import.meta.dirname, '../../fixtures');
const closers: (() => Promise<void>)[] = [];

/** Ends all servers and clients of the spec. */
export async function closeAll(): Promise<void> {
  for (const close of closers.splice(0).reverse()) await close();
}

/** A client that may ask servers of this machine. */
export function testClient(options: ScmClientOptions = {}): ScmClient {
  const client = createScmClient({ allowInsecure: true, allowedNetworks: ['127.0.0.0/8'], ...options });
  closers.push(async () => client.close());
  return client;
}

/** One file of a provider's fixtures. */
export async function readFixture(provider: string, name: string): Promise<unknown> {
  return JSON.parse(await readFile(join(FIXTURES, provider, `${name}.json`), 'utf8')) as unknown;
}

/** Serves the recorded answers of a provider; everything else is 418, which no client takes for an answer. */
export async function serveRecorded(provider: string): Promise<TestServer> {
  const files = (await readdir(join(FIXTURES, provider))).filter((file) => file !== 'expected.json');
  const exchanges = await Promise.all(
    files.map(async (file) => EXCHANGES.parse(await readFixture(provider, file.replace('.json', '')))),
  );
  return serveExchanges(exchanges.flat());
}

/** Serves these exchanges, by their request. One with an `etag` is answered 304 where the client has it. */
export async function serveExchanges(exchanges: readonly Exchange[]): Promise<TestServer> {
  const byRequest = new Map(exchanges.map((exchange) => [exchange.request, exchange]));
  return serve((arrived, response) => {
    const exchange = byRequest.get(arrived.request);
    const etag = exchange?.headers?.['etag'];
    if (etag !== undefined && arrived.headers['if-none-match'] === etag) {
      response.writeHead(304, { etag }).end();
      return;
    }
    const fill = (text: string): string => text.replaceAll('{host}', `http://${arrived.headers.host ?? ''}`);
    response.writeHead(exchange?.status ?? (exchange === undefined ? 418 : 200), {
      'content-type': 'application/json; charset=utf-8',
      ...Object.fromEntries(Object.entries(exchange?.headers ?? {}).map(([name, value]) => [name, fill(value)])),
    });
    response.end(exchange?.body === undefined ? '' : fill(JSON.stringify(exchange.body)));
  });
}

/** Answers JSON. */
export function answer(
  response: ServerResponse,
  body: string,
  head: { status?: number; headers?: Record<string, string> } = {},
): void {
  response.writeHead(head.status ?? 200, { 'content-type': 'application/json', ...head.headers });
  response.end(body);
}

/** A server on this machine that does what the handler says, over TLS where a certificate is given. */
export async function serve(
  handler: Handler,
  tls?: { readonly cert: string; readonly key: string },
): Promise<TestServer> {
  const log: Arrived[] = [];
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const arrived = { request: `${request.method ?? ''} ${request.url ?? ''}`, headers: request.headers, body };
      log.push(arrived);
      handler(arrived, response);
    });
  };
  const server: Server = tls === undefined ? createServer(listener) : createTlsServer({ ...tls }, listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  const { port } = server.address() as AddressInfo;
  return { url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`, log };
}
