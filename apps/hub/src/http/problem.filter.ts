// The one place where an error leaves the hub over HTTP, and the one place where it is logged.
import { Catch, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { ERRORS, type AppError } from '@wheelwright/kernel';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from '@wheelwright/platform-telemetry';
import { asAppError, PROBLEM_JSON, problemOf, retryAfterSeconds } from './problem.js';

/** Answers problem+json for HTTP. Errors of GraphQL operations pass on: the GraphQL server formats those itself. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly logger: Logger) {}

  catch(thrown: unknown, host: ArgumentsHost): unknown {
    if (host.getType<'http' | 'graphql'>() !== 'http') return thrown;
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    const error = asAppError(thrown);
    this.log(error, request);
    if (reply.sent) return undefined;
    const after = retryAfterSeconds(error);
    if (after !== undefined) void reply.header('retry-after', String(after));
    if (error.code === 'Unauthenticated') void reply.header('www-authenticate', 'Bearer');
    const problem = problemOf(error, request.id);
    void reply
      .status(problem.status)
      .header('content-type', PROBLEM_JSON)
      .send(Buffer.from(JSON.stringify(problem)));
    return undefined;
  }

  private log(error: AppError, request: FastifyRequest): void {
    const { level, http } = ERRORS[error.code];
    const fields = { requestId: request.id, code: error.code, route: request.routeOptions.url ?? '' };
    // A refusal is part of the service; a failure needs its cause and stack.
    if (http < 500) this.logger.debug('request refused', fields);
    else this.logger[level]('request failed', { ...fields, error: error.cause ?? error });
  }
}
