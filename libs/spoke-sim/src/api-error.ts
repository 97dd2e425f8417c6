// What went wrong in, the HTTP status and `Status` object that a Kubernetes API server answers with out.
import type { Json, JsonMap } from './json.js';

/** Names the object or the resource that an error is about. */
export interface Subject {
  readonly group: string;
  /** Plural resource name (`deployments`), or the kind where the real server says the kind. */
  readonly resource: string;
  readonly name?: string;
}

/** One entry of `details.causes`. */
export interface Cause {
  readonly reason: string;
  readonly message: string;
  readonly field?: string;
}

interface Failure {
  readonly code: number;
  readonly reason: string;
  readonly message: string;
  readonly subject?: Subject;
  readonly causes?: readonly Cause[];
  readonly retryAfterSeconds?: number;
}

/** An answer other than success. Thrown by every part of the simulator, turned into a response in one place. */
export class ApiError extends Error {
  constructor(readonly failure: Failure) {
    super(failure.message);
  }

  get code(): number {
    return this.failure.code;
  }

  /** The body, as `metav1.Status`. */
  status(): JsonMap {
    const { code, reason, message, subject, causes, retryAfterSeconds } = this.failure;
    const details: JsonMap = {};
    if (subject?.name !== undefined && subject.name !== '') details.name = subject.name;
    if (subject !== undefined && subject.group !== '') details.group = subject.group;
    if (subject !== undefined) details.kind = subject.resource;
    if (causes !== undefined && causes.length > 0) details.causes = causes.map((cause): Json => ({ ...cause }));
    if (retryAfterSeconds !== undefined) details.retryAfterSeconds = retryAfterSeconds;
    const body: JsonMap = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason };
    if (Object.keys(details).length > 0) body.details = details;
    body.code = code;
    return body;
  }
}

/** `deployments.apps "web"`, as messages name an object. */
function named(subject: Subject): string {
  const resource = subject.group === '' ? subject.resource : `${subject.resource}.${subject.group}`;
  return `${resource} "${subject.name ?? ''}"`;
}

export const notFound = (subject: Subject): ApiError =>
  new ApiError({ code: 404, reason: 'NotFound', message: `${named(subject)} not found`, subject });

/** For a path that no resource is served at. */
export const noSuchResource = (): ApiError =>
  new ApiError({
    code: 404,
    reason: 'NotFound',
    message: 'the server could not find the requested resource',
  });

export const alreadyExists = (subject: Subject): ApiError =>
  new ApiError({ code: 409, reason: 'AlreadyExists', message: `${named(subject)} already exists`, subject });

export const conflict = (subject: Subject, why: string): ApiError =>
  new ApiError({
    code: 409,
    reason: 'Conflict',
    message: `Operation cannot be fulfilled on ${named(subject)}: ${why}`,
    subject,
  });

/** A write made from an older resourceVersion than the stored one. */
export const staleVersion = (subject: Subject): ApiError =>
  conflict(subject, 'the object has been modified; please apply your changes to the latest version and try again');

/** 422 with the fields at fault; `subject.resource` is the kind here, as in the real server. */
export function invalid(subject: Subject, causes: readonly Cause[]): ApiError {
  const parts = causes.map((cause) => `${cause.field ?? ''}: ${cause.message}`);
  const list = parts.length === 1 ? (parts[0] ?? '') : `[${parts.join(', ')}]`;
  return new ApiError({
    code: 422,
    reason: 'Invalid',
    message: `${named(subject)} is invalid: ${list}`,
    subject,
    causes,
  });
}

export const badRequest = (message: string): ApiError => new ApiError({ code: 400, reason: 'BadRequest', message });

export const unauthorized = (): ApiError =>
  new ApiError({ code: 401, reason: 'Unauthorized', message: 'Unauthorized' });

export const forbidden = (subject: Subject, why: string, causes: readonly Cause[] = []): ApiError =>
  new ApiError({ code: 403, reason: 'Forbidden', message: `${named(subject)} is forbidden: ${why}`, subject, causes });

export const methodNotAllowed = (): ApiError =>
  new ApiError({
    code: 405,
    reason: 'MethodNotAllowed',
    message: 'the server does not allow this method on the requested resource',
  });

export const unsupportedMediaType = (): ApiError =>
  new ApiError({ code: 415, reason: 'UnsupportedMediaType', message: '415: Unsupported Media Type' });

export const payloadTooLarge = (): ApiError =>
  new ApiError({ code: 413, reason: 'RequestEntityTooLarge', message: 'Request entity too large: limit is 3145728' });

export const tooManyRequests = (retryAfterSeconds: number): ApiError =>
  new ApiError({
    code: 429,
    reason: 'TooManyRequests',
    message: 'Too many requests, please try again later.',
    retryAfterSeconds,
  });

export const expired = (message: string): ApiError => new ApiError({ code: 410, reason: 'Expired', message });

/** A resourceVersion that this server has not reached yet. */
export const tooLargeVersion = (wanted: number, current: number): ApiError =>
  new ApiError({
    code: 504,
    reason: 'Timeout',
    message: `Timeout: Too large resource version: ${String(wanted)}, current: ${String(current)}`,
    causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
    retryAfterSeconds: 1,
  });

/** 409 of server-side apply: who owns which of the fields that the applied configuration would change. */
export function applyConflict(
  conflicts: readonly { readonly manager: string; readonly fields: readonly string[] }[],
): ApiError {
  const causes = conflicts.flatMap(({ manager, fields }) =>
    fields.map((field) => ({ reason: 'FieldManagerConflict', message: `conflict with ${manager}`, field })),
  );
  const one = causes[0];
  const message =
    causes.length === 1 && one !== undefined
      ? `Apply failed with 1 conflict: ${one.message}: ${one.field}`
      : `Apply failed with ${String(causes.length)} conflicts: ${conflicts
          .map(({ manager, fields }) => `conflicts with ${manager}:\n${fields.map((field) => `- ${field}`).join('\n')}`)
          .join('\n')}`;
  return new ApiError({ code: 409, reason: 'Conflict', message, causes });
}
