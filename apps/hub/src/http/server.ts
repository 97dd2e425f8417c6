// The Fastify server under Nest: ids, limits, body parsers, headers, one log line per request.
import { randomUUID } from 'node:crypto';
import { RouteConfig, FastifyAdapter } from '@nestjs/platform-fastify';
import { AppError } from '@wheelwright/kernel';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { answerProblem } from './answer-problem.js';
import type { Logger, Metrics } from '@wheelwright/platform-telemetry';
import { measureRequests } from './request-metrics.js';

/** Largest body of a route that asks for nothing else. */
export const DEFAULT_BODY_BYTES = 1024 * 1024;
const REQUEST_ID = /^[A-Za-z0-9_.-]{8,64}$/;
const TEXT_TYPES = ['application/yaml', 'application/x-yaml', 'text/yaml', 'text/x-yaml', 'text/plain'];
const REQUEST_TIMEOUT_MS = 60_000;

/** What a route may ask for beyond the defaults. */
export interface BodyOptions {
  /** Largest body in bytes. */
  readonly bodyLimit?: number;
  /** `text`: the handler gets the body as text, and YAML and plain text are taken too. Default: parsed JSON. */
  readonly bodyAs?: 'json' | 'text';
}

declare module 'fastify' {
  interface FastifyContextConfig {
    readonly bodyLimit?: number;
    readonly bodyAs?: 'json' | 'text';
  }
  interface FastifyRequest {
    /** The bytes of the body as they came, for signatures over them. */
    rawBody?: Buffer;
  }
}

/** Sets the body options of one route. */
export function TakesBody(options: BodyOptions): MethodDecorator {
  return RouteConfig(options);
}

/** Nest would set its error handler after a plugin has made Fastify take the routes as they are: ours is set before the first route. */
class HubAdapter extends FastifyAdapter {
  override setErrorHandler(): FastifyInstance {
    return this.getInstance();
  }
}

/** Where the server tells what it does. */
export interface ServerParts {
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** The adapter, ready for `NestFactory.create(module, adapter, { bodyParser: false })`. */
export function createServer({ logger, metrics }: ServerParts): FastifyAdapter {
  const adapter = new HubAdapter({
    logger: false,
    bodyLimit: DEFAULT_BODY_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    routerOptions: { maxParamLength: 512 },
    forceCloseConnections: 'idle',
    genReqId: (request: { readonly headers: Readonly<Record<string, string | string[] | undefined>> }) =>
      requestIdOf(request.headers['x-request-id']),
  });
  const instance: FastifyInstance = adapter.getInstance();
  instance.setErrorHandler((error, request, reply) => {
    answerProblem(error, { request, reply }, logger);
  });
  applyRouteLimits(instance);
  parseBodies(instance);
  setHeaders(instance);
  logRequests(instance, logger);
  measureRequests(instance, metrics);
  return adapter;
}

/** A caller's own id where it is harmless, otherwise a new one. */
function requestIdOf(header: string | string[] | undefined): string {
  return typeof header === 'string' && REQUEST_ID.test(header) ? header : randomUUID();
}

function applyRouteLimits(instance: FastifyInstance): void {
  instance.addHook('onRoute', (route) => {
    const limit = route.config?.bodyLimit;
    if (limit !== undefined) route.bodyLimit = limit;
  });
}

function parseBodies(instance: FastifyInstance): void {
  const parseJson = instance.getDefaultJsonParser('error', 'error');
  instance.removeAllContentTypeParsers();
  instance.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body: Buffer, done) => {
    request.rawBody = body;
    if (request.routeOptions.config.bodyAs === 'text') takeText(body, done);
    // Clients that name the type on every request send a DELETE with it, too; a route that needs a body says so itself.
    else if (body.length === 0) done(null, undefined);
    else void parseJson(request, body.toString('utf8'), done);
  });
  instance.addContentTypeParser(TEXT_TYPES, { parseAs: 'buffer' }, (request, body: Buffer, done) => {
    if (request.routeOptions.config.bodyAs === 'text') takeText(body, done);
    else if (body.length === 0) done(null, undefined);
    else done(new AppError('UnsupportedMediaType', 'This route takes application/json'));
  });
}

function takeText(body: Buffer, done: (error: Error | null, body?: string) => void): void {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    done(new AppError('InvalidRequest', 'The body is not UTF-8 text'));
    return;
  }
  done(null, text);
}

/** Headers for answers that are data. The pages of /api/docs need scripts and styles of their own origin, and the docs page's own inline style. */
const DATA_CSP = "default-src 'none'; frame-ancestors 'none'";
const DOCS_CSP =
  "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

function setHeaders(instance: FastifyInstance): void {
  instance.addHook('onRequest', (request: FastifyRequest, reply: FastifyReply, done) => {
    const isDocs = request.url === '/api/docs' || request.url.startsWith('/api/docs/');
    void reply.headers({
      'x-request-id': request.id,
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'cross-origin-resource-policy': 'same-origin',
      'content-security-policy': isDocs ? DOCS_CSP : DATA_CSP,
      'cache-control': 'no-store',
    });
    done();
  });
}

function logRequests(instance: FastifyInstance, logger: Logger): void {
  instance.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? '';
    const durationMs = Math.round(reply.elapsedTime);
    // Probes come every few seconds and say nothing.
    const isProbe = route === '/healthz' || route === '/readyz';
    logger[isProbe ? 'debug' : 'info']('request', {
      requestId: request.id,
      method: request.method,
      route,
      status: reply.statusCode,
      durationMs,
    });
    done();
  });
}
