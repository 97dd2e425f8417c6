// For specs: a server on this machine that answers JSON by method and path, and keeps what it was asked.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { JsonValue } from '@wheelwright/kernel';

/** A request as it arrived. */
export interface Arrived {
  readonly request: string;
  readonly authorization: string;
  readonly body: string;
}

export interface AnsweringServer {
  readonly url: string;
  readonly log: Arrived[];
  /** By method and path with the query, such as `GET /a?b=1`; everything else is 404. */
  answers: Readonly<Record<string, JsonValue>>;
  close(): Promise<void>;
}

/** Starts one on a free port. */
export async function startAnsweringServer(): Promise<AnsweringServer> {
  const log: Arrived[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const asked = `${request.method ?? ''} ${request.url ?? ''}`;
      log.push({ request: asked, authorization: request.headers.authorization ?? '', body });
      const found = Object.hasOwn(handle.answers, asked) ? handle.answers[asked] : undefined;
      response.writeHead(found === undefined ? 404 : 200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(found ?? {}));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const handle: AnsweringServer = {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    log,
    answers: {},
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return handle;
}
