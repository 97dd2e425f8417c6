// A text that cannot be printed by accident.
import { inspect } from 'node:util';

const REDACTED = '[redacted]';

/** Holds a secret. String conversion, JSON, `console.log` and the logger all show `[redacted]`; only {@link Secret.reveal} gives it out. */
export class Secret<T = string> {
  readonly #value: T;

  constructor(value: T) {
    this.#value = value;
  }

  /** The secret itself. Call it where it is used, and keep the result in no object. */
  reveal(): T {
    return this.#value;
  }

  toString(): string {
    return REDACTED;
  }

  toJSON(): string {
    return REDACTED;
  }

  [inspect.custom](): string {
    return REDACTED;
  }
}
