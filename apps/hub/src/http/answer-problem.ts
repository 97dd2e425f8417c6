// The one place where an error leaves the hub over HTTP, and the one place where it is logged.
import { ERRORS, type AppError } from '@wheelwright/kernel';
import type { Logger } from '@wheelwright/platform-telemetry';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { asAppError, PROBLEM_JSON, problemOf, retryAfterSeconds } from './problem.js';

/** Answers with problem+json, unless an answer is under way. */
export function answerProblem(
  thrown: unknown,
  exchange: { request: FastifyRequest; reply: FastifyReply },
  logger: Logger,
): void {
  const { request, reply } = exchange;
  const error = asAppError(thrown);
  logProblem(error, request, logger);
  if (reply.sent) return;
  const after = retryAfterSeconds(error);
  if (after !== undefined) void reply.header('retry-after', String(after));
  if (error.code === 'Unauthenticated') void reply.header('www-authenticate', 'Bearer');
  const problem = problemOf(error, request.id);
  // Bytes, because Fastify adds a charset to a text, and this media type has none.
  void reply
    .status(problem.status)
    .header('content-type', PROBLEM_JSON)
    .send(Buffer.from(JSON.stringify(problem)));
}

function logProblem(error: AppError, request: FastifyRequest, logger: Logger): void {
  const { level, http } = ERRORS[error.code];
  const fields = { requestId: request.id, code: error.code, route: request.routeOptions.url ?? '' };
  // A refusal is part of the service; a failure needs its cause and stack.
  if (http < 500) logger.debug('request refused', fields);
  else logger[level]('request failed', { ...fields, error: error.cause ?? error });
}
