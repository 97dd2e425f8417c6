// A real kube-apiserver as a spoke, with the few hands that a test lends it where controllers and the garbage collector are missing.
import { isJsonObject, type JsonObject, type JsonValue } from '@wheelwright/kernel';
import { startEnvtest, type AuditEvent, type Envtest } from '@wheelwright/testing';
import { Agent, request } from 'undici';
import type { TestSpoke } from './test-fleet.js';

const DEADLINE_MS = 15_000;
const COUNTER = /^apiserver_request_total\{([^}]*)\} (\d+)/;

/** Requests that the API server has answered, by `VERB resource`, dry runs as `DRY resource`; its own housekeeping is among them. */
export type RequestCounts = ReadonlyMap<string, number>;

export class RealSpoke implements TestSpoke {
  private readonly agent: Agent;

  private constructor(
    readonly name: string,
    private readonly server: Envtest,
  ) {
    this.agent = new Agent({ connect: { ca: server.caData } });
  }

  static async start(name: string): Promise<RealSpoke> {
    return new RealSpoke(name, await startEnvtest());
  }

  get url(): string {
    return this.server.url;
  }

  get token(): string {
    return this.server.token;
  }

  get caData(): string {
    return this.server.caData;
  }

  /** The object at a path; `undefined` where there is none. */
  async get(path: string): Promise<JsonObject | undefined> {
    const { status, text } = await this.call('GET', path);
    if (status === 404) return undefined;
    return asObject(path, { status, text });
  }

  /** A merge patch, as somebody with kubectl makes it. */
  async patch(path: string, body: JsonValue): Promise<JsonObject> {
    return asObject(path, await this.call('PATCH', `${path}?fieldManager=kubectl-edit`, body));
  }

  async create(path: string, body: JsonValue): Promise<JsonObject> {
    return asObject(path, await this.call('POST', path, body));
  }

  /** What the Deployment controller would report once every pod is available. */
  async makeAvailable(namespace: string, name: string): Promise<void> {
    const path = `/apis/apps/v1/namespaces/${namespace}/deployments/${name}`;
    const live = await this.get(path);
    const spec = live?.['spec'];
    const meta = live?.['metadata'];
    if (!isJsonObject(spec) || !isJsonObject(meta)) throw new Error(`there is no Deployment ${namespace}/${name}`);
    const replicas = spec['replicas'] ?? 1;
    const observedGeneration = meta['generation'] ?? 0;
    await this.patch(`${path}/status`, {
      status: {
        observedGeneration,
        replicas,
        updatedReplicas: replicas,
        readyReplicas: replicas,
        availableReplicas: replicas,
      },
    });
  }

  /** What the garbage collector does to an object without dependents that is being deleted in the foreground. Answers whether it waited for that. */
  async collect(path: string): Promise<boolean> {
    const live = await this.get(path);
    const meta = live?.['metadata'];
    if (!isJsonObject(meta) || meta['deletionTimestamp'] === undefined) return false;
    await this.patch(path, { metadata: { finalizers: null } });
    return true;
  }

  /** The API server's own count of requests. */
  async requests(): Promise<RequestCounts> {
    const { text } = await this.call('GET', '/metrics');
    const counts = new Map<string, number>();
    for (const line of text.split('\n')) {
      const [, labels, value] = COUNTER.exec(line) ?? [];
      if (labels === undefined || value === undefined) continue;
      const label = (name: string): string => new RegExp(`(?:^|,)${name}="([^"]*)"`).exec(labels)?.[1] ?? '';
      const verb = label('dry_run') === '' ? label('verb') : 'DRY';
      const name = `${verb} ${label('resource')}`;
      counts.set(name, (counts.get(name) ?? 0) + Number(value));
    }
    return counts;
  }

  /** The audit log of the API server, but for what this class asked itself. */
  async requestsOfWorkers(): Promise<readonly AuditEvent[]> {
    return (await this.server.audit()).filter(({ userAgent }) => userAgent?.startsWith('wheelwright-worker'));
  }

  async stop(): Promise<void> {
    await this.agent.close();
    await this.server.stop();
  }

  private async call(
    method: 'GET' | 'POST' | 'PATCH',
    path: string,
    body?: JsonValue,
  ): Promise<{ readonly status: number; readonly text: string }> {
    const response = await request(`${this.url}${path}`, {
      dispatcher: this.agent,
      method,
      headers: {
        authorization: `Bearer ${this.token}`,
        'content-type': method === 'PATCH' ? 'application/merge-patch+json' : 'application/json',
      },
      signal: AbortSignal.timeout(DEADLINE_MS),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.statusCode, text: await response.body.text() };
  }
}

/** What was counted between two looks, for verbs and resources that match. */
export function requestsBetween(before: RequestCounts, after: RequestCounts, match: RegExp): Record<string, number> {
  const found: Record<string, number> = {};
  for (const [name, count] of after) {
    const more = count - (before.get(name) ?? 0);
    if (more !== 0 && match.test(name)) found[name] = more;
  }
  return found;
}

function asObject(path: string, { status, text }: { readonly status: number; readonly text: string }): JsonObject {
  const body: unknown = JSON.parse(text);
  if (status >= 300 || !isJsonObject(body)) throw new Error(`${path}: HTTP ${String(status)}: ${text.slice(0, 500)}`);
  return body;
}
