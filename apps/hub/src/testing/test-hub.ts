// A hub in this process on a database of its own, for integration specs: real parts, a free port, two logins.
import { randomBytes } from 'node:crypto';
import { loadHubConfig } from '@wheelwright/platform-config';
import { createTestDatabase } from '@wheelwright/testing';
import { startHub, type Hub } from '../hub.js';
import { closeParts, openParts } from '../open-parts.js';
import type { HubParts } from '../parts.js';

export interface TestHub extends AsyncDisposable {
  readonly url: string;
  readonly parts: HubParts;
  readonly hub: Hub;
  readonly adminPassword: string;
  /** A session token of the administrator. */
  readonly adminToken: string;
  /** An API token with the role readonly. */
  readonly readonlyToken: string;
  stop(): Promise<void>;
}

/** Starts a hub. `environment` adds variables, as a user would set them. */
export async function startTestHub(environment: Readonly<Record<string, string>> = {}): Promise<TestHub> {
  const database = await createTestDatabase();
  const adminPassword = randomBytes(12).toString('hex');
  const config = loadHubConfig({
    DATABASE_URL: database.url,
    PORT: '0',
    WHEELWRIGHT_ENCRYPTION_KEYS: `test:${randomBytes(32).toString('base64')}`,
    WHEELWRIGHT_DATABASE_CONNECTIONS: '5',
    WHEELWRIGHT_ALLOWED_NETWORKS: '127.0.0.0/8',
    WHEELWRIGHT_ADMIN_PASSWORD: adminPassword,
    LOG_LEVEL: 'silent',
    ...environment,
  });
  const parts = await openParts(config);
  const hub = await startHub(parts);
  const stop = async (): Promise<void> => {
    await hub.stop();
    await closeParts(parts);
    await database.drop();
  };
  const adminToken = tokenOf(await post(`${hub.url}/api/v1/session`, { username: 'admin', password: adminPassword }));
  const readonlyToken = tokenOf(
    await post(`${hub.url}/api/v1/tokens`, { name: 'reader', role: 'readonly' }, adminToken),
  );
  return { url: hub.url, parts, hub, adminPassword, adminToken, readonlyToken, stop, [Symbol.asyncDispose]: stop };
}

async function post(url: string, body: object, token?: string): Promise<unknown> {
  const headers = {
    'content-type': 'application/json',
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  };
  const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  return answer.json();
}

function tokenOf(answer: unknown): string {
  if (typeof answer === 'object' && answer !== null && 'token' in answer && typeof answer.token === 'string')
    return answer.token;
  throw new Error(`the hub gave no token: ${JSON.stringify(answer)}`);
}
