// The client of all Git hosts: one deadline per call, equal calls under way joined, credentials resolved, everything counted.
import { AppError, digestOf, digestText, type JsonValue } from '@wheelwright/kernel';
import { Call, type Target } from './call.js';
import { withDeadline } from './deadline.js';
import { malformed, scmError, type Asked } from './errors.js';
import { InstallationTokens } from './github-app.js';
import { withDefaults, type ScmClientOptions, type ScmLimits } from './options.js';
import { ownerOf, projectOf } from './providers/index.js';
import type { Address } from './providers/provider.js';
import { Transport } from './transport.js';
import type {
  CloneProtocol,
  PostRequest,
  PullRequestQuery,
  ScmBranch,
  ScmClient,
  ScmCounters,
  ScmHost,
  ScmPullRequest,
  ScmPullRequestHost,
  ScmRepository,
} from './types.js';

/** Clients of GitHub, GitLab, Gitea, Bitbucket Cloud, Bitbucket Server and Azure DevOps. Throws InvalidRequest on a network that is none. */
export function createScmClient(options: ScmClientOptions = {}): ScmClient {
  return new RestScmClient(withDefaults(options));
}

type AnyHost = ScmHost | ScmPullRequestHost;

class RestScmClient implements ScmClient {
  readonly #transport: Transport;
  readonly #tokens: InstallationTokens;
  readonly #closing = new AbortController();
  /** Calls under way, by the digest of what they ask and as whom. */
  readonly #flights = new Map<string, Promise<unknown>>();
  #pages = 0;
  #joined = 0;

  constructor(private readonly limits: ScmLimits) {
    this.#transport = new Transport(limits);
    this.#tokens = new InstallationTokens(limits.clock);
  }

