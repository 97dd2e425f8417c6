// One table of everything that can go wrong, and the error that carries a row of it. REST, GraphQL, exit codes, retries and log levels all read it.
import type { JsonObject } from './json.js';

/** What a failure means for whoever meets it. */
export interface ErrorTraits {
  /** HTTP status of a REST answer. */
  readonly http: number;
  /** `never`: the same call fails again; `backoff`: try later; `after`: the peer said when. */
  readonly retry: 'never' | 'backoff' | 'after';
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  /** Constant title of the problem (RFC 9457 `title`). */
  readonly title: string;
}

/** Every error code and its traits. A code is also the reason in conditions, `extensions.code` in GraphQL and `urn:wheelwright:error:<code>` in REST. */
export const ERRORS = {
  InvalidRequest: { http: 400, retry: 'never', level: 'info', title: 'The request cannot be read' },
  Unauthenticated: { http: 401, retry: 'never', level: 'info', title: 'A valid bearer token is needed' },
  Forbidden: { http: 403, retry: 'never', level: 'info', title: 'The caller may not do this' },
  NotFound: { http: 404, retry: 'never', level: 'info', title: 'There is no such thing' },
  Conflict: { http: 409, retry: 'never', level: 'info', title: 'It conflicts with what is there' },
  StillInUse: { http: 409, retry: 'never', level: 'info', title: 'Something still depends on it' },
  PayloadTooLarge: { http: 413, retry: 'never', level: 'info', title: 'The request is larger than the hub takes' },
  UnsupportedMediaType: {
    http: 415,
    retry: 'never',
    level: 'info',
    title: 'The hub does not take this media type here',
  },
  InvalidDocument: { http: 422, retry: 'never', level: 'info', title: 'A document is not valid' },
  UnsupportedKind: { http: 422, retry: 'never', level: 'info', title: 'This kind is not supported' },
  TooManyRequests: { http: 429, retry: 'after', level: 'info', title: 'Too many requests' },
  Internal: { http: 500, retry: 'backoff', level: 'error', title: 'The hub failed' },
  Unavailable: { http: 503, retry: 'backoff', level: 'warn', title: 'The hub cannot do this right now' },
  CredentialsUnreadable: { http: 500, retry: 'backoff', level: 'error', title: 'Sealed credentials cannot be opened' },
  SpokeUnreachable: { http: 422, retry: 'backoff', level: 'warn', title: 'The spoke cannot be reached' },
  SpokeUnauthorized: { http: 422, retry: 'backoff', level: 'warn', title: 'The spoke refuses the credentials' },
  SpokeThrottled: { http: 503, retry: 'after', level: 'info', title: 'The spoke asks for fewer requests' },
  SpokeRejected: { http: 422, retry: 'never', level: 'info', title: 'The spoke refuses the request' },
  SpokeConflict: { http: 409, retry: 'never', level: 'info', title: 'Another manager owns a field on the spoke' },
  ExpandFailed: { http: 422, retry: 'backoff', level: 'warn', title: 'The set could not be expanded' },
  SourceFailed: { http: 422, retry: 'backoff', level: 'warn', title: 'The repository could not be read' },
  RenderFailed: { http: 422, retry: 'never', level: 'info', title: 'The source could not be rendered' },
  PolicyDenied: { http: 403, retry: 'never', level: 'info', title: 'A project does not permit this' },
  ObserveFailed: { http: 503, retry: 'backoff', level: 'warn', title: 'The live state could not be read' },
  PlanFailed: { http: 422, retry: 'backoff', level: 'warn', title: 'The change could not be planned' },
  ApplyFailed: { http: 422, retry: 'backoff', level: 'warn', title: 'The change could not be applied' },
  DeletionHeld: { http: 409, retry: 'never', level: 'warn', title: 'The deletion waits for an approval' },
  LeaseLost: { http: 503, retry: 'backoff', level: 'info', title: 'Another worker holds the spoke now' },
} as const satisfies Record<string, ErrorTraits>;

export type ErrorCode = keyof typeof ERRORS;

/** One fault inside a document: where (JSON pointer, line from 1) and what. */
export interface Fault {
  readonly pointer: string;
  readonly message: string;
  readonly line?: number;
}

export interface AppErrorOptions {
  /** Machine-readable context. Never a credential. */
  readonly details?: JsonObject;
  readonly faults?: readonly Fault[];
  readonly cause?: unknown;
}

/** The one error type that crosses a door. Its message tells an operator what happened and what to do, and never holds a credential. */
export class AppError extends Error {
  override readonly name = 'AppError';
  readonly details: JsonObject;
  readonly faults: readonly Fault[];

  constructor(
    readonly code: ErrorCode,
    message: string,
    options: AppErrorOptions = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.details = options.details ?? {};
    this.faults = options.faults ?? [];
  }

  get traits(): ErrorTraits {
    return ERRORS[this.code];
  }
}

/** The error as it stands if it is ours, otherwise wrapped (cause kept) under the code given. */
export function toAppError(error: unknown, code: ErrorCode, context: string): AppError {
  if (error instanceof AppError) return error;
  return new AppError(code, `${context}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
}

/** For the default branch of an exhaustive switch. */
export function assertUnreachable(value: never): never {
  throw new Error(`unexpected value: ${JSON.stringify(value)}`);
}
