// Any error in, the RFC 9457 problem that a caller may see out.
import { HttpException } from '@nestjs/common';
import { AppError, ERRORS, type ErrorCode, type Fault } from '@wheelwright/kernel';

/** Media type of every error answer. */
export const PROBLEM_JSON = 'application/problem+json';

/** Body of an error answer. `errors` points into the document that was sent. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  /** What happened and what to do; absent from 5xx answers. */
  readonly detail?: string;
  /** Id of the request: the hub's log holds the rest under it. */
  readonly instance: string;
  readonly code: ErrorCode;
  readonly errors?: readonly Fault[];
}

/** The error as one of ours: what Nest and Fastify throw is mapped by its HTTP status, everything unknown is `Internal`. */
export function asAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  const status = httpStatusOf(error);
  if (status === undefined || status >= 500) return new AppError('Internal', 'The hub failed', { cause: error });
  return new AppError(codeOfStatus(status), messageOf(error, status), { cause: error });
}

/** The answer for an error. A 5xx says only its code and the request id. */
export function problemOf(error: AppError, requestId: string): Problem {
  const { http: status, title } = ERRORS[error.code];
  const problem = { type: `urn:wheelwright:error:${error.code}`, title, status, instance: requestId, code: error.code };
  if (status >= 500) return problem;
  return { ...problem, detail: error.message, ...(error.faults.length === 0 ? {} : { errors: error.faults }) };
}

/** Seconds for `Retry-After`, where the error says when to come back. */
export function retryAfterSeconds(error: AppError): number | undefined {
  const { retryAfterMs } = error.details;
  return typeof retryAfterMs === 'number' ? Math.max(1, Math.ceil(retryAfterMs / 1_000)) : undefined;
}

function httpStatusOf(error: unknown): number | undefined {
  if (error instanceof HttpException) return error.getStatus();
  if (typeof error !== 'object' || error === null || !('statusCode' in error)) return undefined;
  return typeof error.statusCode === 'number' ? error.statusCode : undefined;
}

function codeOfStatus(status: number): ErrorCode {
  switch (status) {
    case 401:
      return 'Unauthenticated';
    case 403:
      return 'Forbidden';
    case 404:
      return 'NotFound';
    case 409:
      return 'Conflict';
    case 413:
      return 'PayloadTooLarge';
    case 415:
      return 'UnsupportedMediaType';
    case 429:
      return 'TooManyRequests';
    default:
      return 'InvalidRequest';
  }
}

/** Words of our own: what a framework says may repeat the input, and the input may hold a credential. */
function messageOf(error: unknown, status: number): string {
  switch (status) {
    case 404:
      return 'There is no such route; GET /api/docs lists the routes';
    case 413:
      return 'The body is larger than this route takes; send fewer objects at once';
    case 415:
      return 'Send the media type that GET /api/docs names for this route';
    default:
      return isJsonFailure(error) ? 'The body is not valid JSON' : 'The request cannot be read';
  }
}

function isJsonFailure(error: unknown): boolean {
  if (error instanceof SyntaxError) return true;
  return (
    error instanceof Error && 'code' in error && typeof error.code === 'string' && error.code.startsWith('FST_ERR_CTP')
  );
}
