// The hub as its users reach it: REST and GraphQL with a bearer token.
import { createHmac } from 'node:crypto';
import { Agent, request, type Dispatcher } from 'undici';
import { BenchError } from './waiting.js';

const CALL_MS = 60_000;

/** Counts of the fleet, as `fleet` answers them. */
export interface FleetCounts {
  readonly clusters: { readonly total: number; readonly connected: number };
  readonly applications: {
    readonly total: number;
    readonly sync: { readonly synced: number };
    readonly health: { readonly healthy: number };
  };
  /** ISO 8601; null where nothing was looked at yet. */
  readonly oldestObservation: string | null;
  readonly neverObserved: number;
}

export const FLEET_QUERY = `{
  fleet {
    clusters { total connected unreachable unauthorized paused pending }
    applications {
      total
      sync { synced outOfSync unknown }
      health { healthy progressing degraded missing suspended unknown }
    }
    oldestObservation
    neverObserved
  }
}`;

export const PAGE_QUERY = `{
  applications(first: 50, filter: { sync: [Synced] }) {
    nodes { name project sync { status revision } health { status message } cluster { name } changedAt }
    pageInfo { endCursor hasNextPage }
  }
}`;

interface Call {
  readonly body?: string;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A logged-in administrator. Every call throws with the hub's own words where it is refused. */
export class HubClient {
  private token = '';
  private readonly agent: Dispatcher = new Agent({ connections: 8 });

  private constructor(private readonly url: string) {}

  static async login(url: string, password: string): Promise<HubClient> {
    const hub = new HubClient(url);
    const text = await hub.call('POST', '/api/v1/session', {
      body: JSON.stringify({ username: 'admin', password }),
      type: 'application/json',
    });
    hub.token = (JSON.parse(text) as { token: string }).token;
    return hub;
  }

  /** Registers one cluster. */
  async register(cluster: unknown): Promise<void> {
    await this.call('POST', '/api/v1/clusters', { body: JSON.stringify(cluster), type: 'application/json' });
  }

  /** Applies YAML of one or more documents. */
  async apply(yaml: string): Promise<void> {
    await this.call('POST', '/api/v1/apply', { body: yaml, type: 'application/yaml' });
  }

  /** The answer to a query as text, as long as it came without errors. */
  async query(query: string): Promise<string> {
    const text = await this.call('POST', '/graphql', { body: JSON.stringify({ query }), type: 'application/json' });
    if (text.includes('"errors"')) throw new BenchError(`GraphQL: ${text.slice(0, 500)}`);
    return text;
  }

  async fleet(): Promise<FleetCounts> {
    return (JSON.parse(await this.query(FLEET_QUERY)) as { data: { fleet: FleetCounts } }).data.fleet;
  }

  /** Sends the push event that a GitHub server would send, signed over its exact bytes. */
  async push(repository: string, commit: string, secret: string): Promise<void> {
    const body = JSON.stringify({
      ref: 'refs/heads/main',
      after: commit,
      repository: { clone_url: repository, ssh_url: repository, html_url: repository, default_branch: 'main' },
    });
    const signature = createHmac('sha256', secret).update(body).digest('hex');
    await this.call('POST', '/webhooks/git', {
      body,
      type: 'application/json',
      headers: {
        'x-github-event': 'push',
        'x-github-delivery': commit,
        'x-hub-signature-256': `sha256=${signature}`,
      },
    });
  }

  async close(): Promise<void> {
    await this.agent.destroy();
  }

  private async call(method: 'GET' | 'POST', path: string, { body, type, headers }: Call): Promise<string> {
    const answer = await request(new URL(path, this.url), {
      method,
      dispatcher: this.agent,
      headers: {
        ...(type === undefined ? {} : { 'content-type': type }),
        ...(this.token === '' ? {} : { authorization: `Bearer ${this.token}` }),
        ...headers,
      },
      body: body ?? null,
      headersTimeout: CALL_MS,
      bodyTimeout: CALL_MS,
    });
    const text = await answer.body.text();
    if (answer.statusCode >= 300)
      throw new BenchError(`${method} ${path}: ${String(answer.statusCode)} ${text.slice(0, 500)}`);
    return text;
  }
}
