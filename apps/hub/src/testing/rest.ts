// Requests to a hub in specs.
export interface RestAnswer {
  readonly status: number;
  readonly type: string;
  readonly headers: Headers;
  readonly text: string;
  /** The parsed body; `undefined` where it is not JSON. */
  readonly body: Readonly<Record<string, unknown>>;
}

export interface RestRequest {
  readonly token?: string;
  /** An object is sent as JSON; a text as `type` (default YAML). */
  readonly body?: object | string;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Sends one request: `method path`, such as `GET /api/v1/clusters`. */
export async function send(url: string, route: string, request: RestRequest = {}): Promise<RestAnswer> {
  const [method = 'GET', path = '/'] = route.split(' ');
  const { body, token } = request;
  const type = request.type ?? (typeof body === 'string' ? 'application/yaml' : 'application/json');
  const answer = await fetch(`${url}${path}`, {
    method,
    headers: {
      ...(body === undefined ? {} : { 'content-type': type }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...request.headers,
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await answer.text();
  return {
    status: answer.status,
    type: answer.headers.get('content-type') ?? '',
    headers: answer.headers,
    text,
    body: parsed(text),
  };
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}
