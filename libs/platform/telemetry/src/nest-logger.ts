// Nest's own log lines, through our log.
import type { LoggerService } from '@nestjs/common';
import type { Logger } from './logger.js';

/** Pass it as `logger` to `NestFactory.create`. Nest's chatter at start is at level debug. */
export class NestLogger implements LoggerService {
  readonly #log: Logger;

  constructor(log: Logger) {
    this.#log = log;
  }

  log(message: unknown, ...rest: unknown[]): void {
    this.#log.debug(textOf(message), contextOf(rest));
  }

  debug(message: unknown, ...rest: unknown[]): void {
    this.#log.debug(textOf(message), contextOf(rest));
  }

  verbose(message: unknown, ...rest: unknown[]): void {
    this.#log.debug(textOf(message), contextOf(rest));
  }

  warn(message: unknown, ...rest: unknown[]): void {
    this.#log.warn(textOf(message), contextOf(rest));
  }

  error(message: unknown, ...rest: unknown[]): void {
    this.#log.error(textOf(message), { ...contextOf(rest), ...(message instanceof Error ? { error: message } : {}) });
  }

  fatal(message: unknown, ...rest: unknown[]): void {
    this.error(message, ...rest);
  }
}

function textOf(message: unknown): string {
  if (message instanceof Error) return 'the framework reported an error';
  return typeof message === 'string' ? message : JSON.stringify(message);
}

/** Nest passes its context (the class that logs) last. */
function contextOf(rest: readonly unknown[]): { readonly context?: string } {
  const last = rest.at(-1);
  return typeof last === 'string' ? { context: last } : {};
}
