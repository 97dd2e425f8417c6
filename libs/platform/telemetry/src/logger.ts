// JSON lines on stdout: a constant message, and values under keys from one list.
import { inspect } from 'node:util';
import { AppError } from '@wheelwright/kernel';
import { pino, stdTimeFunctions, type DestinationStream, type Logger as Pino } from 'pino';

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';

/** The keys that a line may carry: closed, so that nothing unexpected is ever logged. Ids, names, counts and digests; never a body, a manifest or a credential. */
export interface LogFields {
  readonly requestId?: string;
  readonly attemptId?: string;
  readonly clusterId?: string;
  readonly cluster?: string;
  readonly applicationId?: string;
  readonly application?: string;
  readonly applicationSet?: string;
  readonly repositoryId?: string;
  readonly revision?: string;
  readonly queue?: string;
  readonly key?: string;
  readonly outcome?: string;
  readonly room?: string;
  readonly code?: string;
  readonly digest?: string;
  readonly actor?: string;
  readonly method?: string;
  readonly route?: string;
  readonly status?: number;
  readonly count?: number;
  readonly durationMs?: number;
  readonly port?: number;
  readonly context?: string;
  readonly error?: unknown;
}

export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** The same log, with fields on every line. */
  with(fields: LogFields): Logger;
}

/** Also taken out wherever they appear one or two levels down, in case a library logs an object. */
const SECRET_KEYS = [
  'password',
  'token',
  'secret',
  'authorization',
  'cookie',
  'credentials',
  'bearerToken',
  'keyData',
  'certData',
  'connectionString',
];

/** Makes the log of one process. `destination` is for tests; by default lines go to stdout. */
export function createLogger(service: string, level: LogLevel, destination?: DestinationStream): Logger {
  const options = {
    level,
    base: { service },
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: { paths: SECRET_KEYS.flatMap((key) => [key, `*.${key}`, `*.*.${key}`]), censor: '[redacted]' },
  };
  return wrap(destination === undefined ? pino(options) : pino(options, destination));
}

/** Writes nothing: for tests, and where a log is optional. */
export const silentLogger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  with: () => silentLogger,
};

function wrap(log: Pino): Logger {
  const at =
    (level: 'debug' | 'info' | 'warn' | 'error') =>
    (message: string, fields: LogFields = {}): void => {
      if (log.isLevelEnabled(level)) log[level](plain(fields), message);
    };
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    with: (fields) => wrap(log.child(plain(fields))),
  };
}

function plain({ error, ...fields }: LogFields): Record<string, unknown> {
  return error === undefined ? fields : { ...fields, ...describeError(error) };
}

const MAX_TEXT = 2_000;
const MAX_CAUSES = 5;

/** An error as fields: its code, its message and those of its causes; the stack only where the error is not one of ours. */
function describeError(error: unknown): Record<string, unknown> {
  const messages: string[] = [];
  let at = error;
  while (at instanceof Error && messages.length < MAX_CAUSES) {
    messages.push(at.message.slice(0, MAX_TEXT));
    at = at.cause;
  }
  if (messages.length === 0) messages.push(inspect(error).slice(0, MAX_TEXT));
  const [message, ...causes] = messages.map(withoutCredentials);
  return {
    ...(error instanceof AppError ? { code: error.code } : {}),
    error: message,
    ...(causes.length > 0 ? { causes } : {}),
    ...(error instanceof Error && !(error instanceof AppError)
      ? { stack: withoutCredentials(error.stack ?? '').slice(0, MAX_TEXT) }
      : {}),
  };
}

/** Blanks the user part of addresses and bearer tokens, which messages of libraries may quote. */
export function withoutCredentials(text: string): string {
  return text.replace(/:\/\/[^/\s@]+@/g, '://[redacted]@').replace(/\b(bearer|basic) +[\w.~+/=-]+/gi, '$1 [redacted]');
}