  async repositories(
    host: ScmHost,
    { cloneProtocol = 'ssh' }: { readonly cloneProtocol?: CloneProtocol } = {},
  ): Promise<readonly ScmRepository[]> {
    const owner = ownerOf(host);
    return this.#call(['repositories', host, cloneProtocol], { host, address: owner.address }, async (call) =>
      owner.repositories(call, cloneProtocol),
    );
  }

  async branches(
    host: ScmHost,
    repository: ScmRepository,
    { all }: { readonly all: boolean },
  ): Promise<readonly ScmBranch[]> {
    const owner = ownerOf(host);
    return this.#call(['branches', host, repository, all], { host, address: owner.address }, async (call) =>
      owner.branches(call, { repository, all }),
    );
  }

  async pathExists(
    host: ScmHost,
    repository: ScmRepository,
    { branch, path }: { readonly branch: ScmBranch; readonly path: string },
  ): Promise<boolean> {
    const owner = ownerOf(host);
    return this.#call(['path', host, repository, branch.sha, path], { host, address: owner.address }, async (call) =>
      owner.pathExists(call, { repository, branch, path }),
    );
  }

  async pullRequests(host: ScmPullRequestHost, query: PullRequestQuery = {}): Promise<readonly ScmPullRequest[]> {
    const project = projectOf(host);
    return this.#call(['pullRequests', host, query], { host, address: project.address }, async (call) =>
      project.pullRequests(call, query),
    );
  }

  async postJson(url: string, { bearer, body, timeoutMs }: PostRequest): Promise<JsonValue> {
    const parsed = URL.canParse(url) ? new URL(url) : undefined;
    const asked: Asked = { provider: 'The plugin', host: parsed?.host ?? 'its address' };
    if (parsed === undefined) throw invalidAddress(asked);
    return this.#timed({ asked, ms: timeoutMs }, async (signal) => {
      const answer = await this.#transport.send({
        provider: asked.provider,
        method: 'POST',
        url: parsed,
        headers: bearer === undefined ? {} : { authorization: `Bearer ${bearer}` },
        body,
        identity: digestText(bearer ?? ''),
        tls: { insecure: false, ca: undefined },
        timeoutMs,
        signal,
      });
      if (answer.status === 404) throw scmError(answer.asked, ['NotFound', 'answered 404']);
      if (answer.body === undefined) throw malformed(answer.asked, 'it is empty');
      return answer.body;
    });
  }

  counters(): ScmCounters {
    return { ...this.#transport.counts, pages: this.#pages, joined: this.#joined };
  }

  async close(): Promise<void> {
    this.#closing.abort(new AppError('Unavailable', 'The process is ending.', { details: { reason: 'Closed' } }));
    await this.#transport.destroy();
  }

  /** Runs a call, or joins an equal one under way. `key` tells calls apart; it holds credentials, so only its digest is kept. */
  async #call<T>(
    key: readonly unknown[],
    { host, address }: { readonly host: AnyHost; readonly address: Address },
    work: (call: Call) => Promise<T>,
  ): Promise<T> {
    const flight = digestText(JSON.stringify(key));
    const under = this.#flights.get(flight);
    if (under !== undefined) {
      this.#joined += 1;
      // The key holds the name of the operation, so the result is one of this operation.
      return under as Promise<T>;
    }
    const asked: Asked = { provider: address.provider, host: hostOf(address) };
    const run = this.#timed({ asked, ms: this.limits.callTimeoutMs }, async (signal) => {
      const target = await this.#target(host, address, signal);
      return work(this.#callOf(target, signal)).catch((error: unknown) => {
        if (isUnauthorized(error)) this.#tokens.forget(target.identity);
        throw error;
      });
    }).finally(() => this.#flights.delete(flight));
    this.#flights.set(flight, run);
    return run;
  }

  async #timed<T>(
    { asked, ms }: { readonly asked: Asked; readonly ms: number },
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const outer = this.#closing.signal;
    if (outer.aborted) throw outer.reason;
    const error = (): AppError => scmError(asked, ['Timeout', `did not answer all of it within ${ms} ms`]);
    return withDeadline({ ms, outer, error }, work);
  }

  /** Where requests go, with the token of the installation where a GitHub App asks. */
  async #target(host: AnyHost, address: Address, signal: AbortSignal): Promise<Target> {
    const asked: Asked = { provider: address.provider, host: hostOf(address) };
    if (!isAddress(host.api) || !URL.canParse(address.root)) throw invalidAddress(asked);
    const app = host.kind === 'github' ? host.app : undefined;
    const tls = { insecure: host.insecure === true, ca: host.ca };
    const target = {
      provider: address.provider,
      root: address.root,
      headers: address.headers,
      // With how the certificate is judged: what came over an unverified connection is nothing to others.
      identity: digestOf({
        root: address.root,
        credentials: app === undefined ? address.credentials : { ...app },
        ...tls,
      }),
      tls,
    };
    if (app === undefined) return target;
    const token = await this.#tokens.token(target.identity, app, { call: this.#callOf(target, signal), asked });
    return { ...target, headers: { ...target.headers, authorization: `Bearer ${token}` } };
  }

  #callOf(target: Target, signal: AbortSignal): Call {
    return new Call(target, {
      transport: this.#transport,
      limits: this.limits,
      onPage: () => (this.#pages += 1),
      signal,
    });
  }
}

/** Whether the root of an API is one: `https:` alone would make a host of what comes after it. Absent or empty is the default one. */
function isAddress(api: string | undefined): boolean {
  return api === undefined || api === '' || /^https?:\/\/[^/?#]+(?:\/[^?#]*)?$/i.test(api);
}

function hostOf({ root }: Address): string {
  return URL.canParse(root) ? new URL(root).host : 'its address';
}

function invalidAddress(asked: Asked): AppError {
  return scmError(asked, ['InvalidAddress', 'is not asked: write the address as https://host/path']);
}

function isUnauthorized(error: unknown): boolean {
  return error instanceof AppError && error.details['reason'] === 'Unauthorized';
}
