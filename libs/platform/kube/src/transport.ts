// One spoke's connections: bounded, breakable requests over a keep-alive pool, JSON in and out, every failure an AppError.
import { Pool, type Dispatcher } from 'undici';
import { AppError, isJsonObject, type JsonObject } from '@wheelwright/kernel';
import { guardedLookup, refusedAddress, refusedHost, type AddressPolicy } from './addresses.js';
import { readBody } from './body.js';
import type { Breaker, Admission } from './breaker.js';
import { startDeadline, type Deadline } from './deadline.js';
import { cleanerOf, errorOfAnswer, errorOfFailure, retryAfterMs, type Cleaner } from './errors.js';
import { withQuery } from './paths.js';
import type { RawRequest, RawResponse, RequestRecord, SpokeTarget } from './types.js';
import type { AdaptiveWindow } from './window.js';

/** Default milliseconds of a call. */
export const DEFAULT_DEADLINE_MS = 15_000;
const DEFAULT_MAX_BYTES = 32 * 1024 * 1024;
const MAX_ERROR_BYTES = 512 * 1024;
/** How often a request is sent again after a 429: the spoke did not carry it out. */
const MAX_THROTTLED = 3;

export interface TransportOptions {
  /** Sockets per spoke. */
  readonly connections: number;
  readonly connectTimeoutMs: number;
  readonly keepAliveMs: number;
  readonly addressPolicy: AddressPolicy;
  readonly userAgent: string;
  readonly window: AdaptiveWindow;
  readonly breaker: Breaker;
  readonly onRequest: (record: RequestRecord) => void;
}

/** What a view adds to each of its requests. */
export interface ViewOptions {
  readonly impersonate?: string | undefined;
  /** Runs right before a request that writes is sent. */
  readonly guard?: (() => void) | undefined;
  /** Added to the user agent. */
  readonly comment?: string | undefined;
}

/** Whether a request changes something on the spoke. */
function writes(request: RawRequest): boolean {
  return request.method !== 'GET' && request.query?.['dryRun'] === undefined;
}

export class Transport {
  readonly #pool: Pool;
  readonly #prefix: string;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #clean: Cleaner;
  readonly #refusal: AppError | undefined;

