import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { WorkerParts } from './compose.js';

/** `/healthz` and `/metrics` of a worker, on loopback unless configured otherwise. Answers its port and how to end it. */
export async function serveStatus({
  config,
  store,
  queue,
  metrics,
}: WorkerParts): Promise<{ readonly port: number; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    const answer = (status: number, type: string, body: string): void => {
      response.writeHead(status, { 'content-type': type }).end(body);
    };
    if (request.url === '/healthz') {
      Promise.all([store.ping(), queue.ping()]).then(
        () => answer(200, 'text/plain', 'ok\n'),
        () => answer(503, 'text/plain', 'the database or the queue does not answer\n'),
      );
    } else if (request.url === '/metrics' && config.metrics) {
      metrics.page().then(
        (text) => answer(200, metrics.contentType, text),
        () => answer(500, 'text/plain', 'no metrics\n'),
      );
    } else answer(404, 'text/plain', 'there is /healthz and /metrics\n');
  });
  server.requestTimeout = 10_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(config.workerPort, config.workerHost, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
