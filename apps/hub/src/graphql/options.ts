// How the GraphQL server is set up: who may ask, how much, and what an answer to a failure says.
import { Inject, Injectable } from '@nestjs/common';
import type { GqlOptionsFactory } from '@nestjs/graphql';
import type { MercuriusDriverConfig } from '@nestjs/mercurius';
import type { Actor } from '@wheelwright/access';
import { Authenticator, bearerToken, unauthenticated } from '@wheelwright/access/adapters';
import { AppError, ERRORS } from '@wheelwright/kernel';
import type { FastifyRequest } from 'fastify';
import '@fastify/websocket';
import {
  specifiedRules,
  validate,
  type DocumentNode,
  type ExecutionResult,
  type FormattedExecutionResult,
  type GraphQLSchema,
} from 'graphql';
import type { WebSocket } from 'ws';
import { HUB_PARTS, type HubParts } from '../parts.js';
import { createContext, type GraphqlContext } from './context.js';
import { beginHandshake } from './handshake.js';
import { assertCost, assertText, documentLimits, MAX_DEPTH, MAX_TOKENS } from './limits.js';
import { presentAsGraphqlError, presentErrors } from './present-error.js';
import { Reader } from './reader.js';

const MAX_BODY_BYTES = 256 * 1024;
const MAX_SUBSCRIPTIONS_PER_SOCKET = 20;
const KEEP_ALIVE_MS = 20_000;

/** What a websocket's operations share: how many there were so far, and the upgrade request's id. */
interface SocketContext extends GraphqlContext {
  readonly running: Set<string | number>;
}

@Injectable()
export class GraphqlOptions implements GqlOptionsFactory<MercuriusDriverConfig> {
  /** Callers of requests in flight, from before their body is read. */
  readonly #callers = new WeakMap<FastifyRequest, Actor>();

  constructor(
    @Inject(Reader) private readonly reader: Reader,
    @Inject(Authenticator) private readonly authenticator: Authenticator,
    @Inject(HUB_PARTS) private readonly parts: HubParts,
  ) {}

  createGqlOptions(): MercuriusDriverConfig {
    return {
      path: '/graphql',
      autoSchemaFile: true,
      sortSchema: true,
      jit: 1,
      graphiql: false,
      allowBatchedQueries: false,
      queryDepth: MAX_DEPTH,
      validationRules: [documentLimits],
      graphql: { parseOptions: { maxLexicalTokens: MAX_TOKENS }, validateOptions: { maxErrors: 20 } },
      additionalRouteOptions: { bodyLimit: MAX_BODY_BYTES, preParsing: (request) => this.#authenticate(request) },
      context: (request: FastifyRequest) => this.#contextOf(request),
      errorFormatter: (execution, context) => this.#format(execution, context),
      hooks: {
        preParsing: (_schema, source) => assertText(source),
        preExecution: (schema, document, _context, variables) => assertCost(schema, { document, variables }),
        preSubscriptionExecution: (schema, document, context, id) => this.#admit({ schema, document, id }, context),
        onSubscriptionEnd: (context, id) => void socketOf(context).running.delete(id),
      },
      subscription: {
        keepAlive: KEEP_ALIVE_MS,
        context: (socket: WebSocket, request: FastifyRequest) => {
          beginHandshake(socket);
          return { requestId: request.id, running: new Set() };
        },
        onConnect: ({ payload }: { payload: unknown }) => this.#connect(payload),
      },
    };
  }

  /** Every request needs a caller before its body is read; introspection, too. A websocket says who it is in its first message. */
  async #authenticate(request: FastifyRequest): Promise<void> {
    if (isUpgrade(request)) return;
    this.#callers.set(request, await this.authenticator.authenticate(bearerToken(request)));
  }

  #contextOf(request: FastifyRequest): object {
    const actor = this.#callers.get(request);
    // Without a caller the request was refused already, and only the formatter of errors looks at this.
    return actor === undefined ? { requestId: request.id } : createContext(this.reader, actor, request.id);
  }

  /** `connection_init` carries the token as `{"authorization": "Bearer …"}`. Fails where it is not valid; Mercurius then ends the socket. */
  async #connect(payload: unknown): Promise<object> {
    const { requestId: _none, ...context } = createContext(this.reader, await this.#callerOf(payload), '');
    return context;
  }

  async #callerOf(payload: unknown): Promise<Actor> {
    if (typeof payload !== 'object' || payload === null) throw unauthenticated();
    const header =
      'authorization' in payload
        ? payload.authorization
        : 'Authorization' in payload
          ? payload.Authorization
          : undefined;
    if (typeof header !== 'string') throw unauthenticated();
    return this.authenticator.authenticate(bearerToken({ headers: { authorization: header } }));
  }

  /** Mercurius neither validates nor weighs subscriptions: here they meet the same rules as queries. */
  async #admit(
    operation: { readonly schema: GraphQLSchema; readonly document: DocumentNode; readonly id: string | number },
    given: object,
  ): Promise<void> {
    const context = socketOf(given);
    try {
      if (!(await this.authenticator.stillValid(context.actor))) throw unauthenticated();
      const [problem] = validate(operation.schema, operation.document, [...specifiedRules, documentLimits]);
      if (problem !== undefined) throw problem;
      assertCost(operation.schema, { document: operation.document });
      context.running.add(operation.id);
      if (context.running.size > MAX_SUBSCRIPTIONS_PER_SOCKET) throw tooManySubscriptions();
    } catch (error) {
      context.running.delete(operation.id);
      throw presentAsGraphqlError(error, context.requestId).error;
    }
  }

  #format(execution: ExecutionResult & { readonly errors: readonly unknown[] }, context: object): FormattedAnswer {
    const requestId = requestIdOf(context);
    const presented = presentErrors(execution.errors, requestId);
    for (const { code, failure } of presented) {
      if (failure !== undefined) this.parts.logger.error('request failed', { requestId, code, error: failure });
    }
    const [first] = presented;
    const began = execution.data != null || first?.formatted.path !== undefined;
    const statusCode = began || first === undefined ? 200 : ERRORS[first.code].http;
    return {
      statusCode,
      response: { data: execution.data ?? null, errors: presented.map(({ formatted }) => formatted) },
    };
  }
}

interface FormattedAnswer {
  readonly statusCode: number;
  readonly response: ExecutionResult | FormattedExecutionResult;
}

function isUpgrade(request: FastifyRequest): boolean {
  return request.ws;
}

/** The context that {@link GraphqlOptions} itself gave to a socket: the hooks of Mercurius know it only as some context. */
function socketOf(context: object): SocketContext {
  return context as SocketContext;
}

function requestIdOf(context: object): string {
  return 'requestId' in context && typeof context.requestId === 'string' ? context.requestId : 'unknown';
}

function tooManySubscriptions(): AppError {
  return new AppError('TooManyRequests', `one connection takes at most ${MAX_SUBSCRIPTIONS_PER_SOCKET} subscriptions`);
}
