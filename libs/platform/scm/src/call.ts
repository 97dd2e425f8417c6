// One call: the requests that it takes to one host as one identity, whole lists, and answers of the form that is expected.
import { z } from 'zod';
import type { AppError, JsonValue } from '@wheelwright/kernel';
import type { ScmTls } from './connections.js';
import { malformed, scmError, type Asked } from './errors.js';
import type { ScmLimits } from './options.js';
import type { Paging } from './paging.js';
import type { ScmAnswer, Transport } from './transport.js';
import { urlOf, type Query } from './urls.js';

/** Where the requests of a call go, and as whom. */
export interface Target {
  /** As an operator calls it: `GitHub`. */
  readonly provider: string;
  /** Root of the API, without a slash at its end. */
  readonly root: string;
  /** With the credentials. */
  readonly headers: Readonly<Record<string, string>>;
  /** Digest of the credentials. */
  readonly identity: string;
  readonly tls: ScmTls;
}

/** What a call needs of its client. */
export interface CallContext {
  readonly transport: Transport;
  readonly limits: Pick<ScmLimits, 'maxPages' | 'maxItems'>;
  readonly onPage: () => void;
  readonly signal: AbortSignal;
}

/** A list to read to its end. */
export interface ListRequest<Row> {
  readonly path: string;
  readonly query?: Query;
  readonly paging: Paging;
  /** The form of a row. */
  readonly row: z.ZodType<Row>;
}

export class Call {
  constructor(
    private readonly target: Target,
    private readonly context: CallContext,
  ) {}

  /** The error for an answer of the right form that still cannot be used. */
  malformed(fault: string): AppError {
    return malformed({ provider: this.target.provider, host: new URL(this.target.root).host }, fault);
  }

  /** The answer, of the form given. Throws NotFound on 404, SourceFailed on another form. */
  async get<T>(path: string, { query, form }: { readonly query?: Query; readonly form: z.ZodType<T> }): Promise<T> {
    const answer = await this.#send(urlOf(this.target.root, path, query));
    return read(answer.asked, form, found(answer).body);
  }

  /** As `get`; `undefined` on 404 and on an answer without a body. */
  async find<T>(
    path: string,
    { query, form }: { readonly query?: Query; readonly form: z.ZodType<T> },
  ): Promise<T | undefined> {
    const answer = await this.#send(urlOf(this.target.root, path, query));
    if (answer.status === 404 || answer.body === undefined) return undefined;
    return read(answer.asked, form, answer.body);
  }

  /** The status 2xx or 404, and of a 404 its body. */
  async probe(path: string, query?: Query): Promise<ScmAnswer> {
    return this.#send(urlOf(this.target.root, path, query), true);
  }

  /** Posts, and answers the body of the form given. */
  async post<T>(
    path: string,
    { headers, form }: { readonly headers: Readonly<Record<string, string>>; readonly form: z.ZodType<T> },
  ): Promise<T> {
    const { transport, signal } = this.context;
    const answer = await transport.send({
      ...this.target,
      headers: { ...this.target.headers, ...headers },
      method: 'POST',
      url: urlOf(this.target.root, path),
      body: {},
      signal,
    });
    return read(answer.asked, form, found(answer).body);
  }

  /** All rows of all pages. Throws SourceFailed where there are more pages or rows than are taken: never a part. */
  async list<Row>({ path, query = {}, paging, row }: ListRequest<Row>): Promise<readonly Row[]> {
    const { limits, onPage } = this.context;
    const all: Row[] = [];
    let url = urlOf(this.target.root, path, query);
    let at = query;
    for (let page = 1; ; page += 1) {
      const answer = found(await this.#send(url));
      onPage();
      const rows = paging.rows(answer.body);
      if (rows === undefined) throw malformed(answer.asked, 'it is not a list');
      if (all.length + rows.length > limits.maxItems) throw tooMany(answer.asked, `${limits.maxItems} entries`);
      all.push(...read(answer.asked, z.array(row), rows));
      const next = paging.next(answer, { query: at, rows: rows.length });
      if (next === undefined) return all;
      if (page === limits.maxPages) throw tooMany(answer.asked, `${limits.maxPages} pages`);
      if ('query' in next) {
        at = next.query;
        url = urlOf(this.target.root, path, at);
      } else url = this.#sameHost(answer.asked, next.url);
    }
  }

  /** The address of a next page: credentials go there, so it must be on the same host. */
  #sameHost(asked: Asked, next: string): URL {
    const root = new URL(this.target.root);
    const url = URL.canParse(next) ? new URL(next) : undefined;
    if (url === undefined) throw malformed(asked, 'the address of its next page');
    if (url.origin === root.origin) return url;
    throw scmError(asked, ['Redirected', `says that its next page is at ${url.host}, which is not followed`]);
  }

  async #send(url: URL, probe = false): Promise<ScmAnswer> {
    const { transport, signal } = this.context;
    return transport.send({ ...this.target, method: 'GET', url, probe, signal });
  }
}

function found(answer: ScmAnswer): ScmAnswer {
  if (answer.status !== 404) return answer;
  throw scmError(answer.asked, ['NotFound', 'answered 404: it is not there, or the credentials do not show it']);
}

function tooMany(asked: Asked, limit: string): AppError {
  return scmError(asked, ['TooMany', `has more than ${limit} of it, which is more than is taken`]);
}

/** The value in the form given. Throws SourceFailed that says where it is not. */
function read<T>(asked: Asked, form: z.ZodType<T>, value: JsonValue | undefined): T {
  const result = form.safeParse(value);
  if (result.success) return result.data;
  // The message of an issue tells types and bounds, never the value.
  const issue = result.error.issues[0];
  const steps = (issue?.path ?? []).map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`));
  throw malformed(
    asked,
    `${steps.length === 0 ? 'the answer' : steps.join('')}: ${issue?.message ?? 'not as expected'}`,
  );
}
