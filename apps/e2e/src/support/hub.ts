// The hub as a user reaches it: REST, GraphQL and webhooks, with a bearer token.
import { createHmac } from 'node:crypto';

const CALL_MS = 20_000;

/** One answer over REST. */
export interface Answer {
  readonly status: number;
  /** Parsed where it is JSON. */
  readonly body: Readonly<Record<string, unknown>>;
  readonly text: string;
}

export interface Request {
  /** An object is sent as JSON, a text as YAML. */
  readonly body?: object | string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What an Application looks like from outside. */
export interface ApplicationView {
  readonly name: string;
  readonly sync: { readonly status: string; readonly revision: string };
  readonly health: { readonly status: string; readonly message: string };
  readonly conditions: readonly { readonly type: string; readonly message: string }[];
  readonly operation: { readonly phase: string; readonly message: string } | null;
}

const APPLICATIONS = `query ($filter: ApplicationFilter!) {
  applications(first: 200, filter: $filter) {
    nodes {
      name
      sync { status revision }
      health { status message }
      conditions { type message }
      operation { phase message }
    }
  }
}`;

export class Hub {
  private token = '';
  /** The text of every answer so far: no secret may be in one. */
  readonly answers: string[] = [];

  constructor(readonly url: string) {}

  /** Logs in: every later call carries the session. */
  async login(username: string, password: string): Promise<void> {
    const { status, body, text } = await this.rest('POST /api/v1/session', { body: { username, password } });
    if (status !== 200) throw new Error(`the login was refused: ${text}`);
    this.token = String(body['token']);
  }

  /** One call; `route` is `METHOD /path`. Answers whatever comes. */
  async rest(route: string, { body, headers = {} }: Request = {}): Promise<Answer> {
    const [method = 'GET', path = '/'] = route.split(' ');
    const type = typeof body === 'string' ? 'application/yaml' : 'application/json';
    const response = await fetch(new URL(path, this.url), {
      method,
      headers: {
        ...(body === undefined ? {} : { 'content-type': type }),
        ...(this.token === '' ? {} : { authorization: `Bearer ${this.token}` }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      signal: AbortSignal.timeout(CALL_MS),
    });
    const text = await response.text();
    // The session's own token is the one secret that an answer is for.
    if (!route.endsWith('/session')) this.answers.push(text);
    return { status: response.status, body: parse(text), text };
  }

  /** Applies YAML; throws with the hub's words where it is refused. */
  async apply(yaml: string): Promise<void> {
    const { status, text } = await this.rest('POST /api/v1/apply', { body: yaml });
    if (status !== 200) throw new Error(`the apply was refused: ${String(status)} ${text}`);
  }

  /** Asks GraphQL; throws where it answers with errors. */
  async query<Data>(query: string, variables: Readonly<Record<string, unknown>> = {}): Promise<Data> {
    const { body, text } = await this.rest('POST /graphql', { body: { query, variables } });
    if (body['errors'] !== undefined || body['data'] === undefined) throw new Error(`GraphQL: ${text}`);
    return body['data'] as Data;
  }

  /** At most 200 Applications, by a filter of the schema. */
  async applications(filter: Readonly<Record<string, unknown>>): Promise<readonly ApplicationView[]> {
    const data = await this.query<{ applications: { nodes: readonly ApplicationView[] } }>(APPLICATIONS, { filter });
    return data.applications.nodes;
  }

  /** The push event that a Git host would send, signed over its exact bytes. */
  async push(
    repoURL: string,
    { commit, secret }: { readonly commit: string; readonly secret: string },
  ): Promise<Answer> {
    const event = {
      ref: 'refs/heads/main',
      after: commit,
      repository: { clone_url: repoURL, ssh_url: repoURL, html_url: repoURL, default_branch: 'main' },
    };
    const signature = createHmac('sha256', secret).update(JSON.stringify(event)).digest('hex');
    return this.rest('POST /webhooks/git', {
      body: event,
      headers: { 'x-github-event': 'push', 'x-github-delivery': commit, 'x-hub-signature-256': `sha256=${signature}` },
    });
  }
}

function parse(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
  } catch {
    return {};
  }
}
