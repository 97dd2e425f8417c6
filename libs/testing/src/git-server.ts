// Serves the repositories of a folder over HTTP, as a Git host does: `git http-backend` behind Node's server.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { start } from '@wheelwright/platform-exec';

export interface GitServer {
  /** `http://127.0.0.1:port`; append the repository's folder. */
  readonly url: string;
  /** Paths that were asked for, with their query. */
  readonly requests: readonly string[];
  /** While set, it may answer requests itself; `pass` hands one on to Git. */
  respond: ((request: IncomingMessage, response: ServerResponse) => 'answered' | 'pass') | undefined;
  close(): Promise<void>;
}

export async function serveRepos(root: string): Promise<GitServer> {
  const requests: string[] = [];
  const state: Pick<GitServer, 'respond'> = { respond: undefined };
  const server = createServer((request, response) => {
    requests.push(request.url ?? '');
    if (state.respond?.(request, response) !== 'answered') backend(root, request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return Object.assign(state, {
    url: `http://127.0.0.1:${String(port)}`,
    requests,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  });
}

/** Speaks CGI: request in the environment and on standard input, headers and body on standard output. */
function backend(root: string, request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? '/', 'http://host');
  const child = start('git', ['http-backend'], {
    env: {
      PATH: '/usr/local/bin:/usr/bin:/bin:/opt/homebrew/bin',
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: '1',
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_CONFIG_GLOBAL: '/dev/null',
      PATH_INFO: decodeURIComponent(url.pathname),
      QUERY_STRING: url.search.slice(1),
      REQUEST_METHOD: request.method ?? 'GET',
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
      GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
      REMOTE_ADDR: '127.0.0.1',
    },
  });
  request.pipe(child.stdin);
  child.stdin.on('error', () => undefined);
  child.stderr.resume();
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.once('close', () => {
    const output = Buffer.concat(chunks);
    const split = output.indexOf('\r\n\r\n');
    const headers = output.toString('latin1', 0, Math.max(split, 0)).split('\r\n');
    for (const line of headers) {
      const colon = line.indexOf(':');
      if (colon < 0) continue;
      const value = line.slice(colon + 1).trim();
      if (line.slice(0, colon).toLowerCase() === 'status') response.statusCode = Number.parseInt(value, 10);
      else response.setHeader(line.slice(0, colon), value);
    }
    response.end(output.subarray(split + 4));
  });
}
