// A plain HTTP client for the contract suite: no library's opinion between the test and the server.
import { randomBytes } from 'node:crypto';
import { isJsonObject, type JsonObject, type JsonValue } from '@wheelwright/kernel';
import { Agent, request } from 'undici';

/** An API server under test. */
export interface KubeApiUnderTest {
  readonly url: string;
  readonly token: string;
  /** PEM; left out for plain HTTP. */
  readonly caData?: string;
  /** Makes the server forget its history of changes, so that older watches end with 410. */
  readonly forgetHistory: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

export interface KubeAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: JsonObject;
}

export interface KubeCall {
  readonly body?: JsonValue | string;
  readonly accept?: string;
  readonly contentType?: string;
  /** `null` sends none. */
  readonly token?: string | null;
  readonly userAgent?: string;
}

export const APPLY = 'application/apply-patch+yaml';
export const MERGE = 'application/merge-patch+json';
export const STRATEGIC = 'application/strategic-merge-patch+json';
export const JSON_PATCH = 'application/json-patch+json';
export const PARTIAL_LIST = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';
export const PARTIAL = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1';

const DEADLINE_MS = 15_000;

/** One event of a watch. */
export interface WatchEvent {
  readonly type: string;
  readonly object: JsonObject;
}

export class KubeTestClient {
  private readonly agent: Agent;

  constructor(readonly server: KubeApiUnderTest) {
    this.agent = new Agent(server.caData === undefined ? {} : { connect: { ca: server.caData } });
  }

  async call(
    method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    path: string,
    call: KubeCall = {},
  ): Promise<KubeAnswer> {
    const response = await request(`${this.server.url}${path}`, {
      dispatcher: this.agent,
      method,
      headers: this.headers(call),
      signal: AbortSignal.timeout(DEADLINE_MS),
      ...(call.body === undefined
        ? {}
        : { body: typeof call.body === 'string' ? call.body : JSON.stringify(call.body) }),
    });
    const text = await response.body.text();
    const contentType = String(response.headers['content-type'] ?? '');
    const parsed: unknown = contentType.startsWith('application/json') ? JSON.parse(text) : { text };
    return {
      status: response.statusCode,
      contentType,
      body: isJsonObject(parsed) ? parsed : { parsed: String(parsed) },
    };
  }

  get(path: string, call: KubeCall = {}): Promise<KubeAnswer> {
    return this.call('GET', path, call);
  }

  post(path: string, body: JsonValue, call: KubeCall = {}): Promise<KubeAnswer> {
    return this.call('POST', path, { ...call, body });
  }

  put(path: string, body: JsonValue): Promise<KubeAnswer> {
    return this.call('PUT', path, { body });
  }

  patch(path: string, contentType: string, body: JsonValue): Promise<KubeAnswer> {
    return this.call('PATCH', path, { body, contentType });
  }

  /** Server-side apply; `query` adds parameters such as `force=true`. */
  apply(path: string, body: JsonValue | string, query = 'fieldManager=tester'): Promise<KubeAnswer> {
    return this.call('PATCH', `${path}?${query}`, { body, contentType: APPLY });
  }

  delete(path: string, body?: JsonValue): Promise<KubeAnswer> {
    return this.call('DELETE', path, body === undefined ? {} : { body });
  }

  /** Reads a watch until `enough` says so, the stream ends or time is up; answers the events so far. */
  async watch(
    path: string,
    enough: (events: readonly WatchEvent[]) => boolean,
    call: KubeCall = {},
  ): Promise<readonly WatchEvent[]> {
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), DEADLINE_MS);
    const events: WatchEvent[] = [];
    try {
      const response = await request(`${this.server.url}${path}`, {
        dispatcher: this.agent,
        headers: this.headers(call),
        signal: stop.signal,
      });
      let rest = '';
      for await (const chunk of response.body) {
        const lines = (rest + String(chunk)).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines.filter((text) => text !== '')) events.push(eventOf(line));
        if (enough(events)) break;
      }
    } catch (error) {
      if (!stop.signal.aborted) throw error;
    } finally {
      clearTimeout(timer);
      stop.abort();
    }
    return events;
  }

  /** Creates a namespace with a name of its own. */
  async namespace(): Promise<string> {
    const name = `contract-${randomBytes(4).toString('hex')}`;
    const answer = await this.post('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
    if (answer.status !== 201) throw new Error(`no namespace: ${JSON.stringify(answer.body)}`);
    return name;
  }

  close(): Promise<void> {
    return this.agent.destroy();
  }

  private headers(call: KubeCall): Record<string, string> {
    const token = call.token === undefined ? this.server.token : call.token;
    return {
      'user-agent': call.userAgent ?? 'contract-suite/1.0',
      accept: call.accept ?? 'application/json',
      ...(call.body === undefined ? {} : { 'content-type': call.contentType ?? 'application/json' }),
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
    };
  }
}

function eventOf(line: string): WatchEvent {
  const event: unknown = JSON.parse(line);
  if (!isJsonObject(event) || typeof event.type !== 'string' || !isJsonObject(event.object))
    throw new Error(`not an event: ${line}`);
  return { type: event.type, object: event.object };
}

/** The value at a path of keys and indexes; undefined where there is none. */
export function at(value: JsonValue | undefined, ...path: readonly (string | number)[]): JsonValue | undefined {
  let here: JsonValue | undefined = value;
  for (const key of path) {
    if (typeof key === 'number' && isList(here)) here = here[key];
    else if (isJsonObject(here)) here = here[key];
    else return undefined;
  }
  return here;
}

const isList = (value: JsonValue | undefined): value is readonly JsonValue[] => Array.isArray(value);

/** The text at a path; the empty text where there is none. */
export function textAt(value: JsonValue | undefined, ...path: readonly (string | number)[]): string {
  const found = at(value, ...path);
  return typeof found === 'string' ? found : '';
}

/** The list at a path; an empty one where there is none. */
export function listAt(value: JsonValue | undefined, ...path: readonly (string | number)[]): readonly JsonValue[] {
  const found = at(value, ...path);
  return isList(found) ? found : [];
}

/** `metadata.resourceVersion` of an object or a list. */
export const versionOf = (body: JsonObject): string => textAt(body, 'metadata', 'resourceVersion');

/** The items of a list. */
export const itemsOf = (body: JsonObject): readonly JsonValue[] => listAt(body, 'items');

/** Names of the objects in a list. */
export const namesOf = (body: JsonObject): readonly string[] =>
  itemsOf(body).map((item) => textAt(item, 'metadata', 'name'));

/** Paths of the contract's kinds in one namespace. */
export const paths = (namespace: string) => ({
  configMaps: `/api/v1/namespaces/${namespace}/configmaps`,
  secrets: `/api/v1/namespaces/${namespace}/secrets`,
  services: `/api/v1/namespaces/${namespace}/services`,
  deployments: `/apis/apps/v1/namespaces/${namespace}/deployments`,
});

/** A ConfigMap as JSON. */
export function configMap(name: string, data: JsonObject = {}, metadata: JsonObject = {}): JsonObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, ...metadata }, data };
}

/** A Deployment with one container, as somebody would write it. */
export function deployment(name: string, spec: JsonObject = {}, container: JsonObject = {}): JsonObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: {
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: { containers: [{ name: 'main', image: 'registry.example/web:1', ...container }] },
      },
      ...spec,
    },
  };
}