  constructor(
    private readonly target: SpokeTarget,
    private readonly options: TransportOptions,
  ) {
    const url = new URL(target.server);
    const { credentials, tls } = target;
    const why = refusedHost(url.hostname, options.addressPolicy);
    this.#refusal = why === undefined ? undefined : refusedAddress(url.hostname, why);
    this.#prefix = url.pathname.replace(/\/+$/, '');
    const secrets = credentials.kind === 'bearerToken' ? [credentials.token] : [credentials.keyData];
    this.#clean = cleanerOf(secrets);
    this.#headers = {
      ...(credentials.kind === 'bearerToken' ? { authorization: `Bearer ${credentials.token}` } : {}),
    };
    this.#pool = new Pool(url.origin, {
      connections: options.connections,
      pipelining: 1,
      keepAliveTimeout: options.keepAliveMs,
      keepAliveMaxTimeout: options.keepAliveMs,
      // The call's own deadline bounds these.
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: {
        timeout: options.connectTimeoutMs,
        lookup: guardedLookup(options.addressPolicy),
        ...(tls.caData === undefined ? {} : { ca: tls.caData }),
        ...(tls.serverName === undefined ? {} : { servername: tls.serverName }),
        ...(tls.insecure === true ? { rejectUnauthorized: false } : {}),
        ...(credentials.kind === 'clientCertificate' ? { cert: credentials.certData, key: credentials.keyData } : {}),
      },
    });
  }

  /** Sends a request, waits for its slot, and reads its answer. Fails as `SpokeClient` says. */
  async send(request: RawRequest, view: ViewOptions): Promise<RawResponse> {
    if (this.#refusal !== undefined) throw this.#refusal;
    const deadline = startDeadline(request.deadlineMs ?? DEFAULT_DEADLINE_MS, request.signal);
    try {
      for (let throttled = 0; ; throttled += 1) {
        const answer = await this.#sendOnce(request, view, deadline);
        if (!(answer instanceof AppError)) return answer;
        const waitMs = Number(answer.details['retryAfterMs']);
        if (throttled >= MAX_THROTTLED || waitMs >= deadline.remainingMs()) throw answer;
      }
    } finally {
      deadline.end();
    }
  }

  /** Lets requests under way end, then closes the sockets. */
  async close(): Promise<void> {
    await this.#pool.close();
  }

  /** Closes the sockets at once. */
  async destroy(): Promise<void> {
    await this.#pool.destroy();
  }

  /** One try. Answers the error (instead of throwing it) where the spoke throttled, so that the caller may try again. */
  async #sendOnce(request: RawRequest, view: ViewOptions, deadline: Deadline): Promise<RawResponse | AppError> {
    const { breaker, window } = this.options;
    const openMs = breaker.pauseMs(performance.now());
    if (openMs !== undefined) throw breakerOpen(openMs);
    await window.acquire(deadline.signal).catch((error: unknown) => {
      throw deadline.isOver() ? noSlot() : deadline.error(error);
    });
    try {
      const admission = breaker.admit(performance.now());
      if (admission.kind === 'refused') throw breakerOpen(admission.retryAfterMs);
      try {
        if (writes(request)) view.guard?.();
      } catch (error) {
        breaker.abandoned(admission);
        throw error;
      }
      return await this.#exchange(request, view, { deadline, admission });
    } finally {
      window.release();
    }
  }

  async #exchange(
    request: RawRequest,
    view: ViewOptions,
    { deadline, admission }: { readonly deadline: Deadline; readonly admission: Admission },
  ): Promise<RawResponse | AppError> {
    const { breaker, window } = this.options;
    const startedMs = performance.now();
    let status = 0;
    try {
      const response = await this.#pool.request(this.#optionsOf(request, view, deadline.signal));
      status = response.statusCode;
      const body = await this.#readJson(request, response);
      const durationMs = performance.now() - startedMs;
      if (status >= 200 && status < 300 && body !== undefined) {
        breaker.succeeded();
        window.answered(request.verb, durationMs, performance.now());
        return { status, body };
      }
      if (status === 429) window.throttled(retryAfterMs(response), performance.now());
      else if (status >= 502) window.failed(performance.now());
      const error = errorOfAnswer(
        { status, headers: response.headers, body, confidential: request.confidential === true },
        this.#clean,
      );
      if (status !== 429) throw error;
      breaker.succeeded();
      return error;
    } catch (error) {
      if (error instanceof AppError) {
        if (status === 0) breaker.abandoned(admission);
        else breaker.succeeded();
        throw error;
      }
      throw this.#failure(error, { deadline, admission, startedMs });
    } finally {
      this.options.onRequest({
        cluster: this.target.id,
        verb: request.verb,
        status,
        durationMs: performance.now() - startedMs,
      });
    }
  }

  /** No answer: counts against the spoke, unless it had no fair chance (the caller gave up, or most of the time went by in the queue). */
  #failure(
    error: unknown,
    {
      deadline,
      admission,
      startedMs,
    }: { readonly deadline: Deadline; readonly admission: Admission; readonly startedMs: number },
  ): AppError {
    const { breaker, window } = this.options;
    const nowMs = performance.now();
    const gaveUp = deadline.signal.aborted && !deadline.isOver();
    const unfair = deadline.isOver() && nowMs - startedMs < deadline.totalMs / 2;
    if (gaveUp || unfair) breaker.abandoned(admission);
    else {
      breaker.failed(nowMs, admission);
      window.failed(nowMs);
    }
    return deadline.signal.aborted ? deadline.error(error) : errorOfFailure(error, this.#clean);
  }

  #optionsOf(request: RawRequest, view: ViewOptions, signal: AbortSignal): Dispatcher.RequestOptions {
    const { userAgent } = this.options;
    return {
      method: request.method,
      path: withQuery(this.#prefix + request.path, request.query),
      headers: {
        ...this.#headers,
        'user-agent': view.comment === undefined ? userAgent : `${userAgent} (${view.comment})`,
        accept: request.accept ?? 'application/json',
        ...(request.body === undefined ? {} : { 'content-type': request.contentType ?? 'application/json' }),
        ...(view.impersonate === undefined ? {} : { 'impersonate-user': view.impersonate }),
      },
      body: request.body === undefined ? null : JSON.stringify(request.body),
      signal,
    };
  }

  /** The body as a JSON object; of an answer that is not 2xx `undefined` where it is none. */
  async #readJson(request: RawRequest, response: Dispatcher.ResponseData): Promise<JsonObject | undefined> {
    const ok = response.statusCode >= 200 && response.statusCode < 300;
    const bytes = await readBody(response.body, ok ? (request.maxBytes ?? DEFAULT_MAX_BYTES) : MAX_ERROR_BYTES);
    const body = bytes === undefined ? undefined : parseJson(bytes);
    if (isJsonObject(body)) return body;
    if (!ok) return undefined;
    const reason = bytes === undefined ? 'ResponseTooLarge' : 'NotJson';
    const what = bytes === undefined ? 'is larger than the hub takes' : 'is not a JSON object';
    throw new AppError('SpokeRejected', `The answer of the spoke ${what}.`, {
      details: { status: response.statusCode, reason },
    });
  }
}

/** Parses JSON; `__proto__` members are dropped, because a later merge could take them for a prototype. */
function parseJson(bytes: Buffer): unknown {
  const text = bytes.toString('utf8');
  try {
    if (!text.includes('__proto__')) return JSON.parse(text) as unknown;
    return JSON.parse(text, (key, value: unknown) => (key === '__proto__' ? undefined : value)) as unknown;
  } catch {
    return undefined;
  }
}

function breakerOpen(retryMs: number): AppError {
  return new AppError('SpokeUnreachable', `The spoke did not answer several times in a row; it is tried again soon.`, {
    details: { reason: 'BreakerOpen', retryAfterMs: retryMs },
  });
}

function noSlot(): AppError {
  return new AppError('SpokeThrottled', `No request to the spoke ended in time to send this one.`, {
    details: { reason: 'NoSlot', retryAfterMs: 1_000 },
  });
}
