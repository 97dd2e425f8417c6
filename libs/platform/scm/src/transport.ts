// One request to a Git host, with the rules that hold for all: where it may go, how long and how much, redirects, rate limits, kept answers.
import type { Dispatcher } from 'undici';
import { AppError, type JsonValue } from '@wheelwright/kernel';
import { addressPolicy, refusedHost, type AddressPolicy } from '@wheelwright/platform-kube';
import { AnswerCache, type KeptAnswer } from './answer-cache.js';
import { Connections, type ScmTls } from './connections.js';
import { withDeadline } from './deadline.js';
import {
  addressRefused,
  errorOfFailure,
  errorOfStatus,
  hostNotAllowed,
  malformed,
  scmError,
  type Asked,
} from './errors.js';
import { parseAnswer } from './json.js';
import type { ScmLimits } from './options.js';
import { pauseOf, RateLimits } from './rate-limits.js';
import { abandon, readBytes } from './read-bytes.js';
import { redirectOf } from './redirects.js';
import { Slots } from './slots.js';

const MAX_REDIRECTS = 5;
/** Of an answer 404: enough to see what was not found. */
const MAX_NOT_FOUND_BYTES = 64 * 1024;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);
/** Headers that paging reads: kept with an answer, because a 304 need not repeat them. */
const KEPT_HEADERS = ['link', 'x-next-page', 'x-ms-continuationtoken'];

export interface ScmRequest {
  readonly provider: string;
  readonly method: 'GET' | 'POST';
  readonly url: URL;
  /** With the credentials. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: JsonValue;
  /** Stands for the credentials: kept answers and rate limits are theirs alone. */
  readonly identity: string;
  readonly tls: ScmTls;
  /** Only the status is of interest: the body of a 2xx is not read. */
  readonly probe?: boolean;
  readonly timeoutMs?: number;
  /** Its reason, once aborted, is an AppError. */
  readonly signal: AbortSignal;
}

/** An answer 2xx or 404; every other one is an error. */
export interface ScmAnswer {
  readonly asked: Asked;
  readonly status: number;
  readonly header: (name: string) => string | undefined;
  /** `undefined` of a probe, of an empty answer and of a 404 that is not JSON. */
  readonly body: JsonValue | undefined;
}

export class Transport {
  readonly #policy: AddressPolicy;
  readonly #connections: Connections;
  readonly #slots: Slots;
  readonly #kept: AnswerCache;
  readonly #rates: RateLimits;
  readonly #allowedHosts: ReadonlySet<string>;
  readonly counts = { requests: 0, notModified: 0, rateLimited: 0 };

  constructor(private readonly limits: ScmLimits) {
    this.#policy = addressPolicy(limits.allowedNetworks, 'refused');
    this.#connections = new Connections(this.#policy, limits.connections);
    this.#slots = new Slots(limits.connections);
    this.#kept = new AnswerCache(limits.cacheBytes);
    this.#rates = new RateLimits(limits.clock);
    this.#allowedHosts = new Set(limits.allowedHosts.map(hostOf));
  }

  /** Sends a request and reads its answer. Throws as `ScmClient` says. */
  async send(request: ScmRequest): Promise<ScmAnswer> {
    let url = request.url;
    for (let redirects = 0; ; redirects += 1) {
      const asked = askedOf(request, url);
      this.#admit(asked, url);
      const answer = await this.#slots.run(url.origin, request.signal, async () => this.#exchange(request, asked, url));
      if (!(answer instanceof URL)) return answer;
      if (redirects === MAX_REDIRECTS) throw scmError(asked, ['Redirected', 'redirects in a circle']);
      url = answer;
    }
  }

  /** Ends all sockets at once. */
  async destroy(): Promise<void> {
    await this.#connections.destroy();
  }

  #admit(asked: Asked, url: URL): void {
    if (url.protocol !== 'https:' && !(this.limits.allowInsecure && url.protocol === 'http:')) {
      throw scmError(asked, ['InsecureAddress', 'is not asked: the address must begin with https://']);
    }
    if (url.username !== '' || url.password !== '') {
      throw scmError(asked, ['InvalidAddress', 'is not asked: credentials do not belong in the address']);
    }
    const isAllowed =
      this.#allowedHosts.size === 0 || this.#allowedHosts.has(url.host) || this.#allowedHosts.has(url.hostname);
    if (!isAllowed) throw hostNotAllowed(asked);
    const why = refusedHost(url.hostname, this.#policy);
    if (why !== undefined) throw addressRefused(asked, why);
  }

