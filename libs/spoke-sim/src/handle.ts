// One request to one spoke in, its answer out: authentication, faults, then the verb.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { ApiError, badRequest, noSuchResource, payloadTooLarge, unauthorized } from './api-error.js';
import {
  AGGREGATED_TYPE,
  aggregatedDiscovery,
  coreVersions,
  groupDocument,
  groupList,
  resourceList,
  wantsAggregated,
} from './discovery.js';
import { isDryRun, json, mediaType, type Answer, type SpokeRequest } from './http.js';
import type { JsonMap } from './json.js';
import type { CountedVerb } from './ledger.js';
import { parseRoute, verbOf, type ResourceRoute, type Route } from './route.js';
import { collection, perform } from './verbs.js';
import type { WatchHub } from './watch.js';

const BODY_LIMIT = 3_145_728;

/** Handles one request to the end. Never throws: what goes wrong is answered. */
export async function handleRequest(request: SpokeRequest, watches: WatchHub): Promise<void> {
  const { spoke, message, response } = request;
  const { faults, ledger } = spoke;
  if (faults.isDown) {
    message.socket.destroy();
    return;
  }
  try {
    // The body is read first, so that a refused request leaves the connection fit for the next one.
    const body = await readBody(message);
    const route = routeOf(request);
    const verb = countedVerb(request, route);
    ledger.count(verb.counted);
    if (faults.latencyMs > 0) await delay(faults.latencyMs);
    await faults.passHold('before');
    const verdict = faults.judge(verb.asked);
    if (verdict.kind === 'refuse') throw refused(request, verdict.error);
    if (verdict.kind === 'fail')
      throw new ApiError({
        code: 500,
        reason: 'InternalError',
        message: 'Internal error occurred: a fault was asked for',
      });
    if (verdict.kind === 'drop' && verdict.when === 'before') {
      message.socket.destroy();
      return;
    }
    if (!spoke.accepts(tokenOf(message))) throw refused(request, unauthorized());
    if (route instanceof ApiError) throw route;
    if (route.kind === 'resource' && verb.asked === 'watch') {
      watches.start(spoke.store, { ...collection(request, route), namespace: route.namespace }, response);
      return;
    }
    const answer =
      route.kind === 'resource' ? perform({ ...request, route, body }, verb.asked) : document(request, route);
    await faults.passHold('after');
    if (verdict.kind === 'drop') message.socket.destroy();
    else send(response, answer);
  } catch (error) {
    send(response, failure(error));
  }
}

function refused(request: SpokeRequest, error: ApiError): ApiError {
  request.spoke.ledger.refuse();
  return error;
}

function routeOf(request: SpokeRequest): Route | ApiError {
  try {
    return parseRoute(request.path, request.spoke.kinds);
  } catch (error) {
    return error instanceof ApiError ? error : badRequest('the path cannot be read');
  }
}

interface Verb {
  readonly counted: CountedVerb;
  readonly asked: CountedVerb;
}

function countedVerb(request: SpokeRequest, route: Route | ApiError): Verb {
  if (route instanceof ApiError || route.kind === 'version' || route.kind === 'health')
    return { counted: 'other', asked: 'other' };
  if (route.kind !== 'resource') return { counted: 'discovery', asked: 'discovery' };
  const watch = ['1', 'true'].includes(request.params.get('watch') ?? '');
  const asked = verbOf(route, request.message.method ?? '', { watch, contentType: mediaType(request.message) });
  return { asked, counted: isDryRun(request.params) ? 'dryRun' : asked };
}

function tokenOf(message: IncomingMessage): string {
  const match = /^Bearer\s+(\S+)$/i.exec(message.headers.authorization ?? '');
  return match?.[1] ?? '';
}

const delay = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms);
  });

async function readBody(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of message) {
    const bytes = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
    size += bytes.length;
    if (size <= BODY_LIMIT) chunks.push(bytes);
  }
  if (size > BODY_LIMIT) throw payloadTooLarge();
  return Buffer.concat(chunks).toString('utf8');
}

function send(response: ServerResponse, answer: Answer): void {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  response.writeHead(answer.code, {
    'content-type': answer.type ?? 'application/json',
    'content-length': Buffer.byteLength(answer.text),
    ...answer.headers,
  });
  response.end(answer.text);
}

function failure(error: unknown): Answer {
  const known =
    error instanceof ApiError
      ? error
      : new ApiError({
          code: 500,
          reason: 'InternalError',
          message: `Internal error occurred: ${error instanceof Error ? error.message : String(error)}`,
        });
  const retryAfter = known.failure.retryAfterSeconds;
  const headers = retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) };
  return { code: known.code, text: JSON.stringify(known.status()), headers };
}

function document(request: SpokeRequest, route: Exclude<Route, ResourceRoute>): Answer {
  const kinds = request.spoke.kinds.list();
  switch (route.kind) {
    case 'version':
      return json({
        major: '1',
        minor: '35',
        gitVersion: 'v1.35.4',
        gitCommit: '',
        gitTreeState: '',
        buildDate: '1970-01-01T00:00:00Z',
        goVersion: '',
        compiler: 'gc',
        platform: 'linux/amd64',
      });
    case 'health':
      return { code: 200, text: 'ok', type: 'text/plain; charset=utf-8' };
    case 'groups':
      if (wantsAggregated(request.message.headers.accept ?? '')) {
        return { code: 200, text: JSON.stringify(aggregatedDiscovery(kinds, route.core)), type: AGGREGATED_TYPE };
      }
      return json(route.core ? coreVersions(request.message.headers.host ?? '') : groupList(kinds));
    case 'group':
      return found(groupDocument(kinds, route.group));
    case 'resources':
      return found(resourceList(kinds, route.group, route.version));
  }
}

function found(value: JsonMap | undefined): Answer {
  if (value === undefined) throw noSuchResource();
  return json(value);
}
