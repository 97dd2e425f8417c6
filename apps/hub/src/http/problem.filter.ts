// Errors of handlers, guards and pipes.
import { Catch, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { Logger } from '@wheelwright/platform-telemetry';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { answerProblem } from './answer-problem.js';

/** Answers problem+json for HTTP. Errors of GraphQL operations pass on: the GraphQL server formats those itself. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly logger: Logger) {}

  catch(thrown: unknown, host: ArgumentsHost): unknown {
    if (host.getType<'http' | 'graphql'>() !== 'http') return thrown;
    const http = host.switchToHttp();
    const exchange = { request: http.getRequest<FastifyRequest>(), reply: http.getResponse<FastifyReply>() };
    answerProblem(thrown, exchange, this.logger);
    return undefined;
  }
}