  /** One exchange: the answer, or where it redirects to. */
  async #exchange(request: ScmRequest, asked: Asked, url: URL): Promise<ScmAnswer | URL> {
    const rateKey = `${url.origin} ${request.identity}`;
    const pauseMs = this.#rates.pauseMs(rateKey);
    if (pauseMs !== undefined) throw rateLimited(asked, pauseMs);
    const ms = request.timeoutMs ?? this.limits.requestTimeoutMs;
    const error = (): AppError => scmError(asked, ['Timeout', `did not answer within ${ms} ms`]);
    return withDeadline({ ms, outer: request.signal, error }, async (signal) => {
      const key = `${request.identity} ${String(request.probe)} ${url.href}`;
      const kept = request.method === 'GET' ? this.#kept.get(key) : undefined;
      try {
        this.counts.requests += 1;
        const pool = this.#connections.to(url.origin, request.tls);
        const response = await pool.request(optionsOf(request, url, { kept, signal, agent: this.limits.userAgent }));
        return await this.#read(request, response, { asked, url, key, rateKey, kept });
      } catch (failure) {
        if (signal.aborted) throw signal.reason;
        throw failure instanceof AppError ? failure : errorOfFailure(asked, failure);
      }
    });
  }

  async #read(request: ScmRequest, response: Dispatcher.ResponseData, at: Exchange): Promise<ScmAnswer | URL> {
    const { asked } = at;
    const status = response.statusCode;
    const header = (name: string): string | undefined => one(response.headers[name]);
    if (status === 304 && at.kept !== undefined) {
      this.counts.notModified += 1;
      await response.body.dump();
      return { asked, status: 200, header: mapReader(at.kept.headers), body: bodyOf(asked, at.kept.bytes) };
    }
    if (status === 404) {
      const bytes = await readBytes(response.body, MAX_NOT_FOUND_BYTES);
      const parsed = bytes === undefined ? undefined : parseAnswer(bytes);
      return { asked, status, header, body: parsed !== undefined && 'value' in parsed ? parsed.value : undefined };
    }
    if (status < 200 || status === 203 || status > 299) {
      // The body of an error is not read: it is the host's text, and it never becomes ours.
      abandon(response.body);
      return this.#refuse(request, { ...at, status, header });
    }
    const body = request.probe === true ? new Uint8Array() : await this.#bodyBytes(asked, response);
    if (request.probe === true) await response.body.dump({ limit: MAX_NOT_FOUND_BYTES });
    if (body.length > 0) requireJson(asked, header('content-type'));
    const answer = { asked, status, header, body: bodyOf(asked, body) };
    this.#keep(request, at.key, { bytes: body, header });
    return answer;
  }

  async #bodyBytes(asked: Asked, response: Dispatcher.ResponseData): Promise<Uint8Array> {
    const bytes = await readBytes(response.body, this.limits.maxAnswerBytes);
    if (bytes !== undefined) return bytes;
    throw scmError(asked, ['TooLarge', `gave an answer of more than ${this.limits.maxAnswerBytes} bytes`]);
  }

  /** Where a redirect leads, if it may be followed; the error of every other status. */
  #refuse(request: ScmRequest, at: Exchange & { readonly status: number; readonly header: HeaderReader }): URL {
    const { asked, status, header } = at;
    if (REDIRECTS.has(status)) return redirectOf(at, request.method, header('location'));
    const pauseMs = pauseOf(status, header, this.limits.clock.nowMs());
    if (pauseMs === undefined) throw errorOfStatus(asked, status);
    this.counts.rateLimited += 1;
    this.#rates.pause(at.rateKey, pauseMs);
    throw rateLimited(asked, pauseMs);
  }

  #keep(request: ScmRequest, key: string, answer: { readonly bytes: Uint8Array; readonly header: HeaderReader }): void {
    const { bytes, header } = answer;
    const etag = header('etag');
    const lastModified = header('last-modified');
    if (request.method !== 'GET' || (etag === undefined && lastModified === undefined)) return;
    const headers = new Map<string, string>();
    for (const name of KEPT_HEADERS) {
      const value = header(name);
      if (value !== undefined) headers.set(name, value);
    }
    this.#kept.set(key, { etag, lastModified, headers, bytes });
  }
}

type HeaderReader = (name: string) => string | undefined;

interface Exchange {
  readonly asked: Asked;
  readonly url: URL;
  readonly key: string;
  readonly rateKey: string;
  readonly kept: KeptAnswer | undefined;
}

function optionsOf(
  request: ScmRequest,
  url: URL,
  { kept, signal, agent }: { kept: KeptAnswer | undefined; signal: AbortSignal; agent: string },
): Dispatcher.RequestOptions {
  return {
    method: request.method,
    path: url.pathname + url.search,
    headers: {
      accept: 'application/json',
      'user-agent': agent,
      ...request.headers,
      ...(request.body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(kept?.etag === undefined ? {} : { 'if-none-match': kept.etag }),
      ...(kept?.lastModified === undefined ? {} : { 'if-modified-since': kept.lastModified }),
    },
    body: request.body === undefined ? null : JSON.stringify(request.body),
    signal,
  };
}

function bodyOf(asked: Asked, bytes: Uint8Array): JsonValue | undefined {
  if (bytes.length === 0) return undefined;
  const parsed = parseAnswer(bytes);
  if ('fault' in parsed) throw malformed(asked, parsed.fault);
  return parsed.value;
}

function requireJson(asked: Asked, contentType: string | undefined): void {
  if (contentType === undefined || !/^[\w.+-]+\/(?:[\w.+-]+\+)?json\b/i.test(contentType)) {
    throw malformed(asked, 'it is not JSON');
  }
}

function rateLimited(asked: Asked, pauseMs: number): AppError {
  const seconds = Math.ceil(pauseMs / 1_000);
  return scmError(asked, ['RateLimited', `takes no more requests for ${seconds} s`], {
    details: { retryAfterMs: Math.ceil(pauseMs) },
  });
}

function askedOf(request: ScmRequest, url: URL): Asked {
  return { provider: request.provider, host: url.host, what: `${request.method} ${url.pathname}` };
}

/** `host`, `host:port` or an address as the host that it names. */
function hostOf(entry: string): string {
  const text = entry.trim().toLowerCase();
  return URL.canParse(text) && text.includes('://') ? new URL(text).host : text;
}

function one(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.join(', ') : value;
}

function mapReader(headers: ReadonlyMap<string, string>): HeaderReader {
  return (name) => headers.get(name);
}
