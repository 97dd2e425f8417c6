// The hub's GraphQL API in this process on a database of its own, for integration specs: real parts, a free port, two callers.
import 'reflect-metadata';
import { randomBytes } from 'node:crypto';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Role } from '@wheelwright/access';
import { AppError, digestText, type ApplicationId } from '@wheelwright/kernel';
import { loadHubConfig } from '@wheelwright/platform-config';
import { silentLogger, type LogFields, type Logger } from '@wheelwright/platform-telemetry';
import { createTestDatabase } from '@wheelwright/testing';
import { AppModule } from '../app.module.js';
import type { DiffEntry, DiffPort } from '../graphql/ports.js';
import { createServer } from '../http/server.js';
import { closeParts, openParts } from '../open-parts.js';
import type { HubParts } from '../parts.js';

export interface GraphqlAnswer {
  readonly status: number;
  readonly data: Readonly<Record<string, unknown>> | null;
  readonly errors: readonly GraphqlFailure[];
}

export interface GraphqlFailure {
  readonly message: string;
  readonly extensions: { readonly code: string; readonly requestId?: string };
}

export interface AskOptions {
  readonly variables?: object;
  readonly role?: Role;
}

/** A running API, and what a spec does with it. */
export interface GraphqlHub extends AsyncDisposable {
  readonly url: string;
  readonly app: NestFastifyApplication;
  readonly parts: HubParts;
  readonly tokens: Readonly<Record<Role, string>>;
  /** Lines that the hub logged as errors. */
  readonly failures: readonly LogFields[];
  /** What the next live comparisons answer. */
  readonly diffs: Map<ApplicationId, readonly DiffEntry[]>;
  ask(query: string, options?: AskOptions): Promise<GraphqlAnswer>;
  stop(): Promise<void>;
}

/** Starts it, as the roles `admin` and `readonly` through API tokens. */
export async function startGraphqlHub(): Promise<GraphqlHub> {
  const database = await createTestDatabase();
  const failures: LogFields[] = [];
  const parts = await openTestParts(database.url, {
    ...silentLogger,
    error: (_message, fields = {}) => void failures.push(fields),
  });
  const diffs = new Map<ApplicationId, readonly DiffEntry[]>();
  const tokens = { admin: await issueToken(parts, 'admin'), readonly: await issueToken(parts, 'readonly') };
  const app = await NestFactory.create<NestFastifyApplication>(
    AppModule.register(parts, preparedDiffs(diffs)),
    createServer(parts),
    {
      bodyParser: false,
      abortOnError: false,
      logger: false,
    },
  );
  await app.listen(0, '127.0.0.1');
  const url = await app.getUrl();
  const stop = async (): Promise<void> => {
    await app.close();
    await closeParts(parts);
    await database.drop();
  };
  const ask = (query: string, { variables, role = 'admin' }: AskOptions = {}): Promise<GraphqlAnswer> =>
    post(`${url}/graphql`, tokens[role], { query, ...(variables === undefined ? {} : { variables }) });
  return { url, app, parts, tokens, failures, diffs, ask, stop, [Symbol.asyncDispose]: stop };
}

async function openTestParts(url: string, logger: Logger): Promise<HubParts> {
  const config = loadHubConfig({
    DATABASE_URL: url,
    PORT: '0',
    WHEELWRIGHT_ENCRYPTION_KEYS: `test:${randomBytes(32).toString('base64')}`,
    LOG_LEVEL: 'silent',
  });
  return { ...(await openParts(config)), logger };
}

async function issueToken(parts: HubParts, role: Role): Promise<string> {
  const token = `wwt_${randomBytes(32).toString('base64url')}`;
  await parts.store.pool.query(`INSERT INTO api_tokens (name, digest, role, created_by) VALUES ($1, $2, $3, 'spec')`, [
    role,
    digestText(token),
    role,
  ]);
  return token;
}

async function post(url: string, token: string, body: object): Promise<GraphqlAnswer> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify(body),
  });
  const { data, errors } = (await answer.json()) as { data?: GraphqlAnswer['data']; errors?: GraphqlAnswer['errors'] };
  return { status: answer.status, data: data ?? null, errors: errors ?? [] };
}

/** Live comparisons that a spec prepared; of any other Application the spoke does not answer. */
function preparedDiffs(diffs: ReadonlyMap<ApplicationId, readonly DiffEntry[]>): DiffPort {
  return {
    diff: (id) => {
      const entries = diffs.get(id);
      return entries === undefined
        ? Promise.reject(new AppError('SpokeUnreachable', 'the spoke does not answer: check its network'))
        : Promise.resolve(entries);
    },
  };
}
