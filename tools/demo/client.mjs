// The hub as a user reaches it: REST and GraphQL with a bearer token.
import { setTimeout as delay } from 'node:timers/promises';

const DEADLINE_MS = 30_000;

/** Logs in and answers calls that carry the session's token. Every call throws with the hub's own words where it is refused. */
export async function connectHub(url, { username, password }) {
  const call = async (method, path, { body, type = 'application/json', token } = {}) => {
    const response = await fetch(new URL(path, url), {
      method,
      headers: {
        ...(body === undefined ? {} : { 'content-type': type }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      ...(body === undefined ? {} : { body: type === 'application/json' ? JSON.stringify(body) : body }),
      signal: AbortSignal.timeout(DEADLINE_MS),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${problemOf(text)}`);
    return text === '' ? undefined : JSON.parse(text);
  };
  const { token } = await call('POST', '/api/v1/session', { body: { username, password } });
  return {
    url,
    token,
    register: (cluster) => call('POST', '/api/v1/clusters', { body: cluster, token }),
    apply: (yaml) => call('POST', '/api/v1/apply', { body: yaml, type: 'application/yaml', token }),
    async query(query, variables = {}) {
      const { data, errors } = await call('POST', '/graphql', { body: { query, variables }, token });
      if (errors?.length > 0) throw new Error(`GraphQL: ${errors.map(({ message }) => message).join('; ')}`);
      return data;
    },
  };
}

function problemOf(text) {
  try {
    const { detail, title, errors } = JSON.parse(text);
    return [detail ?? title, ...(errors ?? []).map(({ pointer, message }) => `${pointer} ${message}`)].join('; ');
  } catch {
    return text.slice(0, 200);
  }
}

/** Asks until the answer is not `undefined`, or throws with what was waited for. */
export async function eventually(what, ask, { deadlineMs = 120_000, everyMs = 100 } = {}) {
  const endsAt = performance.now() + deadlineMs;
  let last;
  while (performance.now() < endsAt) {
    try {
      const answer = await ask();
      if (answer !== undefined) return answer;
    } catch (error) {
      last = error;
    }
    await delay(everyMs);
  }
  throw new Error(`${what}: not within ${deadlineMs / 1000} s${last === undefined ? '' : ` (${last.message})`}`);
}
